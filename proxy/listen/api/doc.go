// Package api is the way in for programs that would rather speak JSON over HTTP than AMI: /api/v1/.
//
//	POST /api/v1/actions/{Action}  an action's headers as a JSON object, its whole answer back
//	GET  /api/v1/servers           the Asterisks, and which of them are connected
//	GET  /api/v1/clients           who is connected to the proxy; for administrators
//	POST /api/v1/tickets           lets a browser in once, where it cannot set headers
//	GET  /api/v1/openapi.json      all of this for machines (OpenAPI 3.1)
//
// What goes wrong is answered with application/problem+json (RFC 9457) and a code that does not
// change. openapi.json is written by hand; the tests hold it against what is answered.
//
// # Goroutines
//
// Requests run on net/http's. An action for every server (Server: *) starts one a server and waits
// for them all. An API has no state of its own; any number of goroutines may use it.
package api
