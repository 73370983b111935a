// Command nublado prepares homes for labs (inithome, landingpage, startup); called worblehat, it serves files by WebDAV.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"berth.dev/utility/internal/inithome"
	"berth.dev/utility/internal/landingpage"
	"berth.dev/utility/internal/say"
	"berth.dev/utility/internal/startup"
)

// Set by the build.
var version = "development"

const usage = `usage: nublado <command>

Each command takes its settings from environment variables and no arguments.

  inithome     make the home directory NUBLADO_HOME for NUBLADO_UID and NUBLADO_GID, as root
  landingpage  copy the pages that greet a user into NUBLADO_HOME
  startup      prepare NUBLADO_HOME and write /etc/nublado/startup/{env,args}.json
  help         this text

  --version    the version of this image
`

const wrongUsage = 2

func main() {
	if filepath.Base(os.Args[0]) == "worblehat" {
		os.Exit(serve(os.Args[1:]))
	}
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

func command(arguments []string, out, errors io.Writer) int {
	if len(arguments) == 2 && (arguments[1] == "-h" || arguments[1] == "--help") {
		arguments = arguments[1:]
	}
	if len(arguments) != 1 {
		fmt.Fprint(errors, usage)
		return wrongUsage
	}
	log := say.New(out, say.IsOn(os.Getenv("DEBUG")))
	switch arguments[0] {
	case "inithome":
		return inithome.Run(os.Getenv, errors)
	case "landingpage":
		return landingpage.Run(os.Getenv, log)
	case "startup":
		return startup.Run(os.Getenv, startup.DefaultPlaces, log, time.Now())
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return 0
	case "--version":
		fmt.Fprintln(out, version)
		return 0
	}
	fmt.Fprintf(errors, "nublado: no command %q\n\n%s", arguments[0], usage)
	return wrongUsage
}
