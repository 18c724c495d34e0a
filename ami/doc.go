// Package ami speaks the Asterisk manager interface on the wire, and nothing else.
//
// A Message is one block of AMI text, immutable and cheap to look things up in. A Reader takes
// blocks off a connection; a Builder and the Append functions make blocks. The rules of the
// protocol that need no state are here too: which header counts when there are several, what
// begins and ends a list, which classes an event or an action belongs to, and what may be sent
// towards Asterisk.
//
// The package starts no goroutines and imports nothing else of astproxy. A Message may be shared
// by any number of goroutines; a Reader and a Builder belong to one.
package ami
