// Package cost measures what a real Asterisk 22 pays for its manager clients, directly and behind astproxy: `make
// bench-asterisk`, which docs/performance.md explains. Its tests show that every way it measures is sound.
//
// The proxy is a process of its own: this test binary again. The goroutines are one for each client, and three for each
// relay; what is running ends them.
package cost
