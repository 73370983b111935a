package startup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"berth.dev/utility/internal/home"
	"go.yaml.in/yaml/v3"
)

const (
	daskDirectory = ".config/dask"
	daskFile      = daskDirectory + "/dashboard.yaml"
	hubURL        = "{JUPYTERHUB_PUBLIC_URL}"
	formerURL     = "{EXTERNAL_INSTANCE_URL}{JUPYTERHUB_SERVICE_PREFIX}"
	dashboardLink = hubURL + "proxy/{port}/status"
)

var linkPath = []string{"distributed", "dashboard", "link"}

// dask makes the link to a Dask dashboard lead through the Hub's proxy. A link of the user's own is respected; the form that
// earlier versions wrote is brought up to date; a file without any content is moved out of the way.
func (s *start) dask() error {
	names, err := s.daskFiles()
	if err != nil {
		return err
	}
	linked := false
	var problems []error
	for _, name := range names {
		found, err := s.reviewDask(name)
		problems = append(problems, err)
		linked = linked || found
	}
	if !linked {
		problems = append(problems, s.setDaskLink())
	}
	return errors.Join(problems...)
}

func (s *start) daskFiles() ([]string, error) {
	directory, err := s.tree.OpenFile(daskDirectory, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer directory.Close()
	entries, err := directory.Readdirnames(-1)
	slices.Sort(entries)
	var names []string
	for _, suffix := range []string{".yaml", ".yml"} {
		for _, entry := range entries {
			if path.Ext(entry) == suffix {
				names = append(names, path.Join(daskDirectory, entry))
			}
		}
	}
	return names, err
}

// reviewDask tells whether the file sets a link, after bringing an old one up to date.
func (s *start) reviewDask(name string) (linked bool, err error) {
	document, err := s.readYAML(name)
	if err != nil || isHollow(document) {
		return false, s.setAside(name)
	}
	link := lookUp(document, linkPath)
	if link == nil || link.Kind != yaml.ScalarNode || link.Value == "" || link.Tag == "!!null" {
		return false, nil
	}
	if strings.Contains(link.Value, hubURL) || !strings.Contains(link.Value, formerURL) {
		return true, nil
	}
	text, err := home.Read(s.tree, name)
	if err != nil {
		return true, err
	}
	if err := home.Replace(s.tree, s.dated(name), text, 0o666); err != nil {
		return true, err
	}
	link.Value = strings.ReplaceAll(link.Value, formerURL, hubURL)
	return true, s.writeYAML(name, document)
}

func (s *start) setDaskLink() error {
	document, err := s.readYAML(daskFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if document == nil {
		document = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	node := document.Content[0]
	for _, key := range linkPath[:len(linkPath)-1] {
		if node.Kind != yaml.MappingNode {
			break
		}
		node = child(node, key, yaml.MappingNode)
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%s has something else where %s belongs; left as it is", daskFile, strings.Join(linkPath, "."))
	}
	link := child(node, linkPath[len(linkPath)-1], yaml.ScalarNode)
	*link = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: dashboardLink}
	return s.writeYAML(daskFile, document)
}

func (s *start) readYAML(name string) (*yaml.Node, error) {
	text, err := home.Read(s.tree, name)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	return &document, nil
}

func (s *start) writeYAML(name string, document *yaml.Node) error {
	var text strings.Builder
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(document), encoder.Close()); err != nil {
		return err
	}
	return home.Replace(s.tree, name, []byte(text.String()), 0o666)
}

func (s *start) dated(name string) string {
	return name + "." + s.now.UTC().Format("2006-01-02")
}

func (s *start) setAside(name string) error {
	s.log.Warn("%s has no settings that could be read; moved to %s", s.inHome(name), path.Base(s.dated(name)))
	return s.tree.Rename(name, s.dated(name))
}

// isHollow tells whether there is nothing but nulls and empty maps.
func isHollow(node *yaml.Node) bool {
	if node == nil {
		return true
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return !slices.ContainsFunc(node.Content, func(each *yaml.Node) bool { return !isHollow(each) })
	case yaml.MappingNode:
		for i := 1; i < len(node.Content); i += 2 {
			if !isHollow(node.Content[i]) {
				return false
			}
		}
		return true
	}
	return node.Tag == "!!null"
}

func lookUp(document *yaml.Node, keys []string) *yaml.Node {
	node := document.Content[0]
	for _, key := range keys {
		if node = valueOf(node, key); node == nil {
			return nil
		}
	}
	return node
}

func valueOf(node *yaml.Node, key string) *yaml.Node {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// child is the value of a key, made if missing or null.
func child(node *yaml.Node, key string, kind yaml.Kind) *yaml.Node {
	if value := valueOf(node, key); value != nil {
		if value.Tag == "!!null" {
			*value = yaml.Node{Kind: kind}
		}
		return value
	}
	value := &yaml.Node{Kind: kind}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
	return value
}
