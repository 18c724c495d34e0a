// Package plugins is what a plugin is written against: the actions it adds, the events it hears, and the
// Host by which it acts upon Asterisk. docs/plugins.md shows how one is written.
//
// # Life
//
// A Kind says that there is such a plugin, and is listed in package app. Its configuration, the table
// [plugin.NAME], is read into a fresh Config and checked with the rest of the file. New makes the plugin of it and of
// a Host; nothing may happen yet: the configuration may be refused for another reason. Run begins, and returns
// when its context ends and all that the plugin has started has ended. A reload ends a plugin whose
// configuration has changed, and begins another.
//
// # What a plugin can be
//
// A Plugin may implement any of the small interfaces here besides: Actor (it has actions), Hearer (it hears
// events), Chooser (and only some of them), Router (it serves HTTP), Scripter (it talks with who is on the
// phone), Keeper (it keeps something over restarts). They are found when it is loaded.
//
// # Goroutines
//
// Every action runs on a goroutine of its own, as many at once for a user as the configuration says; Hear is called on
// one goroutine of the plugin's, which the host owns; HTTP requests come on their doors'. A panic in any of them
// is recovered, logged and counted, and ends nothing else. Whatever a plugin waits for, no event, action
// or other plugin waits for it: events it does not hear in time are dropped, and it is told so (Missed). What the dialplan
// asks for is the exception: the plugin is asked when it has heard what came before.
package plugins
