// Package listen has the doors that clients come in by, a file each.
//
// # Goroutines
//
// A door's Serve accepts on the goroutine that calls it and starts one a connection, which reads it
// to its end. Serve returns when its context has ended and they all have.
package listen
