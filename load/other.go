//go:build !linux

package load

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

var errLinuxOnly = errors.New("the load generator needs Linux")

// Run needs Linux's epoll and process clocks.
func Run(context.Context, Options) (Report, error) { return Report{}, errLinuxOnly }

// Command returns the `load` subcommand, which says that it needs Linux.
func Command() *cobra.Command {
	return &cobra.Command{
		Use:   "load",
		Short: "Measure a proxy (on Linux)",
		RunE:  func(*cobra.Command, []string) error { return errLinuxOnly },
	}
}
