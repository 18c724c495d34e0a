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
	logger, _ := c.Leveled(to)
	return logger
}

// Leveled is Logger with what changes its level while it is in use.
func (c LogConfig) Leveled(to io.Writer) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(c.level())
	return c.logger(to, level), level
}

func (c LogConfig) level() (level slog.Level) {
	_ = level.UnmarshalText([]byte(c.Level)) // checked; and the zero level is info
	return level
}

func (c LogConfig) logger(to io.Writer, level slog.Leveler) *slog.Logger {
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
