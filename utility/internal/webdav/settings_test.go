package webdav

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func read(arguments []string, env map[string]string) (Settings, string, error) {
	var said bytes.Buffer
	settings, err := readSettings(arguments, func(name string) string { return env[name] }, &said)
	return settings, said.String(), err
}

func TestFlagsWinOverVariablesOverDefaults(t *testing.T) {
	settings, _, err := read(nil, nil)
	if err != nil || settings != (Settings{Directory: "./", Port: 8000, Idle: 600 * time.Second}) {
		t.Errorf("%+v %v", settings, err)
	}
	env := map[string]string{
		"WORBLEHAT_BASE_HREF": "/files/rachel/", "WORBLEHAT_DIR": "/mnt", "WORBLEHAT_PORT": "8001", "WORBLEHAT_TIMEOUT": "60",
	}
	settings, _, err = read(nil, env)
	if err != nil || settings != (Settings{BaseHref: "/files/rachel", Directory: "/mnt", Port: 8001, Idle: time.Minute}) {
		t.Errorf("%+v %v", settings, err)
	}
	env["BERTH_DRAIN_SECONDS"] = "600"
	settings, _, err = read([]string{"-b", "/", "-d", "/x", "-p", "1", "-t", "2"}, env)
	if err != nil || settings != (Settings{Directory: "/x", Port: 1, Idle: 2 * time.Second, Drain: 10 * time.Minute}) {
		t.Errorf("%+v %v", settings, err)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for variable, values := range map[string][]string{
		"WORBLEHAT_PORT": {"http", "-1", "65536"}, "WORBLEHAT_TIMEOUT": {"0", "-1", "1.5", "10s", "1_000"},
		"BERTH_DRAIN_SECONDS": {"0", "-1", "10m"},
	} {
		for _, value := range values {
			if _, _, err := read(nil, map[string]string{variable: value}); err == nil || !strings.Contains(err.Error(), variable) ||
				!strings.Contains(err.Error(), value) {
				t.Errorf("%s=%s: %v", variable, value, err)
			}
		}
	}
}

func TestHalfAVerifyConfigurationNeverStarts(t *testing.T) {
	directory := t.TempDir()
	file := func(name, content string) string {
		full := filepath.Join(directory, name)
		must(t, os.WriteFile(full, []byte(content), 0o444))
		return full
	}
	good, empty, two := file("good", "uid.key\n"), file("empty", " \n"), file("two", "a\nb\n")
	for what, env := range map[string]map[string]string{
		"no key":   {"BERTH_VERIFY_URL": "http://berth/verify"},
		"no url":   {"BERTH_VERIFY_KEY_FILE": good},
		"missing":  {"BERTH_VERIFY_URL": "http://berth/verify", "BERTH_VERIFY_KEY_FILE": directory + "/missing"},
		"empty":    {"BERTH_VERIFY_URL": "http://berth/verify", "BERTH_VERIFY_KEY_FILE": empty},
		"no URL":   {"BERTH_VERIFY_URL": "berth/verify", "BERTH_VERIFY_KEY_FILE": good},
		"no host":  {"BERTH_VERIFY_URL": "http:///verify", "BERTH_VERIFY_KEY_FILE": good},
		"a file":   {"BERTH_VERIFY_URL": "file:///verify", "BERTH_VERIFY_KEY_FILE": good},
		"two keys": {"BERTH_VERIFY_URL": "http://berth/verify", "BERTH_VERIFY_KEY_FILE": two},
	} {
		if _, _, err := read(nil, env); err == nil || !strings.Contains(err.Error(), "BERTH_VERIFY_") {
			t.Errorf("%s: %v", what, err)
		}
	}
	settings, _, err := read(nil, map[string]string{"BERTH_VERIFY_URL": "http://berth/verify", "BERTH_VERIFY_KEY_FILE": good})
	if err != nil || settings.VerifyKey != "uid.key" {
		t.Errorf("%+v %v", settings, err)
	}
}

func TestExitCodesOfMistakes(t *testing.T) {
	cases := map[string]struct {
		arguments []string
		env       map[string]string
		code      int
	}{
		"help":              {[]string{"-h"}, nil, 0},
		"a bad flag":        {[]string{"-x"}, nil, 2},
		"an argument":       {[]string{"serve"}, nil, 2},
		"a bad number":      {nil, map[string]string{"WORBLEHAT_TIMEOUT": "soon"}, 1},
		"a missing folder":  {[]string{"-d", "/no/such"}, nil, 1},
		"a file to serve":   {[]string{"-d", "/etc/passwd"}, nil, 1},
		"half a protection": {nil, map[string]string{"BERTH_VERIFY_URL": "http://x"}, 1},
	}
	for what, each := range cases {
		t.Run(what, func(t *testing.T) {
			var said bytes.Buffer
			if code := Run(each.arguments, func(name string) string { return each.env[name] }, &said); code != each.code || said.Len() == 0 {
				t.Errorf("exit %d: %s", code, said.String())
			}
		})
	}
}
