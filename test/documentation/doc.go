// Package documentation follows the README and docs/protocol.md as a reader would: with the configuration
// that stands there, in front of a simulated Asterisk and of real ones. The pages about HTTP are followed in
// test/http, test/live and beside the doors.
package documentation
