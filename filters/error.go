package filters

import (
	"errors"
	"fmt"
)

// What is wrong with a refused filter; Asterisk answers the two differently.
var (
	ErrFormat = errors.New("filter was formatted incorrectly")
	ErrRegex  = errors.New("filter did not compile")
)

// Error says where a filter is wrong and what would be right. It wraps ErrFormat or ErrRegex.
type Error struct {
	Kind     error  // ErrFormat or ErrRegex
	Part     string // "criteria" or "expression", the argument of Parse that Position counts in, or "line", that of ParseLine
	Position int    // bytes before the fault
	Problem  string // what is there
	Expected string // what would be right there
}

// The arguments of Parse and of ParseLine, as Error.Part names them.
const (
	partCriteria   = "criteria"
	partExpression = "expression"
	partLine       = "line"
)

func (e *Error) Error() string {
	return fmt.Sprintf("%v: %s, byte %d: %s: expected %s", e.Kind, e.Part, e.Position, e.Problem, e.Expected)
}

// Unwrap is the Kind.
func (e *Error) Unwrap() error { return e.Kind }

func formatError(part string, position int, problem, expected string) *Error {
	return &Error{Kind: ErrFormat, Part: part, Position: position, Problem: problem, Expected: expected}
}
