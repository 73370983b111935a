package startup

import (
	"crypto/rand"
	"os"
	"path/filepath"

	"berth.dev/utility/internal/jupyter"
)

// The arguments that a variable adds, in the order of the command line.
var timeoutArguments = [][2]string{
	{"NO_ACTIVITY_TIMEOUT", "ServerApp.shutdown_no_activity_timeout"},
	{"CULL_KERNEL_IDLE_TIMEOUT", "MappingKernelManager.cull_idle_timeout"},
	{"CULL_KERNEL_CONNECTED", "MappingKernelManager.cull_connected"},
	{"CULL_KERNEL_INTERVAL", "MappingKernelManager.cull_interval"},
	{"CULL_TERMINAL_INACTIVE_TIMEOUT", "TerminalManager.cull_inactive_timeout"},
	{"CULL_TERMINAL_INTERVAL", "TerminalManager.cull_interval"},
}

// write tells the launcher in the lab's image what to start and with which environment.
func (s *start) write() error {
	s.env["RUNNING_INSIDE_JUPYTERLAB"] = "TRUE"
	if err := s.writeJSON("env.json", s.env); err != nil {
		return err
	}
	return s.writeJSON("args.json", s.arguments())
}

func (s *start) arguments() []string {
	level := "INFO"
	if s.isOn("DEBUG") {
		level = "DEBUG"
	}
	arguments := []string{
		"jupyterhub-singleuser",
		"--ip=0.0.0.0",
		"--port=8888",
		"--no-browser",
		"--ContentsManager.allow_hidden=True",
		"--FileContentsManager.hide_globs=[]",
		"--KernelSpecManager.ensure_native_kernel=False",
		"--QtExporter.enabled=False",
		"--PDFExporter.enabled=False",
		"--WebPDFExporter.enabled=False",
		"--MappingKernelManager.default_kernel_name=lsst",
		"--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
		"--notebook-dir=" + s.home,
		"--log-level=" + level,
	}
	for _, pair := range timeoutArguments {
		if value := s.getenv(pair[0]); value != "" {
			arguments = append(arguments, "--"+pair[1]+"="+value)
		}
	}
	return arguments
}

func (s *start) writeJSON(name string, value any) error {
	content, err := jupyter.Marshal(value, "  ")
	if err != nil {
		return err
	}
	temporary := filepath.Join(s.places.Startup, "."+rand.Text())
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	if err := os.Rename(temporary, filepath.Join(s.places.Startup, name)); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return nil
}
