// Package action serves actions by HTTP as astmanproxy did: GET or POST /?Action=Ping&ActionID=x, and
// the whole answer in one document.
//
// The headers of an action are the query's parameters and those of the body, which may be a form, JSON
// or XML. Some names are the door's own and never reach Asterisk:
//
//   - format and ticket, in lower case: Format is a header that Asterisk's Monitor has
//   - X-Until-Event and X-Maxtime, which may be headers of the request as well
//   - Username, Secret and ProxyKey, which say who asks (package login)
//
// What has become an action is answered with status 200 and Asterisk's own words, Response: Error
// among them. What has not, with a status that says why and a Response: Error that says more.
//
// The package starts no goroutines. A request is served on the goroutine that brings it; the count of
// those that wait for events is guarded by a mutex, which is never held while anything else is called.
package action
