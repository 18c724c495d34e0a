package soak_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// message is what a client got, in whatever format. An ami.Message is one.
type message interface {
	// Get is the value of a header; "" is none.
	Get(name string) string
}

// object is a message in JSON. Headers that are there several times are arrays.
type object map[string]any

func parseObject(text []byte) (object, error) {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("no JSON: %w: %.200q", err, text)
	}
	return o, nil
}

// Get implements message.
func (o object) Get(name string) string {
	switch value := o[name].(type) {
	case string:
		return value
	case []any:
		return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(value), "["), "]")
	}
	return ""
}

// brief is what a failure shows of a message.
func brief(m message) string {
	var b strings.Builder
	for _, name := range []string{
		"Event", "Response", "ActionID", "Message", "UserEvent", "Life", "Number", "From", "Uniqueid", "Variable", "Value",
		"Status", "Missed", "Reason", "ListItems", "ProxySequence",
	} {
		if value := m.Get(name); value != "" {
			fmt.Fprintf(&b, "%s: %.80s, ", name, value)
		}
	}
	return strings.TrimSuffix(b.String(), ", ")
}
