package app

import (
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/hotdesk"
)

// kinds are the plugins that there are: a line each.
var kinds = []plugins.Kind{
	groupcall.Kind,
	conference.Kind,
	hotdesk.Kind,
}
