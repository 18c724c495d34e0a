package filters

import "strings"

// method is how a filter compares its expression with an event's data.
type method uint8

const (
	methodNone method = iota // matches all data there is
	methodRegex
	methodExact
	methodStartsWith
	methodEndsWith
	methodContains
)

var methodNames = [...]string{
	methodNone:       "none",
	methodRegex:      "regex",
	methodExact:      "exact",
	methodStartsWith: "starts_with",
	methodEndsWith:   "ends_with",
	methodContains:   "contains",
}

func (m method) String() string { return methodNames[m] }

// methodNamed is the method called name, which Asterisk takes in this one spelling only.
func methodNamed(name string) (method, bool) {
	for m, n := range methodNames {
		if n == name {
			return method(m), true
		}
	}
	return 0, false
}

// listMethods is what to write between the parentheses of method().
func listMethods() string { return strings.Join(methodNames[:], ", ") }
