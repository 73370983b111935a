package startup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const welcome = "notebooks/tutorials/welcome.md"

func (l *lab) abnormally() (env map[string]string) {
	l.t.Helper()
	env, args := l.started()
	if env["ABNORMAL_STARTUP"] != "TRUE" {
		l.t.Fatalf("a normal start: %v\n%s", env, l.log.String())
	}
	if !strings.Contains(strings.Join(args, " "), "--notebook-dir="+env["HOME"]+" ") {
		l.t.Errorf("args %q for the home %s", args, env["HOME"])
	}
	return env
}

func TestGivesAnotherHomeForOneThatIsMissing(t *testing.T) {
	l := newLab(t)
	must(t, os.RemoveAll(l.home))
	env := l.abnormally()
	if env["ABNORMAL_STARTUP_ERRNO"] != "2" || env["ABNORMAL_STARTUP_ERRORCODE"] != "ENOENT" ||
		env["ABNORMAL_STARTUP_STRERROR"] != "No such file or directory" ||
		env["ABNORMAL_STARTUP_MESSAGE"] != "[Errno 2] No such file or directory: '"+l.home+"'" {
		t.Errorf("env %v", env)
	}
	page, err := os.ReadFile(filepath.Join(env["HOME"], welcome))
	must(t, err)
	if env["HOME"] != l.places.Temporary || !strings.Contains(string(page), "ENOENT") || !strings.Contains(string(page), l.home) {
		t.Errorf("HOME %s, page %s", env["HOME"], page)
	}
}

func TestSaysThatTheVariableIsMissing(t *testing.T) {
	for _, home := range []string{"", "/tmp", "rachel"} {
		l := newLab(t)
		l.env["NUBLADO_HOME"] = home
		if env := l.abnormally(); env["ABNORMAL_STARTUP_ERRNO"] != "200" || env["ABNORMAL_STARTUP_ERRORCODE"] != "EBADENV" {
			t.Errorf("%q: %v", home, env)
		}
	}
}

func TestPutsThePageIntoTheScratchThatBecomesTheHome(t *testing.T) {
	l := newLab(t)
	must(t, os.Mkdir(l.env["SCRATCH_PATH"], 0o777))
	l.env["AWS_SHARED_CREDENTIALS_FILE"], l.env["PANDA_CONFIG_ROOT"] = "/secrets/aws.ini", "~/panda"
	must(t, os.RemoveAll(l.home))
	env := l.abnormally()
	scratch := filepath.Join(l.env["SCRATCH_PATH"], "rachel")
	if env["HOME"] != scratch || env["PANDA_CONFIG_ROOT"] != scratch+"/panda" {
		t.Errorf("env %v", env)
	}
	if env["AWS_SHARED_CREDENTIALS_FILE"] != "/secrets/aws.ini" {
		t.Errorf("credentials are looked for in the broken home: %s", env["AWS_SHARED_CREDENTIALS_FILE"])
	}
	if _, err := os.Stat(filepath.Join(scratch, welcome)); err != nil {
		t.Error(err)
	}
}

func TestLeavesAUsersPageInScratchAlone(t *testing.T) {
	l := newLab(t)
	page := filepath.Join(l.env["SCRATCH_PATH"], "rachel", welcome)
	must(t, os.MkdirAll(filepath.Dir(page), 0o755))
	must(t, os.WriteFile(page, []byte("mine"), 0o644))
	must(t, os.RemoveAll(l.home))
	l.abnormally()
	if content, _ := os.ReadFile(page); string(content) != "mine" {
		t.Errorf("page %s", content)
	}
}

func TestAFullHomeIsAbnormalWithTheErrorAndWithoutRemains(t *testing.T) {
	l := newLab(t)
	mountFull(t, l.home)
	env := l.abnormally()
	if env["ABNORMAL_STARTUP_ERRORCODE"] != "ENOSPC" || env["ABNORMAL_STARTUP_ERRNO"] != "28" {
		t.Errorf("env %v", env)
	}
	if l.has(".cache/1mb.txt") || l.has(".1mb.txt") {
		t.Error("the partly written file eats the last space")
	}
}

func TestAFullHomeIsSavedByItsCaches(t *testing.T) {
	l := newLab(t)
	mountFull(t, l.home)
	must(t, os.Remove(filepath.Join(l.home, "thesis")))
	l.put(".cache/large", strings.Repeat("x", 3<<20))
	l.put(".astropy/cache/large", strings.Repeat("x", 1<<19))
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" {
		t.Errorf("env %v: %s", env, l.log.String())
	}
	if l.has(".cache/large") || l.has(".astropy/cache/large") || !l.has(".cache") {
		t.Error("the caches are still there, or not made again")
	}
}

// mountFull puts a full volume of 4 MiB in place of the home.
func mountFull(t *testing.T, home string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root mounts volumes")
	}
	if err := unix.Mount("tmpfs", home, "tmpfs", 0, "size=4m,mode=0700"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(home, 0) })
	must(t, os.WriteFile(filepath.Join(home, "thesis"), make([]byte, 4<<20-64<<10), 0o600))
}

func TestAReadOnlyHomeIsAbnormal(t *testing.T) {
	l := newLab(t)
	if os.Geteuid() == 0 {
		mountFull(t, l.home)
		must(t, unix.Mount("", l.home, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
		if env := l.abnormally(); env["ABNORMAL_STARTUP_ERRORCODE"] != "EROFS" {
			t.Errorf("env %v", env)
		}
		return
	}
	must(t, os.Chmod(l.home, 0o500))
	if env := l.abnormally(); env["ABNORMAL_STARTUP_ERRORCODE"] != "EACCES" {
		t.Errorf("env %v", env)
	}
}

func TestABrokenCacheDirectoryDeletesNothing(t *testing.T) {
	l := newLab(t)
	l.put(".cache", "a file")
	l.put(".astropy/cache/kept", "")
	if env, _ := l.started(); env["ABNORMAL_STARTUP"] != "" || l.get(".cache") != "a file" || !l.has(".astropy/cache/kept") {
		t.Errorf("env %v", env)
	}
}

func TestRemovesExpiredDownloadsOnly(t *testing.T) {
	l := newLab(t)
	base := ".astropy/cache/download/url/"
	for name, address := range map[string]string{
		"old": "https://data?Expires=1000", "lower": "https://data?a=b&expires=1000\n", "new": "https://data?Expires=99999999999",
		"plain": "https://data", "odd": "https://data?Expires=soon", "amz": "https://data?X-Amz-Expires=10",
	} {
		l.put(base+name+"/url", address)
		l.put(base+name+"/contents", "data")
	}
	l.started()
	for name, kept := range map[string]bool{"old": false, "lower": false, "new": true, "plain": true, "odd": true, "amz": true} {
		if l.has(base+name) != kept {
			t.Errorf("%s: kept is %v", name, !kept)
		}
	}
}
