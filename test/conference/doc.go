// Package conference holds nothing but tests: the plugin conference with real Asterisks behind it, which have loaded the
// dialplan of docs/conference.md.
//
// Who presses keys is a Local channel whose dialplan does, as a phone's user would; who is called is a phone of test/phones, too.
// The tests need the Asterisks of test/asterisk, and those with phones sipp, and are skipped without.
package conference
