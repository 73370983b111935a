package startup

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"berth.dev/utility/internal/say"
	"golang.org/x/sys/unix"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// lab is one pod: a home, a place for the two files, and the image's own files.
type lab struct {
	t      *testing.T
	home   string
	places Places
	env    map[string]string
	log    bytes.Buffer
}

func newLab(t *testing.T) *lab {
	t.Helper()
	base := t.TempDir()
	l := &lab{t: t, home: filepath.Join(base, "home", "rachel"), env: map[string]string{}}
	l.places = Places{
		Startup: filepath.Join(base, "startup"), Skeleton: filepath.Join(base, "skel"), Temporary: filepath.Join(base, "tmp"),
		Dircolors: filepath.Join(base, "dircolors"), Logging: filepath.Join(base, "20-logging.py"),
	}
	for _, directory := range []string{l.home, l.places.Startup, l.places.Skeleton, l.places.Temporary} {
		must(t, os.MkdirAll(directory, 0o755))
	}
	must(t, os.WriteFile(l.places.Dircolors, []byte("DIR 34\n"), 0o644))
	must(t, os.WriteFile(l.places.Logging, []byte("import logging\n"), 0o644))
	l.env["NUBLADO_HOME"] = l.home
	l.env["SCRATCH_PATH"] = filepath.Join(base, "scratch")
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *lab) start() int {
	l.log.Reset()
	return Run(func(name string) string { return l.env[name] }, l.places, say.New(&l.log, true), noon)
}

func (l *lab) started() (env map[string]string, args []string) {
	l.t.Helper()
	if code := l.start(); code != 0 {
		l.t.Fatalf("exit %d: %s", code, l.log.String())
	}
	l.readJSON("env.json", &env)
	l.readJSON("args.json", &args)
	return env, args
}

func (l *lab) readJSON(name string, into any) {
	l.t.Helper()
	content, err := os.ReadFile(filepath.Join(l.places.Startup, name))
	must(l.t, err)
	must(l.t, json.Unmarshal(content, into))
}

func (l *lab) put(name, content string) {
	l.t.Helper()
	full := filepath.Join(l.home, name)
	must(l.t, os.MkdirAll(filepath.Dir(full), 0o755))
	must(l.t, os.WriteFile(full, []byte(content), 0o644))
}

func (l *lab) get(name string) string {
	content, err := os.ReadFile(filepath.Join(l.home, name))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(content)
}

func (l *lab) has(name string) bool {
	_, err := os.Lstat(filepath.Join(l.home, name))
	return err == nil
}

func TestWritesWhatTheReferenceShows(t *testing.T) {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/repertoire/discovery" {
			_, _ = w.Write([]byte(`{"services":{"ui":{"portal":{"url":"https://rsp.example.org/portal/app/"}}}}`))
		}
	}))
	defer portal.Close()
	l := newLab(t)
	must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
	maps.Copy(l.env, map[string]string{
		"CPU_LIMIT": "4.0", "JUPYTER_IMAGE_SPEC": "registry/lab:w_1@sha256:abcd", "NO_ACTIVITY_TIMEOUT": "432000",
		"AWS_SHARED_CREDENTIALS_FILE": "/etc/nublado/secrets/aws-credentials.ini",
		"PGPASSFILE":                  "/etc/nublado/secrets/postgres-credentials.txt", "EXTERNAL_INSTANCE_URL": portal.URL,
	})
	env, args := l.started()
	scratch := filepath.Join(l.env["SCRATCH_PATH"], "rachel")
	want := map[string]string{
		"AWS_SHARED_CREDENTIALS_FILE": l.home + "/.lsst/aws-credentials.ini", "DAF_BUTLER_CACHE_DIRECTORY": scratch + "/butler_cache",
		"FIREFLY_URL": "https://rsp.example.org/portal/app/", "HOME": l.home, "IMAGE_DIGEST": "abcd", "JUPYTER_PREFER_ENV_PATH": "no",
		"ORIG_AWS_SHARED_CREDENTIALS_FILE": "/etc/nublado/secrets/aws-credentials.ini",
		"ORIG_PGPASSFILE":                  "/etc/nublado/secrets/postgres-credentials.txt",
		"PGPASSFILE":                       l.home + "/.lsst/postgres-credentials.txt", "RUNNING_INSIDE_JUPYTERLAB": "TRUE",
		"SCRATCH_DIR": scratch, "TMPDIR": scratch + "/tmp", "USER": "rachel",
	}
	for _, name := range threadVariables {
		want[name] = "4"
	}
	if !reflect.DeepEqual(env, want) {
		t.Errorf("got  %v\nwant %v", env, want)
	}
	if args[0] != "jupyterhub-singleuser" || args[12] != "--notebook-dir="+l.home || args[13] != "--log-level=INFO" ||
		args[14] != "--ServerApp.shutdown_no_activity_timeout=432000" || len(args) != 15 {
		t.Errorf("args %q", args)
	}
	for _, name := range []string{scratch, scratch + "/tmp", scratch + "/butler_cache"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s is not private: %v %v", name, info, err)
		}
	}
}

