package store_test

import (
	"os"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_WRITER"); path != "" {
		writeUntilKilled(path)
		os.Exit(1)
	}
	proxytest.Main(m)
}
