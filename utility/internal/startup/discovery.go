package startup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	discoveryTimeout = 5 * time.Second
	discoveryLimit   = 4 << 20
)

// portal asks the site's service discovery for the address of its portal. A site without one is an ordinary case.
func (s *start) portal() string {
	base := s.getenv("REPERTOIRE_BASE_URL")
	if base == "" && s.getenv("EXTERNAL_INSTANCE_URL") != "" {
		base = strings.TrimSuffix(s.getenv("EXTERNAL_INSTANCE_URL"), "/") + "/repertoire"
	}
	if base == "" {
		return ""
	}
	address, err := discover(strings.TrimSuffix(base, "/") + "/discovery")
	if err != nil {
		s.log.Warn("service discovery: %v; FIREFLY_URL stays as it is", err)
	}
	return address
}

func discover(address string) (string, error) {
	client := http.Client{
		Timeout: discoveryTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("it answers with a redirect, which is not followed")
		},
	}
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", address, response.Status)
	}
	var document struct {
		Services struct {
			UI struct {
				Portal struct {
					URL string `json:"url"`
				} `json:"portal"`
			} `json:"ui"`
		} `json:"services"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, discoveryLimit)).Decode(&document); err != nil {
		return "", fmt.Errorf("%s does not answer with a discovery document: %w", address, err)
	}
	return document.Services.UI.Portal.URL, nil
}
