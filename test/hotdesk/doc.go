// Package hotdesk tests the plugin hotdesk with the dialplan of docs/hotdesk.md, in front of real Asterisks, with real phones.
package hotdesk
