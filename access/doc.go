// Package access says who somebody is and what he may do: users, their secrets, and the classes
// of events they may see and of actions they may run.
//
// A UserConfig is what an administrator writes about a user. NewUsers checks a list of them and
// makes a Users of it, an immutable snapshot: a reload builds a new one and swaps it, and whoever is
// logged in keeps the User he logged in as until he is told otherwise. Rights are judged as Asterisk
// judges them (manager.c): an event needs all of its classes, an action any one of its own.
//
// Somebody shows who he is by a name and a secret, by a secret alone where his configuration lets him
// (ProxyKey), or by a token: a random text of which a TokenConfig has the hash, and which may have less
// rights than its user.
//
// A user may be bound to networks (acl), and have Limits, which are whoever counts to keep. A Lockout
// remembers failed logins; its mu is held for a look into what it remembers, and is the only lock here.
//
// The package starts no goroutines and opens no files. Everything in it may be shared by any number of
// goroutines.
package access
