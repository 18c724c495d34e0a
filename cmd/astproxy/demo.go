package main

import (
	"log/slog"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/app"
)

func newDemo() *cobra.Command {
	var config app.DemoConfig
	command := &cobra.Command{
		Use:   "demo",
		Short: "Try it without an Asterisk: a simulated one with calls going on",
		Long: `demo needs no Asterisk and no configuration. It runs a simulated Asterisk with calls
going on and astproxy in front of it, and says what to try next. It keeps nothing.`,
		Example: `  astproxy demo
  astproxy demo --listen 127.0.0.1:0 --http 127.0.0.1:0`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			logger := slog.New(slog.NewTextHandler(command.ErrOrStderr(), nil))
			return app.RunDemo(ctx, config, command.OutOrStdout(), logger)
		},
	}
	command.Flags().StringVar(&config.Listen, "listen", "127.0.0.1:5039", "where manager clients connect")
	command.Flags().StringVar(&config.HTTP, "http", "127.0.0.1:8090", "where HTTP is served")
	command.Flags().DurationVar(&config.Traffic, "traffic", 3*time.Second, "how often a simulated call begins, about")
	return command
}
