//go:build race

package badinput_test

// share is what part of a load is enough under the race detector, which makes all of it ten times as dear.
const share = 10
