package app

import "github.com/astproxy/astproxy/plugins"

// kinds are the plugins that there are: a line each.
var kinds = []plugins.Kind{}
