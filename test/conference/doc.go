// Package conference holds nothing but tests: the plugin conference with real Asterisks behind it, which have loaded the
// dialplan of docs/conference.md.
//
// Phones are Local channels whose dialplan answers and presses keys, as a phone's user would. The tests need the
// Asterisks of test/asterisk, and are skipped without.
package conference
