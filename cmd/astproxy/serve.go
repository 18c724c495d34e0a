package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/app"
)

func newServe() *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "Connect to the servers and let clients in",
		Long: `serve connects to the Asterisk servers of the configuration and listens for clients,
until SIGTERM or an interrupt (Ctrl-C) ends it. A second one ends it at once.

It logs to standard error. If something is wrong with the configuration it says
everything there is and does not start.`,
		Example: `  astproxy serve -c /etc/astproxy/astproxy.toml`,
		Args:    cobra.NoArgs,
		RunE:    runServe,
	}
	addConfigFlag(command)
	return command
}

func runServe(command *cobra.Command, _ []string) error {
	path := configPath(command)
	config, err := app.Load(path)
	if err != nil {
		return err
	}
	logger := config.Log.Logger(command.ErrOrStderr())
	for _, warning := range config.Warnings {
		logger.Warn("look at the configuration", "problem", warning.String())
	}

	ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal finds nobody to wait for

	logger.Info("starting", "version", version(), "configuration", path)
	return app.Run(ctx, config, logger)
}
