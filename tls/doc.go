// Package tls gives the listeners their certificates: from files that may be replaced while the proxy
// runs, self-signed at the first start, or from an authority by ACME. Its users see only types of the
// standard library, and import it as astls.
//
// # Goroutines
//
// None of its own: Certificates.Run looks at the files until its context ends, on the goroutine that
// calls it. Everything else may be called from any goroutine; a handshake reads one atomic pointer.
package tls
