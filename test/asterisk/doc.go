// Package asterisk gives a test a real Asterisk, version 22 or 16, with a
// configuration, a folder and loopback ports of its own.
//
// The installations are made by install.sh, outside the checkout, and are only
// read here; any number of instances runs from one of them at the same time. An
// instance lives as long as the test that started it, and dies with the test
// binary, however that ends.
//
// The goroutines: one for each running Asterisk, in process.go, that waits for
// its end. Everything else runs in the test's own.
package asterisk
