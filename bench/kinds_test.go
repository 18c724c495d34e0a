//go:build linux

package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/load"
	"github.com/astproxy/astproxy/test/asterisk"
)

// proxyOf runs a proxy in front of an Asterisk that somebody plays at an address, and tells where it is for each
// kind of client.
func proxyOf(t *testing.T, server string) (addresses map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astproxy.toml")
	text := fmt.Sprintf(`state = %q
[log]
level = "error"
[[server]]
name = "load"
address = %q
username = "load"
secret = "load"
backoff_max = "1s"
[[listen]]
url = "ami://127.0.0.1:0"
[[listen]]
url = "amis://127.0.0.1:0"
[[listen]]
url = "http://127.0.0.1:0"
[[user]]
name = "load"
secret = "load"
read = ["all"]
write = ["all"]
`, t.TempDir(), server)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := app.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(config, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = a.Run(ctx) })
	t.Cleanup(func() { stop(); ended.Wait() })
	at := a.Addresses()
	return map[string]string{"ami": at[0], "tls": at[1], "ws": at[2], "sse": at[2]}
}

func TestEveryKindOfClientGetsEveryEvent(t *testing.T) {
	for _, kind := range []string{"ami", "tls", "ws", "sse"} {
		for _, narrow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s narrow=%v", kind, narrow), func(t *testing.T) {
				at := asterisk.FreeAddress(t)
				o := load.Options{
					Listen: at, Address: proxyOf(t, at)[kind], Username: "load", Secret: "load",
					Kind: kind, Narrow: narrow, Clients: 7, Events: 1000,
				}
				r, err := load.Run(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				want := uint64(7000)
				if narrow {
					want = 1000 // each event is one client's
				}
				if r.Deliveries != want || r.EventsExpected != want || r.Lost+r.Duplicates+r.OutOfOrder != 0 || r.Unfinished+r.Disconnected != 0 {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}
