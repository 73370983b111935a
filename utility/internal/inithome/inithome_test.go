package inithome

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

const someone, somegroup = 20_001, 20_002

// owner is who can be given a home: anybody for root, only oneself for others.
func owner() (uid, gid int) {
	if os.Geteuid() == 0 {
		return someone, somegroup
	}
	return os.Geteuid(), os.Getegid()
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root gives directories away")
	}
}

func initHome(t *testing.T, home string) (code int, said string) {
	t.Helper()
	uid, gid := owner()
	return initHomeFor(home, strconv.Itoa(uid), strconv.Itoa(gid))
}

func initHomeFor(home, uid, gid string) (code int, said string) {
	values := map[string]string{"NUBLADO_HOME": home, "NUBLADO_UID": uid, "NUBLADO_GID": gid}
	var output bytes.Buffer
	code = Run(func(name string) string { return values[name] }, &output)
	return code, output.String()
}

func ownerOf(t *testing.T, name string) (uid, gid int, mode uint32) {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Lstat(name, &stat); err != nil {
		t.Fatal(err)
	}
	return int(stat.Uid), int(stat.Gid), stat.Mode & 0o7777
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// volume is a directory that, like a volume of homes, everybody can enter.
func volume(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	must(t, os.Chmod(directory, 0o755))
	return directory
}

func TestMakesAPrivateEmptyHomeAndSaysNothing(t *testing.T) {
	home := filepath.Join(volume(t), "rachel")
	code, said := initHome(t, home)
	if code != 0 || said != "" {
		t.Fatalf("exit %d: %s", code, said)
	}
	wantUID, wantGID := owner()
	if uid, gid, mode := ownerOf(t, home); uid != wantUID || gid != wantGID || mode != 0o700 {
		t.Errorf("%d:%d %o", uid, gid, mode)
	}
	entries, err := os.ReadDir(home)
	if err == nil && len(entries) > 0 {
		t.Errorf("not empty: %v", entries)
	}
}

func TestSetsTheModeWhateverTheParentBequeaths(t *testing.T) {
	parent := volume(t)
	must(t, os.Chmod(parent, 0o755|os.ModeSetgid))
	home := filepath.Join(parent, "rachel")
	if code, said := initHome(t, home); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if _, _, mode := ownerOf(t, home); mode != 0o700 {
		t.Errorf("mode %o", mode)
	}
}

func TestMayBeRepeatedAndRunTwiceAtOnce(t *testing.T) {
	home := filepath.Join(volume(t), "rachel")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if code, said := initHome(t, home); code != 0 {
				t.Errorf("exit %d: %s", code, said)
			}
		})
	}
	group.Wait()
	if code, said := initHome(t, home); code != 0 || said != "" {
		t.Errorf("exit %d: %s", code, said)
	}
}

func TestGivesAnEmptyHomeOfSomebodyElseWithAWarning(t *testing.T) {
	needRoot(t)
	home := filepath.Join(volume(t), "rachel")
	must(t, os.Mkdir(home, 0o700))
	must(t, os.Chown(home, 1, 1))
	code, said := initHome(t, home)
	if uid, gid, _ := ownerOf(t, home); code != 0 || uid != someone || gid != somegroup {
		t.Errorf("exit %d, %d:%d", code, uid, gid)
	}
	if !strings.HasPrefix(said, "WARNING") || !strings.Contains(said, "1:1") {
		t.Errorf("said %q", said)
	}
}

func TestGivesAnEmptyHomeOfAnotherGroupAndLeavesItsMode(t *testing.T) {
	needRoot(t)
	home := filepath.Join(volume(t), "rachel")
	must(t, os.Mkdir(home, 0o700))
	must(t, os.Chmod(home, 0o750))
	must(t, os.Chown(home, someone, 1))
	code, said := initHome(t, home)
	if uid, gid, mode := ownerOf(t, home); code != 0 || uid != someone || gid != somegroup || mode != 0o750 {
		t.Errorf("exit %d, %d:%d %o: %s", code, uid, gid, mode, said)
	}
}

