package main

import (
	"context"
	"os"
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
SIGHUP makes it read its configuration again.

It logs to standard error. If something is wrong with the configuration it says
everything there is and does not start.`,
		Example: `  astproxy serve -c /etc/astproxy/astproxy.toml`,
		Args:    onlyFlags,
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
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // which would end the process
	logger, level := config.Log.Leveled(command.ErrOrStderr())
	for _, warning := range config.Warnings {
		logger.Warn("look at the configuration", "problem", warning.String())
	}

	ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal finds nobody to wait for

	logger.Info("starting", "version", version(), "configuration", path)
	a, err := app.New(config, logger)
	if err != nil {
		return err
	}
	a.ReloadFrom(path)
	a.LevelOf(level)
	defer reloadAt(hangups, a)()
	return a.Run(ctx)
}

// reloadAt has the configuration read again at every hangup, until stop is called.
func reloadAt(hangups chan os.Signal, a *app.App) (stop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range hangups {
			_ = a.Reload() // the log says what is wrong
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		<-ended
	}
}
