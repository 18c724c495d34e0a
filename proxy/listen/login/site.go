package login

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SameSite tells whether a request that a browser may have made comes from the door's own pages, from
// one of the origins that are let in, or from no page at all: a typed address, or no browser. GETs
// count, too: here they do something.
func (g *Gate) SameSite(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		return g.Origin(r, origin)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		// A browser from before 2023, perhaps, which has no more to tell of a GET.
		referer := r.Header.Get("Referer")
		return referer == "" || g.Origin(r, originOf(referer))
	}
	return false
}

// originOf is the scheme and the host of an address, "" if it has none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Origin tells whether a page of that origin may talk to this door: the request's own host, or one of
// the configuration's origins.
func (g *Gate) Origin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false // "null" is what pages without an origin of their own say
	}
	return strings.EqualFold(u.Host, r.Host) || slices.ContainsFunc(*g.origins.Load(), func(o string) bool {
		return strings.EqualFold(o, origin)
	})
}
