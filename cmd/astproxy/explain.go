package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/app"
)

func newExplain() *cobra.Command {
	command := &cobra.Command{
		Use:   "explain USER < message",
		Short: "Say why a user may send an action or sees an event, or not",
		Long: `explain reads an action or an event from standard input, as it stands in AMI, and says
whether the user may send it or sees it, and which key of his configuration, or the
guard that is built in, decides that. It connects to nothing: the classes of an action
are those of Asterisk 22 and 16, unless they are given.

The exit code is 0 if the user may, and 1 if not.`,
		Example: `  printf 'Action: Command\nCommand: core stop now\n' | astproxy explain -c astproxy.toml monitor`,
		Args:    oneUser,
	}
	addConfigFlag(command)
	classes := command.Flags().String("classes", "", "the action's classes, as ListCommands on your server prints them")
	command.RunE = func(command *cobra.Command, args []string) error {
		config, err := app.Load(configPath(command))
		if err != nil {
			return err
		}
		const most = 1 << 20 // an event can be long
		text, err := io.ReadAll(io.LimitReader(command.InOrStdin(), most))
		if err != nil {
			return err
		}
		may, err := config.Explain(command.OutOrStdout(), args[0], ami.Parse(string(text)), *classes)
		if err == nil && !may {
			err = errRefused
		}
		return err
	}
	return command
}

func oneUser(command *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("which user? " + command.Parent().Name() + " " + command.Use)
	}
	return nil
}

// errRefused is for the exit code: what there is to say was said.
var errRefused = errors.New("the user may not")
