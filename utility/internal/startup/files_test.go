package startup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const outputs = ".jupyter/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"

func (l *lab) site(variable, content string) {
	l.t.Helper()
	name := filepath.Join(l.t.TempDir(), "site-credentials")
	must(l.t, os.WriteFile(name, []byte(content), 0o644))
	l.env[variable] = name
}

func TestLaysTheSitesCredentialsOverTheUsers(t *testing.T) {
	l := newLab(t)
	l.site("AWS_SHARED_CREDENTIALS_FILE", "[default]\naws_access_key_id=site\naws_secret_access_key = 50%\n[site]\nkey = new\n")
	l.put(".lsst/site-credentials", "# mine\n[default]\naws_access_key_id = old\n  and more\nregion = eu\n\nnonsense\n[own]\nKey = v\n")
	l.started()
	want := "# mine\n[default]\naws_access_key_id = site\nregion = eu\n\nnonsense\naws_secret_access_key = 50%\n\n[own]\nKey = v\n\n" +
		"[site]\nkey = new\n\n"
	if got := l.get(".lsst/site-credentials"); got != want {
		t.Errorf("got\n%s", got)
	}
	info, err := os.Stat(filepath.Join(l.home, ".lsst/site-credentials"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
	l.started()
	if got := l.get(".lsst/site-credentials"); got != want {
		t.Errorf("a second start changes it:\n%s", got)
	}
}

func TestMakesCredentialsThatNobodyElseReads(t *testing.T) {
	l := newLab(t)
	l.site("PGPASSFILE", "db:5432:*:rachel:one\n")
	l.started()
	for name, mode := range map[string]os.FileMode{".lsst": 0o700, ".lsst/site-credentials": 0o600} {
		if info, err := os.Stat(filepath.Join(l.home, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

func TestASiteWithoutTheFileIsAnOrdinaryStart(t *testing.T) {
	l := newLab(t)
	l.env["PGPASSFILE"], l.env["AWS_SHARED_CREDENTIALS_FILE"] = "/nowhere/pg", "/nowhere/aws"
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" || l.has(".lsst") {
		t.Errorf("env %v", env)
	}
}

func TestMergesPasswordsAsLibpqReadsThem(t *testing.T) {
	cases := map[string][3]string{
		"replaces in place":            {"h:1:d:u:new\n", "# c\nh:1:d:u:old\nx:1:d:u:p\n", "# c\nh:1:d:u:new\nx:1:d:u:p\n"},
		"goes before a wildcard":       {"h:1:d:u:new\n", "x:1:d:u:p\n*:*:*:u:all\n", "x:1:d:u:p\nh:1:d:u:new\n*:*:*:u:all\n"},
		"does not hide what is closer": {"h:1:*:u:new\n", "h:1:d:u:mine\n", "h:1:d:u:mine\nh:1:*:u:new\n"},
		"understands escapes":          {`h\:x:1:d:u:a:b` + "\n", `h\:x:1:d:u:old` + "\n", `h\:x:1:d:u:a:b` + "\n"},
		"drops nothing":                {"h:1:d:u:p\n", "nonsense\n", "nonsense\nh:1:d:u:p\n"},
		"starts from nothing":          {"h:1:d:u:p  \n\n# c\n", "", "h:1:d:u:p\n"},
	}
	for what, texts := range cases {
		t.Run(what, func(t *testing.T) {
			if got := mergePasswords(texts[0], texts[1]); got != texts[2] {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestDaskRules(t *testing.T) {
	const good = `{JUPYTERHUB_PUBLIC_URL}proxy/{port}/status`
	cases := map[string]struct {
		file, content string
		want          map[string]string
	}{
		"makes the file": {"", "", map[string]string{
			"dashboard.yaml": "distributed:\n  dashboard:\n    link: '" + good + "'\n"}},
		"keeps other settings and comments": {"dashboard.yaml", "# mine\nother: 1\ndistributed:\n  scheduler: {port: 1}\n",
			map[string]string{"dashboard.yaml": "# mine\nother: 1\ndistributed:\n  scheduler: {port: 1}\n  dashboard:\n    link: '" + good + "'\n"}},
		"respects a link of the user's": {"mine.yml", "distributed: {dashboard: {link: 'https://x/{port}'}}\n",
			map[string]string{"mine.yml": "distributed: {dashboard: {link: 'https://x/{port}'}}\n", "dashboard.yaml": ""}},
		"brings the former link up to date": {
			"old.yaml", "a: null # why\ndistributed:\n  dashboard:\n    link: \"{EXTERNAL_INSTANCE_URL}{JUPYTERHUB_SERVICE_PREFIX}proxy/{port}/status\"\n",
			map[string]string{
				"old.yaml": "a: null # why\ndistributed:\n  dashboard:\n    link: \"" + good + "\"\n",
				"old.yaml.2026-11-21": "a: null # why\ndistributed:\n  dashboard:\n    link: \"{EXTERNAL_INSTANCE_URL}" +
					"{JUPYTERHUB_SERVICE_PREFIX}proxy/{port}/status\"\n", "dashboard.yaml": ""}},
		"moves a hollow file away": {"hollow.yaml", "a: {b: null}\n", map[string]string{
			"hollow.yaml": "", "hollow.yaml.2026-11-21": "a: {b: null}\n"}},
		"moves a malformed file away": {"bad.yml", "a: [\n", map[string]string{"bad.yml": "", "bad.yml.2026-11-21": "a: [\n"}},
		"leaves a list alone":         {"dashboard.yaml", "[1]\n", map[string]string{"dashboard.yaml": "[1]\n"}},
		"leaves a text alone":         {"dashboard.yaml", "distributed: text\n", map[string]string{"dashboard.yaml": "distributed: text\n"}},
	}
	for what, each := range cases {
		t.Run(what, func(t *testing.T) {
			l := newLab(t)
			if each.file != "" {
				l.put(".config/dask/"+each.file, each.content)
			}
			if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" {
				t.Errorf("env %v", env)
			}
			for name, want := range each.want {
				if got := l.get(".config/dask/" + name); want == "" && l.has(".config/dask/"+name) || want != "" && got != want {
					t.Errorf("%s: %s", name, got)
				}
			}
		})
	}
}

func TestCopiesTheSkeletonWithoutTouchingAnything(t *testing.T) {
	l := newLab(t)
	for name, content := range map[string]string{".bashrc": "site", ".gitconfig": "[user]\n", "sub/a": "a", "file/b": "b", "z": "z"} {
		full := filepath.Join(l.places.Skeleton, name)
		must(t, os.MkdirAll(filepath.Dir(full), 0o755))
		must(t, os.WriteFile(full, []byte(content), 0o755))
	}
	l.put(".bashrc", "mine")
	l.put("file", "in the way of a folder")
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" {
		t.Errorf("env %v", env)
	}
	if l.get(".bashrc") != "mine" || l.get("sub/a") != "a" || l.get("z") != "z" || l.get("file") != "in the way of a folder" {
		t.Error("the skeleton is not as it should be")
	}
	if got := l.get(".gitconfig"); got != "[user]\n"+gitLFS {
		t.Errorf(".gitconfig is %q", got)
	}
	if info, _ := os.Stat(filepath.Join(l.home, "z")); info.Mode().Perm() != 0o644 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
}

func TestSetsUpGitLFSOnce(t *testing.T) {
	for name, content := range map[string]string{".gitconfig": "  [filter \"lfs\"]\n", ".config/git/config": "[filter \"lfs\"]"} {
		l := newLab(t)
		l.put(name, content)
		l.started()
		if l.get(name) != content || name != ".gitconfig" && l.has(".gitconfig") {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestReplacesTheLoggingProfileOnlyIfTheUserDidNotWriteIt(t *testing.T) {
	l := newLab(t)
	l.started()
	if l.get(loggingProfile) != "import logging\n" {
		t.Errorf("profile %q", l.get(loggingProfile))
	}
	config := t.TempDir()
	must(t, os.Mkdir(filepath.Join(config, "etc"), 0o755))
	must(t, os.WriteFile(filepath.Join(config, "etc/20-logging.py"), []byte("of the site"), 0o644))
	l.env["JUPYTERLAB_CONFIG_DIR"] = config
	for _, own := range []string{"edited", ""} {
		l.put(loggingProfile, own)
		l.started()
		if l.get(loggingProfile) != own {
			t.Errorf("an edited profile became %q", l.get(loggingProfile))
		}
	}
	must(t, os.Remove(filepath.Join(l.home, loggingProfile)))
	l.started()
	if l.get(loggingProfile) != "of the site" {
		t.Errorf("profile %q", l.get(loggingProfile))
	}
}

func TestCopiesColoursIfAbsent(t *testing.T) {
	l := newLab(t)
	l.started()
	if l.get(".dir_colors") != "DIR 34\n" {
		t.Errorf("colours %q", l.get(".dir_colors"))
	}
	l.put(".dir_colors", "mine")
	l.started()
	if l.get(".dir_colors") != "mine" {
		t.Error("the user's colours are gone")
	}
}

func TestRaisesTheOutputLimit(t *testing.T) {
	for given, want := range map[string]string{
		"":                                   "{\n    \"maxNumberOutputs\": 10000\n}",
		`{"maxNumberOutputs": 50, "b": "<"}`: "{\n    \"b\": \"<\",\n    \"maxNumberOutputs\": 10000\n}",
		`{"maxNumberOutputs": 20000}`:        `{"maxNumberOutputs": 20000}`,
		"{\n// why\n\"a\": \"//\",\n}":       "{\n  \"maxNumberOutputs\": 10000,\n// why\n\"a\": \"//\",\n}",
		"{ // c\n\"maxNumberOutputs\": 5 }":  "{ // c\n\"maxNumberOutputs\": 5 }",
		"not JSON":                           "not JSON",
	} {
		l := newLab(t)
		if given != "" {
			l.put(outputs, given)
		}
		if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" || l.get(outputs) != want {
			t.Errorf("%q became %q", given, l.get(outputs))
		}
	}
}

// As root, no link in a home leads anywhere else; as the user, one may lead where the user may go.
func TestFollowsLinksWithTheUsersRightsOnly(t *testing.T) {
	l := newLab(t)
	elsewhere := t.TempDir()
	for _, name := range []string{".cache", ".config", ".ipython", ".jupyter", ".lsst"} {
		must(t, os.Symlink(elsewhere, filepath.Join(l.home, name)))
	}
	must(t, os.Symlink(filepath.Join(elsewhere, "gitconfig"), filepath.Join(l.home, ".gitconfig")))
	l.site("PGPASSFILE", "db:5432:*:rachel:one\n")
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" {
		t.Errorf("env %v", env)
	}
	entries, err := os.ReadDir(elsewhere)
	must(t, err)
	if os.Geteuid() == 0 && len(entries) > 0 {
		t.Errorf("root wrote outside the home: %v", entries)
	}
	if os.Geteuid() != 0 && (len(entries) == 0 || !strings.Contains(l.get(".gitconfig"), "lfs")) {
		t.Errorf("the user's links were not followed: %v", entries)
	}
}
