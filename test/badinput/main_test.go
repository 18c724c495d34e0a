// Package badinput_test has a proxy with all its doors, and has each fed with what nobody should send: clients that read
// hardly anything, that come and go, events that are too large or too many at once.
package badinput_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }
