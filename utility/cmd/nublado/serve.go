package main

import (
	"os"

	"berth.dev/utility/internal/webdav"
)

func serve(arguments []string) int { return webdav.Run(arguments, os.Getenv, os.Stderr) }
