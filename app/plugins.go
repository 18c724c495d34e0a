package app

import (
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/conference"
)

// kinds are the plugins that there are: a line each.
var kinds = []plugins.Kind{
	conference.Kind,
}