// Whoever may write to the parent can exchange a fresh home for a directory of root's that lies there.
func TestAFullDirectoryOfRootsIsNeverGivenAway(t *testing.T) {
	needRoot(t)
	parent := volume(t)
	home, kept := filepath.Join(parent, "rachel"), filepath.Join(parent, "kept")
	must(t, os.Mkdir(kept, 0o700))
	must(t, os.WriteFile(filepath.Join(kept, "of-root"), nil, 0o600))
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = unix.Renameat2(unix.AT_FDCWD, home, unix.AT_FDCWD, kept, unix.RENAME_EXCHANGE)
				_ = os.Remove(home)
				_ = os.Remove(kept)
			}
		}
	})
	for range 3000 {
		initHome(t, home)
	}
	close(stop)
	group.Wait()
	for _, name := range []string{home, kept} {
		if _, err := os.Lstat(filepath.Join(name, "of-root")); err != nil {
			continue
		}
		if uid, _, _ := ownerOf(t, name); uid != 0 {
			t.Errorf("root's directory was given to %d", uid)
		}
	}
}

func TestLeavesAFullHomeOfSomebodyElseAlone(t *testing.T) {
	needRoot(t)
	home := filepath.Join(volume(t), "rachel")
	must(t, os.Mkdir(home, 0o700))
	must(t, os.WriteFile(filepath.Join(home, "thesis"), nil, 0o600))
	must(t, os.Chown(home, 1, 1))
	code, said := initHome(t, home)
	if uid, _, _ := ownerOf(t, home); code != 1 || uid != 1 {
		t.Errorf("exit %d, owner %d", code, uid)
	}
	if !strings.Contains(said, "1:1") || !strings.Contains(said, "20001:20002") {
		t.Errorf("said %q", said)
	}
}

func TestOnlyWarnsOfAnotherMode(t *testing.T) {
	home := filepath.Join(volume(t), "rachel")
	if code, said := initHome(t, home); code != 0 {
		t.Fatal(said)
	}
	must(t, os.Chmod(home, 0o755))
	code, said := initHome(t, home)
	if _, _, mode := ownerOf(t, home); code != 0 || mode != 0o755 || !strings.Contains(said, "0755") {
		t.Errorf("exit %d, mode %o, said %q", code, mode, said)
	}
}

func TestRefusesWhatIsNoDirectoryOfItsOwn(t *testing.T) {
	parent := volume(t)
	victim := filepath.Join(parent, "victim")
	must(t, os.Mkdir(victim, 0o700))
	before, _, _ := ownerOf(t, victim)
	cases := map[string]func(string) error{
		"a file":                     func(name string) error { return os.WriteFile(name, nil, 0o600) },
		"a link to an empty folder":  func(name string) error { return os.Symlink(victim, name) },
		"a relative link":            func(name string) error { return os.Symlink("victim", name) },
		"a dangling link":            func(name string) error { return os.Symlink("nowhere", name) },
		"a named pipe":               func(name string) error { return unix.Mkfifo(name, 0o600) },
		"a link to the parent above": func(name string) error { return os.Symlink("..", name) },
	}
	for what, make := range cases {
		t.Run(what, func(t *testing.T) {
			home := filepath.Join(parent, strings.ReplaceAll(what, " ", "-"))
			must(t, make(home))
			if code, said := initHome(t, home); code != 1 || !strings.Contains(said, home) {
				t.Errorf("exit %d, said %q", code, said)
			}
			if after, _, _ := ownerOf(t, victim); after != before {
				t.Errorf("the victim's folder was given to %d", after)
			}
			if _, err := os.Lstat(filepath.Join(parent, "nowhere")); err == nil {
				t.Error("the target of the dangling link was made")
			}
		})
	}
}

func TestFollowsNoLinkOfAUserOnTheWay(t *testing.T) {
	parent := volume(t)
	must(t, os.Mkdir(filepath.Join(parent, "victim"), 0o755))
	users := filepath.Join(parent, "rachel")
	must(t, os.Mkdir(users, 0o755))
	must(t, os.Symlink(filepath.Join(parent, "victim"), filepath.Join(users, "nublado")))
	must(t, os.Lchown(users, os.Geteuid(), os.Getegid()))
	if os.Geteuid() == 0 {
		must(t, os.Lchown(users, someone, somegroup))
		must(t, os.Lchown(filepath.Join(users, "nublado"), someone, somegroup))
	}
	code, said := initHome(t, filepath.Join(users, "nublado", "lab"))
	if code != 1 || !strings.Contains(said, "symbolic link") {
		t.Errorf("exit %d, said %q", code, said)
	}
	if _, err := os.Lstat(filepath.Join(parent, "victim", "lab")); err == nil {
		t.Error("something was made in the victim's folder")
	}
}

