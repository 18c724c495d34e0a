// Package formats turns messages into the bytes a client understands and back, a file a format.
//
// Out of the proxy, a Format appends one message as it stands in a stream (Append), or a whole
// answer as one document (AppendList). Options say what is added or replaced for the one who gets
// it: the server's name, the ActionID, the place in the log. Lookup finds a Format by its name.
//
// Into the proxy, DecodeJSON, DecodeXML and DecodeForm make an action of a whole document, ReadJSON
// and ReadXML take one off a connection. All hold an action to the same rules: see action.go.
//
// Nothing here starts a goroutine, keeps state, or does I/O but ReadJSON and ReadXML. A Format may
// be used by any number of goroutines, and compared by ==.
package formats
