package app

import (
	"io"
	"log/slog"
)

// LogConfig is the [log] table.
type LogConfig struct {
	Level  string `toml:"level"`  // debug, info, warn or error
	Format string `toml:"format"` // text or json
}

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"text", "json"}
)

// Logger makes the logger that the table describes, of one that passes Load's checks.
func (c LogConfig) Logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked; and the zero level is info
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

func (c LogConfig) check(report reporter) {
	report.choice("level", c.Level, logLevels)
	report.choice("format", c.Format, logFormats)
}