func TestFollowsALinkOfTheAdministratorOnTheWay(t *testing.T) {
	needRoot(t)
	// Below a directory of root's that nobody else writes to.
	parent, err := os.MkdirTemp("/root", "homes")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	must(t, os.Mkdir(filepath.Join(parent, "volume"), 0o755))
	must(t, os.Symlink("volume", filepath.Join(parent, "relative")))
	must(t, os.Symlink(filepath.Join(parent, "relative"), filepath.Join(parent, "absolute")))
	if code, said := initHome(t, filepath.Join(parent, "absolute", "rachel")); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
	if uid, _, _ := ownerOf(t, filepath.Join(parent, "volume", "rachel")); uid != someone {
		t.Errorf("owner %d", uid)
	}
}

func TestEndsOnACircleOfLinks(t *testing.T) {
	needRoot(t)
	parent, err := os.MkdirTemp("/root", "homes")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	must(t, os.Symlink("round", filepath.Join(parent, "round")))
	if code, said := initHome(t, filepath.Join(parent, "round", "rachel")); code != 1 || !strings.Contains(said, "too many") {
		t.Errorf("exit %d: %s", code, said)
	}
}

// A user who may write to the parent swaps the home for a link while root works on it.
func TestASwapNeverReachesTheVictim(t *testing.T) {
	needRoot(t)
	parent := volume(t)
	victim := filepath.Join(parent, "victim")
	must(t, os.Mkdir(victim, 0o700))
	home := filepath.Join(parent, "rachel")
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = os.Remove(home)
				_ = os.Symlink(victim, home)
				_ = os.Remove(home)
			}
		}
	})
	for range 3000 {
		initHome(t, home)
	}
	close(stop)
	group.Wait()
	if uid, _, _ := ownerOf(t, victim); uid != 0 {
		t.Errorf("the victim's folder was given to %d", uid)
	}
}

func TestNeverMakesParents(t *testing.T) {
	home := filepath.Join(volume(t), "r", "rachel")
	if code, said := initHome(t, home); code != 1 || !strings.Contains(said, filepath.Dir(home)) {
		t.Errorf("exit %d, said %q", code, said)
	}
}

func TestRefusesBadVariablesFirst(t *testing.T) {
	home := filepath.Join(volume(t), "rachel")
	cases := map[string][3]string{
		"no home":           {"", "1", "1"},
		"a relative home":   {"rachel", "1", "1"},
		"the root":          {"/", "1", "1"},
		"no uid":            {home, "", "1"},
		"an underscore":     {home, "1_000", "1"},
		"a sign":            {home, "+1", "1"},
		"a negative gid":    {home, "1", "-1"},
		"the kernel's none": {home, "4294967295", "1"},
		"too large":         {home, "1", "4294967296"},
		"a name":            {home, "rachel", "1"},
	}
	for what, values := range cases {
		t.Run(what, func(t *testing.T) {
			code, said := initHomeFor(values[0], values[1], values[2])
			if code != 1 || !strings.HasPrefix(said, "CRITICAL") || !strings.Contains(said, "NUBLADO_") {
				t.Errorf("exit %d, said %q", code, said)
			}
		})
	}
	if _, err := os.Lstat(home); err == nil {
		t.Error("something was made")
	}
}

func TestTakesTheLargestNumbers(t *testing.T) {
	needRoot(t)
	home := filepath.Join(volume(t), "rachel")
	if code, said := initHomeFor(home, "4294967294", "0"); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if uid, gid, _ := ownerOf(t, home); uid != 4294967294 || gid != 0 {
		t.Errorf("%d:%d", uid, gid)
	}
}

func TestSaysWhatToDoWhenItMayNotGive(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may")
	}
	home := filepath.Join(volume(t), "rachel")
	if code, said := initHomeFor(home, "1", "1"); code != 1 || !strings.Contains(said, "squash") {
		t.Errorf("exit %d, said %q", code, said)
	}
}
