package startup

import (
	"fmt"
	"math"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

var (
	credentialVariables = []string{"AWS_SHARED_CREDENTIALS_FILE", "PGPASSFILE"}
	threadVariables     = []string{
		"CPU_LIMIT", "CPU_COUNT", "GOTO_NUM_THREADS", "MKL_DOMAIN_NUM_THREADS", "MPI_NUM_THREADS", "NUMEXPR_NUM_THREADS",
		"NUMEXPR_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS",
	}
)

func (s *start) environment() {
	s.env["USER"] = s.userName()
	s.scratchDirectories()
	threads := strconv.Itoa(wholeCPUs(s.getenv("CPU_LIMIT")))
	for _, name := range threadVariables {
		s.env[name] = threads
	}
	if _, digest, found := strings.Cut(s.getenv("JUPYTER_IMAGE_SPEC"), "@sha256:"); found {
		s.env["IMAGE_DIGEST"] = digest
	}
	s.pandaConfig()
	if portal := s.portal(); portal != "" {
		s.env["FIREFLY_URL"] = portal
	}
	s.env["JUPYTER_PREFER_ENV_PATH"] = "no"
	for _, name := range credentialVariables {
		if site := s.getenv(name); site != "" {
			s.env["ORIG_"+name] = site
			s.env[name] = s.inHome(filepath.Join(".lsst", filepath.Base(site)))
		}
	}
}

// userName: where homes have a common last component, that is nobody's name, so whoever knows better is asked first.
func (s *start) userName() string {
	if name := s.getenv("JUPYTERHUB_USER"); name != "" && filepath.Base(name) == name && name != "." && name != ".." {
		return name
	}
	if found, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil && found.HomeDir == s.home {
		return found.Username
	}
	return filepath.Base(s.home)
}

func wholeCPUs(limit string) int {
	value, err := strconv.ParseFloat(strings.TrimSpace(limit), 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || value < 1 || value > 1<<20 {
		return 1
	}
	return int(value)
}

// scratchDirectories chooses directories for temporary data on the scratch volume, if there is one that can be written to.
func (s *start) scratchDirectories() {
	base := s.getenv("SCRATCH_PATH")
	if base == "" {
		base = "/scratch"
	}
	own := filepath.Join(base, s.env["USER"])
	if s.getenv("HOMEDIR_SCHEMA") == "initialThenUsername" {
		initial, _ := utf8.DecodeRuneInString(s.env["USER"])
		own = filepath.Join(base, string(initial), s.env["USER"])
	}
	s.useScratch(base, own, "TMPDIR", "tmp", "")
	s.useScratch(base, own, "DAF_BUTLER_CACHE_DIRECTORY", "butler_cache", filepath.Join(s.places.Temporary, "butler_cache"))
}

func (s *start) useScratch(base, own, variable, name, otherwise string) {
	if s.getenv(variable) != "" {
		return
	}
	if !isDirectory(base) {
		s.log.Debug("no scratch volume at %s", base)
	} else if err := makeOwn(base, own, name); err != nil {
		s.log.Warn("%s cannot be on the scratch volume: %v", variable, err)
	} else {
		s.env[variable] = filepath.Join(own, name)
		s.env["SCRATCH_DIR"] = own
		return
	}
	if otherwise != "" {
		s.env[variable] = otherwise
	}
}

// makeOwn makes base[/initial]/user/name. The user's directories are private; one for an initial is for everybody whose name
// begins so.
func makeOwn(base, own, name string) error {
	if shared := filepath.Dir(own); shared != base {
		if err := os.Mkdir(shared, 0o777); err == nil {
			_ = os.Chmod(shared, 0o777|os.ModeSticky)
		}
	}
	for _, directory := range []string{own, filepath.Join(own, name)} {
		if err := os.Mkdir(directory, 0o700); err != nil && !isDirectory(directory) {
			return err
		}
		if err := checkOwn(directory); err != nil {
			return err
		}
	}
	if err := unix.Access(filepath.Join(own, name), unix.W_OK); err != nil {
		return &os.PathError{Op: "write to", Path: filepath.Join(own, name), Err: err}
	}
	return nil
}

// checkOwn refuses what another user made first: everybody may write to a scratch volume, and whoever owns the directory of
// somebody's temporary files can read and exchange them. Root is the administrator.
func checkOwn(directory string) error {
	for _, look := range []func(string, *unix.Stat_t) error{unix.Lstat, unix.Stat} {
		var stat unix.Stat_t
		if err := look(directory, &stat); err != nil {
			return &os.PathError{Op: "look at", Path: directory, Err: err}
		}
		if owner := int(stat.Uid); owner != 0 && owner != os.Geteuid() {
			return fmt.Errorf("%s belongs to another user (%d)", directory, owner)
		}
	}
	return nil
}

// pandaConfig replaces a tilde by the home; another user's is left as it is.
func (s *start) pandaConfig() {
	given := s.getenv("PANDA_CONFIG_ROOT")
	first, rest, _ := strings.Cut(given, "/")
	switch {
	case first == "~" || first == "~"+s.env["USER"]:
		s.env["PANDA_CONFIG_ROOT"] = s.inHome(rest)
	case strings.HasPrefix(first, "~"):
		s.log.Warn("PANDA_CONFIG_ROOT is in another user's home: %s; left as it is", given)
	}
}
