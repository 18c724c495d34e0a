package listen

import "net/http"

// Handle adds a way in.
func (d *HTTP) Handle(pattern string, h http.HandlerFunc) { d.setup.Load().mux.Handle(pattern, h) }
