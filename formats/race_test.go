//go:build race

package formats_test

// The race detector allocates, too.
const raceDetector = true
