package app

import (
	"context"
	"log/slog"
)

// Run runs what the configuration describes until ctx ends.
func Run(ctx context.Context, config *Config, logger *slog.Logger) error {
	logger.Info("running", "servers", len(config.Servers), "listeners", len(config.Listeners), "users", len(config.Users))
	<-ctx.Done()
	return nil
}