func TestWritesJSONAsTheLauncherReadsIt(t *testing.T) {
	l := newLab(t)
	l.started()
	text, err := os.ReadFile(filepath.Join(l.places.Startup, "env.json"))
	must(t, err)
	if !strings.HasPrefix(string(text), "{\n  \"CPU_COUNT\": \"1\",\n") || strings.HasSuffix(string(text), "\n") {
		t.Errorf("env.json is %q", text)
	}
	entries, err := os.ReadDir(l.places.Startup)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("there is more than two files: %v", entries)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%v %v", info, err)
		}
	}
}

func TestPassesTimeoutsAndDebugOn(t *testing.T) {
	l := newLab(t)
	for _, pair := range timeoutArguments {
		l.env[pair[0]] = "7 s"
	}
	l.env["DEBUG"] = "FALSE"
	if _, args := l.started(); !slices.Contains(args, "--log-level=INFO") ||
		!slices.Equal(args[14:], []string{
			"--ServerApp.shutdown_no_activity_timeout=7 s", "--MappingKernelManager.cull_idle_timeout=7 s",
			"--MappingKernelManager.cull_connected=7 s", "--MappingKernelManager.cull_interval=7 s",
			"--TerminalManager.cull_inactive_timeout=7 s", "--TerminalManager.cull_interval=7 s",
		}) {
		t.Errorf("args %q", args)
	}
	l.env["DEBUG"] = "TRUE"
	if _, args := l.started(); !slices.Contains(args, "--log-level=DEBUG") {
		t.Errorf("args %q", args)
	}
}

func TestCountsWholeCPUs(t *testing.T) {
	for limit, want := range map[string]int{
		"": 1, "0.5": 1, "1.9": 1, "2.0": 2, "16": 16, "inf": 1, "nan": 1, "many": 1, "-3": 1, "1e300": 1,
	} {
		if got := wholeCPUs(limit); got != want {
			t.Errorf("%q: %d, not %d", limit, got, want)
		}
	}
}

func TestNamesTheUserByWhoeverKnows(t *testing.T) {
	l := newLab(t)
	l.env["JUPYTERHUB_USER"] = "rachel-of-the-hub"
	if env, _ := l.started(); env["USER"] != "rachel-of-the-hub" {
		t.Errorf("USER is %q", env["USER"])
	}
	l.env["JUPYTERHUB_USER"] = "../ruth"
	if env, _ := l.started(); env["USER"] != "rachel" {
		t.Errorf("USER is %q", env["USER"])
	}
}

func TestPutsScratchBelowTheInitialWhereHomesAre(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
	l.env["HOMEDIR_SCHEMA"] = "initialThenUsername"
	env, _ := l.started()
	if env["SCRATCH_DIR"] != filepath.Join(l.env["SCRATCH_PATH"], "r", "rachel") {
		t.Errorf("SCRATCH_DIR is %q", env["SCRATCH_DIR"])
	}
	info, err := os.Stat(filepath.Join(l.env["SCRATCH_PATH"], "r"))
	if err != nil || info.Mode().Perm() != 0o777 || info.Mode()&os.ModeSticky == 0 {
		t.Errorf("others with this initial cannot use it: %v, %v", info, err)
	}
}

