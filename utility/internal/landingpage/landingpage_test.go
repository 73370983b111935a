package landingpage

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"berth.dev/utility/internal/say"
)

const viewers = ".jupyter/lab/user-settings/@jupyterlab/docmanager-extension/plugin.jupyterlab-settings"

type lab struct {
	t      *testing.T
	home   string
	source string
	env    map[string]string
	log    bytes.Buffer
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, home: t.TempDir(), source: t.TempDir()}
	l.env = map[string]string{"NUBLADO_HOME": l.home, "CST_LANDING_PAGE_SRC_DIR": l.source}
	must(t, os.WriteFile(filepath.Join(l.source, "welcome.md"), []byte("welcome"), 0o444))
	must(t, os.WriteFile(filepath.Join(l.source, "logo_for_header.png"), []byte("logo"), 0o640))
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *lab) run() (said string) {
	l.t.Helper()
	l.log.Reset()
	if code := Run(func(name string) string { return l.env[name] }, say.New(&l.log, false)); code != 0 {
		l.t.Errorf("exit %d", code)
	}
	return l.log.String()
}

func (l *lab) get(name string) string {
	content, _ := os.ReadFile(filepath.Join(l.home, name))
	return string(content)
}

func (l *lab) put(name, content string) {
	l.t.Helper()
	full := filepath.Join(l.home, name)
	must(l.t, os.MkdirAll(filepath.Dir(full), 0o755))
	must(l.t, os.WriteFile(full, []byte(content), 0o644))
}

func TestCopiesThePagesAndShowsThemAsPages(t *testing.T) {
	l := newLab(t)
	for range 2 {
		l.run()
		if l.get("notebooks/tutorials/welcome.md") != "welcome" || l.get("notebooks/tutorials/logo_for_header.png") != "logo" {
			t.Error("the pages are missing")
		}
		if l.get(viewers) != "{\n  \"defaultViewers\": {\n    \"markdown\": \"Markdown Preview\"\n  }\n}" {
			t.Errorf("settings %q", l.get(viewers))
		}
	}
	info, err := os.Stat(filepath.Join(l.home, "notebooks/tutorials/welcome.md"))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("a copy of a read-only page cannot be written to: %v %v", info, err)
	}
	for _, name := range []string{"notebooks", "notebooks/tutorials"} {
		if info, err := os.Stat(filepath.Join(l.home, name)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

func TestOverwritesEditsAndReplacesLinks(t *testing.T) {
	l := newLab(t)
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, []byte("untouched"), 0o644))
	l.put("notebooks/tutorials/welcome.md", "edited")
	must(t, os.Symlink(outside, filepath.Join(l.home, "notebooks/tutorials/logo_for_header.png")))
	l.run()
	if l.get("notebooks/tutorials/welcome.md") != "welcome" || l.get("notebooks/tutorials/logo_for_header.png") != "logo" {
		t.Error("the pages are not the site's")
	}
	if content, _ := os.ReadFile(outside); string(content) != "untouched" {
		t.Error("a link was written through")
	}
}

func TestStopsAtAFolderInTheWay(t *testing.T) {
	l := newLab(t)
	l.put("notebooks/tutorials/logo_for_header.png/inside", "")
	if said := l.run(); !strings.Contains(said, "logo_for_header.png is in the way") {
		t.Errorf("said %s", said)
	}
	if l.get("notebooks/tutorials/welcome.md") != "welcome" || l.get(viewers) != "" {
		t.Error("an earlier copy stays and the settings are untouched")
	}
}

func TestNeverLeavesTheHome(t *testing.T) {
	outside := t.TempDir()
	cases := map[string]func(l *lab){
		"an absolute target": func(l *lab) { l.env["CST_LANDING_PAGE_TGT_DIR"] = outside },
		"a target above":     func(l *lab) { l.env["CST_LANDING_PAGE_TGT_DIR"] = "../" + filepath.Base(outside) },
		"a linked folder":    func(l *lab) { must(l.t, os.Symlink(outside, filepath.Join(l.home, "notebooks"))) },
		"linked settings":    func(l *lab) { must(l.t, os.Symlink(outside, filepath.Join(l.home, ".jupyter"))) },
	}
	for what, prepare := range cases {
		t.Run(what, func(t *testing.T) {
			l := newLab(t)
			prepare(l)
			if said := l.run(); !strings.Contains(said, `"severity":"error"`) {
				t.Errorf("said %s", said)
			}
			if entries, _ := os.ReadDir(outside); len(entries) > 0 {
				t.Errorf("written outside: %v", entries)
			}
		})
	}
}

func TestAlwaysEndsWellAndSaysWhy(t *testing.T) {
	cases := map[string]struct {
		prepare func(l *lab)
		says    string
	}{
		"a missing page":   {func(l *lab) { l.env["CST_LANDING_PAGE_FILES"] = "welcome.md, missing.md" }, "missing.md"},
		"a missing home":   {func(l *lab) { l.env["NUBLADO_HOME"] = "" }, "/nonexistent"},
		"a folder as page": {func(l *lab) { l.env["CST_LANDING_PAGE_FILES"] = "." }, "not a file"},
		"broken settings":  {func(l *lab) { l.put(viewers, "{") }, "left as it is"},
	}
	for what, each := range cases {
		t.Run(what, func(t *testing.T) {
			l := newLab(t)
			each.prepare(l)
			if said := l.run(); !strings.Contains(said, each.says) {
				t.Errorf("said %s", said)
			}
		})
	}
}

func TestStripsBlanksFromTheList(t *testing.T) {
	l := newLab(t)
	l.env["CST_LANDING_PAGE_FILES"] = " welcome.md , logo_for_header.png,"
	l.run()
	if l.get("notebooks/tutorials/logo_for_header.png") != "logo" {
		t.Error("not copied")
	}
}

func TestRespectsTheUsersViewerAndComments(t *testing.T) {
	for given, want := range map[string]string{
		`{"defaultViewers": {"markdown": "Editor"}}`: `{"defaultViewers": {"markdown": "Editor"}}`,
		"{\n// mine\n}": "{\n  \"defaultViewers\": {\"markdown\":\"Markdown Preview\"}\n// mine\n}",
		`{"defaultViewers": {"csv": "x"}, "a": 1}`: "{\n  \"a\": 1,\n  \"defaultViewers\": {\n    \"csv\": \"x\",\n" +
			"    \"markdown\": \"Markdown Preview\"\n  }\n}",
	} {
		l := newLab(t)
		l.put(viewers, given)
		l.run()
		if l.get(viewers) != want {
			t.Errorf("%q became %q", given, l.get(viewers))
		}
	}
}
