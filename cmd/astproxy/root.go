package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/load"
)

// newRoot makes the whole command: serve if no subcommand is named.
func newRoot() *cobra.Command {
	serve := newServe()
	root := &cobra.Command{
		Use:   "astproxy",
		Short: "Share one manager session an Asterisk among any number of clients",
		Long: `astproxy stands between Asterisk servers and everybody who wants to talk to their
manager interface (AMI). It logs in to each Asterisk once, and lets any number of
clients share that session, each with the rights of its user.

Without a subcommand it does what serve does.`,
		Example:       `  astproxy -c /etc/astproxy/astproxy.toml`,
		Version:       version(),
		Args:          noSuchCommand,
		RunE:          serve.RunE,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2, // what cobra takes where it suggests by itself
	}
	root.SetVersionTemplate("{{.Version}}\n")
	addConfigFlag(root)
	root.AddCommand(
		serve,
		newCheck(),
		newExplain(),
		newImport(),
		newPasswd(),
		newDemo(),
		load.Command(),
		newToken(),
		newVersion(),
	)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	markUsageErrors(root)
	return root
}

// usageError is a command line that was not understood.
type usageError struct{ error }

// Unwrap gives what cobra said.
func (e *usageError) Unwrap() error { return e.error }

// markUsageErrors makes what commands say of their arguments usageErrors.
func markUsageErrors(command *cobra.Command) {
	if check := command.Args; check != nil {
		command.Args = func(command *cobra.Command, args []string) error {
			if err := check(command, args); err != nil {
				return &usageError{err}
			}
			return nil
		}
	}
	for _, below := range command.Commands() {
		markUsageErrors(below)
	}
}

// noSuchCommand is for an argument where a subcommand belongs.
func noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
	}
	return errors.New(text)
}

// onlyFlags is for commands that are given their configuration by -c, which many expect to be an argument.
func onlyFlags(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%[1]q is an argument too many; if it is the configuration file: %[2]s -c %[1]s", args[0], command.CommandPath())
}

// addConfigFlag gives a command the flag that names the configuration file.
func addConfigFlag(command *cobra.Command) {
	command.Flags().StringP("config", "c", "astproxy.toml", "configuration `file`")
	_ = command.MarkFlagFilename("config", "toml") // fails only for a flag that is not there
}

// configPath is what addConfigFlag's flag was given.
func configPath(command *cobra.Command) string {
	return command.Flags().Lookup("config").Value.String()
}
