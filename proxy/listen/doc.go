// Package listen has the doors that clients come in by, a file each.
//
// # Goroutines
//
// A door's Serve accepts on the goroutine that calls it and starts one a connection, which reads it
// to its end. Serve returns when its listener is closed or its context has ended, and they all have.
//
// The HTTP door's are net/http's, a connection each; a handler that has taken a connection over serves
// it to its end on the same goroutine. Its mu guards whether a request may still begin.
package listen
