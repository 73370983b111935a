// Package jupyter edits JupyterLab's settings files, which are JSON with comments.
package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"berth.dev/utility/internal/home"
)

const userSettings = ".jupyter/lab/user-settings/@jupyterlab/"

// Where JupyterLab keeps which viewer opens which type of file, and how many outputs a cell shows.
const (
	ViewersFile = userSettings + "docmanager-extension/plugin.jupyterlab-settings"
	OutputsFile = userSettings + "notebook-extension/tracker.jupyterlab-settings"
)

// PreferMarkdownPreview makes Markdown files open as a page, unless the user chose a viewer for them.
func PreferMarkdownPreview(tree home.Tree) error {
	const key = "defaultViewers"
	return edit(tree, ViewersFile, "  ", func(settings map[string]any) (string, any) {
		viewers, ok := settings[key].(map[string]any)
		if !ok {
			viewers = map[string]any{}
		}
		if _, chosen := viewers["markdown"]; chosen {
			return "", nil
		}
		viewers["markdown"] = "Markdown Preview"
		return key, viewers
	})
}

// RaiseOutputLimit makes a cell show at least limit outputs.
func RaiseOutputLimit(tree home.Tree, limit int) error {
	const key = "maxNumberOutputs"
	return edit(tree, OutputsFile, "    ", func(settings map[string]any) (string, any) {
		if now, ok := settings[key].(float64); ok && now >= float64(limit) {
			return "", nil
		}
		return key, limit
	})
}

// edit sets one top-level key. A file without comments is written sorted; in one with comments the key is put in front,
// so that they stay. One that cannot be understood, or would lose comments, is left alone with an error.
func edit(tree home.Tree, name, indent string, change func(map[string]any) (string, any)) error {
	text, err := home.Read(tree, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}")
	}
	settings := map[string]any{}
	plain := json.Unmarshal(text, &settings) == nil
	if !plain {
		if err := json.Unmarshal(withoutComments(text), &settings); err != nil {
			return fmt.Errorf("%s is not JSON, left as it is: %w", name, err)
		}
	}
	key, value := change(settings)
	if key == "" {
		return nil
	}
	if _, there := settings[key]; there && !plain {
		return fmt.Errorf("%s has comments and %s already; left as it is", name, key)
	}
	if !plain {
		return home.Replace(tree, name, inserted(text, key, value, len(settings) > 0), 0o666)
	}
	settings[key] = value
	content, err := Marshal(settings, indent)
	if err != nil {
		return err
	}
	return home.Replace(tree, name, content, 0o666)
}

// Marshal writes JSON with sorted keys and without a final newline, leaving <, > and & as they are.
func Marshal(value any, indent string) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

var (
	// A string, or a comment: whichever starts first is taken whole, so that neither is found inside the other.
	stringOrComment = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/`)
	stringOrComma   = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"|,\s*[}\]]`)
)

// withoutComments blanks comments and commas before a closing bracket, keeping every position.
func withoutComments(text []byte) []byte {
	blank := func(found string) string { return strings.Repeat(" ", len(found)) }
	result := stringOrComment.ReplaceAllStringFunc(string(text), func(found string) string {
		if found[0] == '"' {
			return found
		}
		return blank(found)
	})
	return []byte(stringOrComma.ReplaceAllStringFunc(result, func(found string) string {
		if found[0] == '"' {
			return found
		}
		return " " + found[1:]
	}))
}

func inserted(text []byte, key string, value any, more bool) []byte {
	at := bytes.IndexByte(withoutComments(text), '{') + 1
	member, _ := json.Marshal(value)
	line := fmt.Sprintf("\n  %q: %s", key, member)
	if more {
		line += ","
	}
	return append(append(append([]byte{}, text[:at]...), line...), text[at:]...)
}
