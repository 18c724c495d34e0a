package access

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what a secret looks like wherever it is printed.
const hidden = "(secret)"

// Secret is a text that never prints: not with a verb of fmt, not in a log, not in JSON or
// TOML. Who needs the text itself converts it: string(secret). The guard ends where fmt calls no
// methods: on unexported fields, so a struct keeps a secret in an exported one, and with %p, which
// vet refuses.
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return hidden }

// Format implements fmt.Formatter: with String alone, a wrong verb (%d) would print the text.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
