// Command k6 is k6 as its makers ship it, built here because no registry of binaries can be
// assumed; go.mod and go.sum beside this file lock every module that goes into it.
package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "holdfast/k6/sockets"
)

func main() {
	cmd.Execute()
}
