// Package formats turns messages into the bytes a client understands, a file a format.
//
// It starts no goroutines and keeps no state.
package formats
