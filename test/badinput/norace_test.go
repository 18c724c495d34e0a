//go:build !race

package badinput_test

const share = 1
