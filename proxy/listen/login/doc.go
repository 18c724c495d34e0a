// Package login tells who an HTTP request comes from, for all doors that are reached by HTTP.
//
// A request shows it by HTTP Basic, by a Bearer token, by a one-time ticket, or by Username and Secret
// (or ProxyKey) among its own values. What a browser adds to requests by itself (Basic, a cookie) does
// not count when another site made the request.
//
// The package starts no goroutines. A Gate may be used by any number of them; its mu guards the tickets
// and is never held while anything else is called.
package login
