//go:build !race

package formats_test

const raceDetector = false
