package login

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// errSilent is what a browser is told that does not say whose page it asks for.
var errSilent = fmt.Errorf("%w, and by http:// this browser does not tell which page it asks for; use https:// or a token", ErrCrossSite)

// SameSite tells whether a request that a browser may have made comes from the door's own pages, from
// one of the origins that are let in, or from no page at all: a typed address, or no browser. GETs
// count, too: here they do something.
func (g *Gate) SameSite(r *http.Request) bool { return g.CrossSite(r) == nil }

// CrossSite is why a request is not SameSite: an error that wraps ErrCrossSite, or nil.
//
// A browser tells by Sec-Fetch-Site, but not one from before 2023, and none by http:// to another
// machine. Then it tells by Origin, of a POST, or by Referer, unless the page has told it not to: a
// browser that says nothing at all is not believed.
func (g *Gate) CrossSite(r *http.Request) error {
	same := false
	origin, referer := r.Header.Get("Origin"), r.Header.Get("Referer")
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "same-origin" || site == "none":
		same = true
	case site != "":
		same = g.letIn(origin)
	case origin != "":
		same = g.Origin(r, origin)
	case referer != "":
		same = g.Origin(r, originOf(referer))
	case IsBrowser(r):
		return errSilent
	default:
		same = true
	}
	if !same {
		return ErrCrossSite
	}
	return nil
}

// IsSilent tells whether a request is a browser's that does not say which page it was made for, if any:
// see CrossSite.
func IsSilent(err error) bool { return errors.Is(err, errSilent) }

// IsBrowser tells whether a browser has made a request: they all say they were Mozilla, and no page can
// have them say something else. PowerShell says so, too.
func IsBrowser(r *http.Request) bool {
	agent := r.UserAgent()
	return strings.HasPrefix(agent, "Mozilla/") && !strings.Contains(agent, "PowerShell/")
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
// the configuration's origins. A page that came in plain text may be anybody's, and is none of a door
// with TLS; the other way round a proxy before this one may have the TLS.
func (g *Gate) Origin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false // "null" is what pages without an origin of their own say
	}
	own := strings.EqualFold(u.Host, r.Host) && (r.TLS == nil || strings.EqualFold(u.Scheme, "https"))
	return own || g.letIn(origin)
}

// letIn tells whether an origin is one of the configuration's.
func (g *Gate) letIn(origin string) bool {
	return slices.ContainsFunc(*g.origins.Load(), func(o string) bool { return strings.EqualFold(o, origin) })
}
