// Package socket writes to connections without ever waiting: what does not go at once is the
// caller's to send later, by whatever may wait. It starts no goroutines.
package socket
