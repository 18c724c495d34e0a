// Command astproxy lets any number of clients share one manager session an Asterisk.
//
// Each subcommand is a small file here that reads its flags and calls the package that does the
// work; root.go lists them. Results go to standard output, everything else to standard error. The exit
// code is 0 if all went well, 1 if the configuration or the run failed, and 2 if the command line was
// not understood.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/astproxy/astproxy/app"
)

// What the process ends with.
const (
	exitClean  = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it gives the exit code back.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitClean
	}
	if problems := (app.Problems)(nil); errors.As(err, &problems) {
		_, _ = fmt.Fprintln(stderr, problems) // each line begins with the file, as a compiler's
		return exitFailed
	}
	_, _ = fmt.Fprintf(stderr, "astproxy: %v\n", err)
	if wrong := (*usageError)(nil); errors.As(err, &wrong) {
		_, _ = fmt.Fprintf(stderr, "%s --help tells more\n", command.CommandPath())
		return exitUsage
	}
	return exitFailed
}
