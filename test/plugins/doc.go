// Package plugins has the tests of what plugins can only be promised of real Asterisks: which UserEvents the dialplan
// has said, and that the channel is told what came of them.
package plugins
