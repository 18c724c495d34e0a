//go:build race

package live_test

// The race detector allocates, too.
const raceDetector = true
