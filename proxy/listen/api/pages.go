package api

import "net/http"

// letPagesRead lets the pages of the listener's origins read the answer (CORS, Fetch Standard,
// section 3.2). Which of them may ask for anything is the gate's to say.
func (a *API) letPagesRead(h http.Header, r *http.Request) {
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !a.gate.Origin(r, origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Retry-After")
}

// preflight answers a browser that asks on behalf of a page whether it may send a request, or
// anybody who asks what there is.
func (a *API) preflight(w http.ResponseWriter, r *http.Request, method string) {
	h := w.Header()
	h.Set("Allow", method+", OPTIONS")
	origin := r.Header.Get("Origin")
	if origin != "" && !a.gate.Origin(r, origin) {
		newProblem(http.StatusForbidden, crossSite, "pages of this origin are not among the listener's origins").write(w)
		return
	}
	if origin != "" {
		h.Set("Access-Control-Allow-Methods", method)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}
