package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// page is what the browser loads: the documentation's script, and one that notes what it sees, and
// where it may places a call.
const page = `<!DOCTYPE html>
<title>calls</title>
<script>
%s
const seen = []
let placed = false
const getTicket = () => fetch('/ticket').then((response) => response.text())
%s(%q, getTicket, (message, send) => {
  seen.push(message)
  if (!send || placed) return
  placed = true
  send({ Action: 'Originate', ActionID: 'call', Async: true, Channel: 'Local/1001@default', Context: 'default', Exten: 'load', Priority: 1 })
})
</script>`

// site is a web server with that page, which gets its visitors tickets for a proxy.
type site struct {
	*httptest.Server
	function string // of the documentation
	script   string
	at       atomic.Pointer[visited]
}

// visited is the proxy whose calls the page shows.
type visited struct {
	proxy *proxytest.Proxy
	relay *relay // the way to it
}

func newSite(t *testing.T, function string) *site {
	t.Helper()
	s := &site{function: function, script: script(t)}
	pages := http.NewServeMux()
	pages.HandleFunc("/ticket", s.ticket)
	pages.HandleFunc("/{$}", s.page)
	s.Server = httptest.NewServer(pages)
	t.Cleanup(s.Close)
	return s
}

// show has the page show the calls of a proxy, and returns the way there.
func (s *site) show(t *testing.T, p *proxytest.Proxy) *relay {
	t.Helper()
	r := newRelay(t, strings.TrimPrefix(p.URL, "http://"))
	t.Cleanup(r.end)
	s.at.Store(&visited{p, r})
	return r
}

func (s *site) page(w http.ResponseWriter, _ *http.Request) {
	scheme := "http"
	if s.function == "watch" {
		scheme = "ws"
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, page, s.script, s.function, scheme+"://"+s.at.Load().relay.Addr().String())
}

// ticket asks the proxy for one, with a login that no visitor sees.
func (s *site) ticket(w http.ResponseWriter, r *http.Request) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, s.at.Load().proxy.URL+"/api/v1/tickets", nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	request.SetBasicAuth("user", proxytest.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	var answer struct{ Ticket string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, _ = io.WriteString(w, answer.Ticket)
}

// relay is a way to an address that can be cut.
type relay struct {
	net.Listener
	running sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newRelay(t *testing.T, address string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, conns: map[net.Conn]struct{}{}}
	r.running.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				near.Close()
				continue
			}
			r.carry(near, far)
			r.carry(far, near)
		}
	})
	return r
}

func (r *relay) carry(from, to net.Conn) {
	r.mu.Lock()
	r.conns[from] = struct{}{}
	r.mu.Unlock()
	r.running.Go(func() {
		_, _ = io.Copy(to, from) // until it is cut
		to.Close()
	})
}

// cut breaks all connections off.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		c.Close()
	}
	clear(r.conns)
}

func (r *relay) end() {
	r.Close()
	r.cut()
	r.running.Wait()
}

// browser starts one of its own for a test, with a new profile.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		asterisk.Missing(t, fmt.Errorf("chromium is not installed: run sh test/live/install.sh as root on Debian"))
	}
	patience, cancelPatience := context.WithTimeout(context.Background(), proxytest.Patience)
	allocator, cancelAllocator := chromedp.NewExecAllocator(patience,
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithLogf(t.Logf), chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // it waits for the browser to end
		cancel()
		cancelAllocator()
		cancelPatience()
	})
	return ctx
}

// await waits until the page has seen what a condition on a message m says.
func await(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	wanted := fmt.Sprintf("seen.some((m) => %s)", condition)
	if err := chromedp.Run(ctx, chromedp.Poll(wanted, nil, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		t.Fatalf("%s: %v; it has seen %s", condition, err, seen(t, ctx))
	}
}

// seen is all messages the page has got.
func seen(t *testing.T, ctx context.Context) (all []map[string]any) {
	t.Helper()
	var text string
	if err := chromedp.Run(ctx, chromedp.Evaluate("JSON.stringify(seen)", &text)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestABrowserPlacesACallSeesItsChannelComeAndGoAndMissesNothing(t *testing.T) {
	for _, function := range []string{"watch", "watchEvents"} {
		t.Run(function, func(t *testing.T) {
			s := newSite(t, function)
			forEachAsterisk(t, []string{s.URL}, func(t *testing.T, p *proxytest.Proxy) {
				ctx := browser(t)
				way := s.show(t, p)
				if err := chromedp.Run(ctx, chromedp.Navigate(s.URL)); err != nil {
					t.Fatal(err)
				}
				await(t, ctx, "m.Event === 'ProxyPosition'")
				c := p.Login(t, "user", "Events: off")
				if function == "watchEvents" { // it can ask for nothing
					c.Ask("Originate", "Channel: Local/1001@default", "Context: default", "Exten: load", "Priority: 1", "Async: true")
				}
				await(t, ctx, "m.Event === 'Hangup' && seen.some((n) => n.Event === 'Newchannel' && n.Uniqueid === m.Uniqueid)")

				way.cut()
				for i := range 10 {
					c.Ask("UserEvent", "UserEvent: Count", fmt.Sprintf("Number: %d", i))
				}
				await(t, ctx, "m.Number === '9'")
				next := 0
				for _, m := range seen(t, ctx) {
					if m["Event"] == "ProxyGap" {
						t.Errorf("it has seen %v", m)
					}
					if m["Event"] == "UserEvent" {
						if m["Number"] != strconv.Itoa(next) {
							t.Errorf("it has seen %v, not number %d", m, next)
						}
						next++
					}
				}
			})
		})
	}
}