func TestLeavesChosenDirectoriesAlone(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
	l.env["TMPDIR"], l.env["DAF_BUTLER_CACHE_DIRECTORY"] = "/mine", "/mine too"
	env, _ := l.started()
	for _, name := range []string{"TMPDIR", "DAF_BUTLER_CACHE_DIRECTORY", "SCRATCH_DIR"} {
		if value, there := env[name]; there {
			t.Errorf("%s is %q", name, value)
		}
	}
}

func TestExpandsOnlyTheUsersOwnTilde(t *testing.T) {
	l := newLab(t)
	for given, want := range map[string]string{
		"~": l.home, "~/panda": l.home + "/panda", "~rachel/panda": l.home + "/panda", "~ruth/panda": "", "/etc": "", ".": "", "": "",
	} {
		l.env["PANDA_CONFIG_ROOT"] = given
		if env, _ := l.started(); env["PANDA_CONFIG_ROOT"] != want {
			t.Errorf("%q: %q", given, env["PANDA_CONFIG_ROOT"])
		}
	}
}

func TestStartsWhateverDiscoveryAnswers(t *testing.T) {
	for what, answer := range map[string]http.HandlerFunc{
		"a login page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>log in")) },
		"an error":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"a redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"no portal":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"services":{}}`)) },
		"another form": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[1]`)) },
	} {
		t.Run(what, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			l := newLab(t)
			l.env["REPERTOIRE_BASE_URL"] = server.URL
			if env, _ := l.started(); env["FIREFLY_URL"] != "" || env["ABNORMAL_STARTUP"] != "" {
				t.Errorf("env %v", env)
			}
		})
	}
}

func TestMovesSettingsAwayOnceAPod(t *testing.T) {
	l := newLab(t)
	l.env["RESET_USER_ENV"], l.env["RSP_SITE_TYPE"] = "TRUE", "science"
	for _, name := range []string{".cache/a", ".config/b", ".jupyter/c", "notebooks/.user_setups", "kept"} {
		l.put(name, name)
	}
	l.started()
	aside := ".user_env.20261121120000/"
	for _, name := range []string{"cache/a", "config/b", "jupyter/c", "notebooks/user_setups"} {
		if !l.has(aside + name) {
			t.Errorf("%s was not moved", name)
		}
	}
	if !l.has("kept") || l.has("notebooks/.user_setups") || l.has(".jupyter/c") {
		t.Error("the wrong things were moved")
	}
	viewers := ".jupyter/lab/user-settings/@jupyterlab/docmanager-extension/plugin.jupyterlab-settings"
	if !strings.Contains(l.get(viewers), "Markdown Preview") {
		t.Error("what landingpage had set is gone")
	}
	l.put(".config/fresh", "")
	l.started()
	if !l.has(".config/fresh") {
		t.Error("a restarted container moved the fresh settings")
	}
}

func TestMovesASetupsFileThatIsAlone(t *testing.T) {
	l := newLab(t)
	l.env["RESET_USER_ENV"] = "yes"
	l.put("notebooks/.user_setups", "setup")
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" || l.get(".user_env.20261121120000/notebooks/user_setups") != "setup" {
		t.Errorf("env %v", env)
	}
}

func TestDoesNotResetForAPlainNo(t *testing.T) {
	l := newLab(t)
	l.env["RESET_USER_ENV"] = "FALSE"
	l.put(".config/b", "")
	l.started()
	if !l.has(".config/b") {
		t.Error("moved")
	}
}

func TestFailsIfNothingCouldBeStarted(t *testing.T) {
	l := newLab(t)
	must(t, os.RemoveAll(l.places.Startup))
	if code := l.start(); code != 1 || !strings.Contains(l.log.String(), `"severity":"error"`) {
		t.Errorf("exit %d: %s", code, l.log.String())
	}
}

func TestNeverLogsASecret(t *testing.T) {
	l := newLab(t)
	secrets := filepath.Join(t.TempDir(), "pg")
	must(t, os.WriteFile(secrets, []byte("db:5432:*:rachel:sesame\n"), 0o600))
	l.env["PGPASSFILE"], l.env["ACCESS_TOKEN"], l.env["DEBUG"] = secrets, "gt-token", "1"
	env, args := l.started()
	if text, _ := json.Marshal([]any{env, args, l.log.String()}); bytes.Contains(text, []byte("sesame")) || bytes.Contains(text, []byte("gt-token")) {
		t.Errorf("%s", text)
	}
}

func TestTakesNoScratchThatCannotBeUsed(t *testing.T) {
	for what, prepare := range map[string]func(*lab, string){
		"a volume that is not there": func(*lab, string) {},
		"a file in the way":          func(_ *lab, own string) { must(t, os.WriteFile(own, nil, 0o644)) },
		"a link that leads nowhere":  func(_ *lab, own string) { must(t, os.Symlink("nowhere", own)) },
		"another user's directory": func(_ *lab, own string) {
			must(t, os.Mkdir(own, 0o777))
			if os.Geteuid() == 0 {
				must(t, os.Chown(own, 20_001, 20_001))
			} else {
				must(t, os.Chmod(own, 0))
			}
		},
		"another user's link": func(l *lab, own string) {
			target := filepath.Join(l.t.TempDir(), "elsewhere")
			must(t, os.Mkdir(target, 0o777))
			must(t, os.Symlink(target, own))
			if os.Geteuid() == 0 {
				must(t, os.Lchown(own, 20_001, 20_001))
			} else {
				must(t, os.Chmod(target, 0o555))
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			l := newLab(t)
			own := filepath.Join(l.env["SCRATCH_PATH"], "rachel")
			if what != "a volume that is not there" {
				must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
			}
			prepare(l, own)
			env, _ := l.started()
			if env["TMPDIR"] != "" || env["SCRATCH_DIR"] != "" || env["ABNORMAL_STARTUP"] != "" ||
				env["DAF_BUTLER_CACHE_DIRECTORY"] != filepath.Join(l.places.Temporary, "butler_cache") {
				t.Errorf("env %v", env)
			}
		})
	}
}

func TestLeavesTheModesOfAScratchThatIsThere(t *testing.T) {
	l := newLab(t)
	own := filepath.Join(l.env["SCRATCH_PATH"], "rachel")
	must(t, os.MkdirAll(own, 0o755))
	must(t, os.Chmod(own, 0o750))
	if env, _ := l.started(); env["SCRATCH_DIR"] != own {
		t.Errorf("env %v", env)
	}
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("%v %v", info, err)
	}
}

// Names of other alphabets begin with a letter of more than one byte.
func TestAnInitialIsALetter(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
	l.env["HOMEDIR_SCHEMA"], l.env["JUPYTERHUB_USER"] = "initialThenUsername", "émilie"
	if env, _ := l.started(); env["SCRATCH_DIR"] != filepath.Join(l.env["SCRATCH_PATH"], "é", "émilie") {
		t.Errorf("SCRATCH_DIR is %q", env["SCRATCH_DIR"])
	}
}

func TestNothingInTheHomeMakesTheStartWait(t *testing.T) {
	names := []string{".gitconfig", ".config/dask/a.yaml", ".ipython/profile_default/startup/20-logging.py", ".lsst/aws.ini"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			site := filepath.Join(t.TempDir(), "aws.ini")
			must(t, os.WriteFile(site, []byte("[site]\nkey = x\n"), 0o600))
			l.env["AWS_SHARED_CREDENTIALS_FILE"] = site
			must(t, os.MkdirAll(filepath.Dir(filepath.Join(l.home, name)), 0o755))
			must(t, unix.Mkfifo(filepath.Join(l.home, name), 0o600))
			done := make(chan map[string]string, 1)
			go func() {
				env, _ := l.started()
				done <- env
			}()
			select {
			case env := <-done:
				if env["ABNORMAL_STARTUP"] != "" {
					t.Errorf("env %v", env)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("somebody waits for the other end of the pipe")
			}
		})
	}
}
