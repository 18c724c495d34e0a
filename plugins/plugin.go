package plugins

import (
	"context"
	"net/http"

	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/store"
)

// Kind is a plugin that there is.
type Kind struct {
	// Name is what its table is called: [plugin.NAME]. Lower case.
	Name string
	// Summary says in a line what it does.
	Summary string
	// Config makes a pointer to a struct with toml tags, filled with the defaults. A Validator is asked what
	// is wrong with it. nil: it has no configuration.
	Config func() any
	// New makes a plugin of a configuration that Config has made and that is valid. It has no side effects and
	// starts nothing: where a file or a database is needed, Run opens it.
	New func(h Host, config any) (Plugin, error)
}

// Validator is a configuration that can say what is wrong with it: errors that Wrong has made, joined.
type Validator interface{ Validate() error }

// Defaulter is a table of a configuration, of which there may be several. SetDefaults is called before its own lines
// are read.
type Defaulter interface{ SetDefaults() }

// Rooted is a configuration with paths in it. Root is called before Validate, with the folder of the configuration
// file, at which paths begin that are not absolute.
type Rooted interface{ Root(folder string) }

// Plugin is a plugin that was made.
type Plugin interface {
	// Run is called once. It returns when ctx ends and everything the plugin has started has ended. One that
	// returns before is logged, and begun again after a pause.
	Run(ctx context.Context) error
}

// Hearer is a Plugin that hears what happens.
type Hearer interface {
	// Hear is called with one event after the other, in the order of the log, while Run runs. While it runs others wait
	// for it, up to a bound, beyond which they are dropped and told as Missed.
	Hear(ctx context.Context, e Event)
}

// Chooser is a Hearer that hears events of some names only, and costs nothing for the others.
type Chooser interface {
	// Hears is asked for once, before Run: the names of the events that Hear is called with, as Asterisk writes them.
	// Every Occasion but Happened it hears anyway.
	Hears() []string
}

// Actor is a Plugin that has actions.
type Actor interface {
	// Actions are asked for once, before Run.
	Actions() []Action
}

// Router is a Plugin that serves HTTP.
type Router interface {
	// Routes are asked for once, before Run.
	Routes() []Route
}

// Scripter is a Plugin that has scripts for who is on the phone, which the dialplan asks for by AGI().
type Scripter interface {
	// Scripts are asked for once, before Run. Their paths begin with the plugin's name and a slash: "hotdesk/login".
	Scripts() []agi.Script
}

// Keeper is a Plugin that keeps something which outlives a restart.
type Keeper interface {
	// Keep is called once, before Run, with where it is kept. The names of a plugin's tables begin with its own and a
	// slash: "hotdesk/session". The store is open until Run has ended.
	Keep(s store.Store)
}

// Route is a path under /api/v1/ that a plugin serves to who has logged in.
type Route struct {
	Method  string // "GET"
	Path    string // "/api/v1/hotdesk/sessions", with {wildcards} as net/http has them
	Summary string // for the OpenAPI document
	Serve   func(w http.ResponseWriter, r *http.Request, by Caller)
}
