//go:build linux

package cost

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// TestMain lets the test binary be the proxy, as `proxy CONFIGURATION`.
func TestMain(m *testing.M) {
	if len(os.Args) != 3 || os.Args[1] != "proxy" {
		proxytest.Main(m)
		return
	}
	if err := runProxy(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runProxy tells where it listens, and ends with its standard input.
func runProxy(path string) error {
	config, err := app.Load(path)
	if err != nil {
		return err
	}
	a, err := app.New(config, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	fmt.Println(a.Addresses()[0])
	return a.Run(ctx)
}
