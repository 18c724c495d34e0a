package action_test

import (
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }
