package plugins

import "fmt"

// ConfigError is something wrong with a plugin's configuration.
type ConfigError struct {
	Key  string // below the plugin's table: "group[1].name"
	Text string // what is wrong, without the key; never holds a secret
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Key + ": " + e.Text }

// Wrong makes a ConfigError.
func Wrong(key, format string, args ...any) *ConfigError {
	return &ConfigError{Key: key, Text: fmt.Sprintf(format, args...)}
}
