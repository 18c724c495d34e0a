// Package host runs plugins on a proxy: it makes them, begins and ends them, has what is the proxy's reach them, and
// is what they act by.
//
// A slot is a configured plugin, an instance one life of it; a plugin that fails gets another. What the
// proxy knows of all this is one proxy.Extension.
//
// # Goroutines
//
//   - The hub, of Host.Run: takes the log, as the feed's matcher hands it over, to all who hear, follow or are triggered. It
//     never waits for any of them.
//   - A slot's supervisor, which Apply or Run begins: runs the instances, one after the other. Host.Run and Apply end it
//     and wait.
//   - An instance's: Run, hearing, and one for each action, job and timer. The supervisor waits for all of them; those
//     that do not end in time are left behind, and the log says so.
//
// Everything of a plugin's runs in slot.safely, which recovers a panic.
//
// # Locks
//
// Host.changing is held while plugins are ended and begun. Under hub.mu those of queues, of calls and Host.mu are taken;
// instance.mu, job.mu and jobs.mu guard what is said there, and job.mu may be taken under jobs.mu. Nothing of a plugin's is called
// with one of them held.
package host
