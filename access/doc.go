// Package access says who somebody is and what he may do: users, their secrets, and the classes
// of events they may see and of actions they may run.
//
// A UserConfig is what an administrator writes about a user. NewUsers checks a list of them and
// makes a Users of it, an immutable snapshot: a reload builds a new one and swaps it, and whoever is
// logged in keeps the User he logged in as until he is told otherwise. Classes are judged as Asterisk
// judges them (manager.c): an event needs all of its classes, an action any one of its own.
//
// Somebody shows who he is by a name and a secret, by a secret alone where his configuration lets him
// (ProxyKey), or by a token: a random text of which a TokenConfig has the hash, and which may have less
// rights than its user.
//
// A user may be bound to networks (acl), and have Limits, which are whoever counts to keep. A Lockout
// remembers failed logins.
//
// What a user asks for is judged by User.Judge, which gives a Decision with its reason; the proxy acts on
// it and `astproxy explain` shows it. The guard (guard.go) is the part of it that knows Asterisk's
// ways to programs, files and the database.
//
// A user may have a channel filter as astmanproxy had it (channels.go): which channels are his, whose events he
// sees, and what his actions may name.
//
// # Tenants
//
// A TenantConfig lists what belongs to one of several who share a server: channels, contexts, queues, endpoints,
// conferences and account codes. Tenants is all of them: it says whose something is by its name, and by a table of
// events (tenant_events.go) whose a whole message is: a tenant's if it names something of his, nothing of another's, and
// no channel, queue, conference, device or hint's context that is nobody's. What is not in the table is nobody's.
// By another table (tenant_actions.go) a user of a tenant may send only actions, with only headers, of which it is
// known what they name, and everything in them has to be his.
//
// A channel whose name says nothing, such as a trunk's, is whose account code it has or whose context it is in, and of
// whom it is in a call with. That needs a memory of events, which is not here: whoever judges brings it along as
// Channels. Without one such a channel is nobody's.
//
// The package starts no goroutines and opens no files. Its locks, of the cache of verified secrets and of
// a Lockout, are held for a few instructions; comparisons with bcrypt hashes take turns, so that logins leave processors
// to everybody else. Everything in it may be shared by any number of goroutines.
package access
