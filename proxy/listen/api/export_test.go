package api

import "time"

// SetBodyTimeout is for tests that wait for it.
func (a *API) SetBodyTimeout(d time.Duration) { a.bodyTimeout = d }

// Document is what is served.
func Document() []byte { return openAPIDocument }

// Routes are the methods and paths served.
func Routes() (all []string) {
	for _, r := range new(API).routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}
