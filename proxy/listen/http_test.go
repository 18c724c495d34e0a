package listen_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// door is an HTTP door without a network, and with no Asterisk behind it. It is used inside a
// testing/synctest bubble, where time passes only while everybody waits.
type door struct {
	*listen.HTTP
	listener *simtest.Listener
	served   chan struct{} // closed when Serve has returned
	stop     context.CancelFunc
	log      *written
	t        *testing.T
}

func newDoor(t *testing.T, c listen.HTTPConfig) *door {
	t.Helper()
	users, err := access.NewUsers([]access.UserConfig{proxytest.User()})
	if err != nil {
		t.Fatal(err)
	}
	log := new(written)
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := proxy.New(proxy.Config{Servers: []upstream.Config{{Name: "pbx1"}}, Users: users}, logger)
	d := &door{HTTP: listen.NewHTTP(p, c, logger), listener: simtest.NewListener(), served: make(chan struct{}), log: log, t: t}
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	go func() {
		d.Serve(ctx, d.listener)
		close(d.served)
	}()
	t.Cleanup(func() {
		cancel()
		<-d.served
		time.Sleep(time.Second) // net/http keeps a connection it gives up for a moment
	})
	return d
}

// written is a log that a test reads.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// connection is a client's.
type connection struct {
	net.Conn
	reader *bufio.Reader
	t      *testing.T
}

func (d *door) dial() *connection {
	d.t.Helper()
	conn, err := d.listener.Dial()
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return &connection{conn, bufio.NewReader(conn), d.t}
}

// say writes without waiting for somebody to read.
func (c *connection) say(text string) {
	go func() { _, _ = io.WriteString(c, text) }() // ends when the connection does
}

// heard is a response.
type heard struct {
	status int
	header http.Header
}

// hear reads a response, and its body.
func (c *connection) hear() (heard, string) {
	c.t.Helper()
	answer, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return heard{answer.StatusCode, answer.Header}, string(body)
}

// end returns how long it takes until the connection is closed. In a bubble that is exact.
func (c *connection) end() time.Duration {
	c.t.Helper()
	begin := time.Now()
	c.SetReadDeadline(begin.Add(time.Hour))
	if _, err := io.Copy(io.Discard, c.reader); err != nil {
		c.t.Fatalf("after %v: %v", time.Since(begin), err)
	}
	return time.Since(begin)
}

const hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

func (d *door) answerHello() {
	d.Handle("/hello", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
}

func TestHeadersThatDoNotComeEndTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDoor(t, listen.HTTPConfig{}).dial()
		c.say("GET / HTTP/1.1\r\nHost: x\r\nX")
		if took := c.end(); took != 10*time.Second {
			t.Errorf("after %v", took)
		}
	})
}

//astproxy:attack
func TestHeadersThatComeByTheDropEndTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDoor(t, listen.HTTPConfig{}).dial()
		var writing sync.WaitGroup
		defer writing.Wait()
		writing.Go(func() {
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(c, "X")
			}
		})
		if took := c.end(); took != 10*time.Second {
			t.Errorf("after %v", took)
		}
	})
}

//astproxy:attack
func TestHeadersThatAreTooLongAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDoor(t, listen.HTTPConfig{}).dial()
		c.say("GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n")
		if answer, _ := c.hear(); answer.status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %d", answer.status)
		}
	})
}

//astproxy:attack
func TestAConnectionThatIsIdleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		d.answerHello()
		c := d.dial()
		for range 2 {
			c.say(hello)
			if answer, body := c.hear(); answer.status != 200 || body != "hello" {
				t.Errorf("got %d %s", answer.status, body)
			}
			time.Sleep(time.Minute)
		}
		if took := c.end(); took != time.Minute {
			t.Errorf("after %v", took)
		}
	})
}

//astproxy:attack
func TestABodyThatDoesNotComeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDoor(t, listen.HTTPConfig{}).dial()
		begin := time.Now()
		c.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=Ping")
		answer, body := c.hear()
		if took := time.Since(begin); answer.status != http.StatusRequestTimeout || took != 30*time.Second {
			t.Errorf("after %v: %d %s", took, answer.status, body)
		}
	})
}

func TestARequestMayTakeLongerThanItsBodyMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		d.Handle("/slow", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			select {
			case <-time.After(time.Hour):
				_, _ = w.Write(body)
			case <-r.Context().Done():
			}
		})
		c := d.dial()
		c.say("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
		if answer, body := c.hear(); answer.status != 200 || body != "hello" {
			t.Errorf("got %d %s", answer.status, body)
		}
	})
}

//astproxy:attack
func TestABodyThatIsTooLongIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		read := make(chan int64, 1)
		d.Handle("/read", func(_ http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			var tooLong *http.MaxBytesError
			if !errors.As(err, &tooLong) {
				t.Errorf("got %v", err)
			}
			read <- n
		})
		c := d.dial()
		c.say("POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
			strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 100))
		if n := <-read; n != 1<<20 {
			t.Errorf("%d bytes were read", n)
		}
	})
}

func TestAClientThatDoesNotReadItsAnswerIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		ended := make(chan error, 1)
		d.Handle("/much", func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 8<<20))
			ended <- err
		})
		d.dial().say(strings.Replace(hello, "hello", "much", 1))
		begin := time.Now()
		select {
		case err := <-ended:
			if took := time.Since(begin); err == nil || took != 30*time.Second {
				t.Errorf("after %v: %v", took, err)
			}
		case <-time.After(time.Hour):
			t.Error("it is waited for")
		}
	})
}

func TestAClientThatReadsSlowlyGetsAllOfItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		const size = 8 << 20
		d.Handle("/much", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, size)) })
		c := d.dial()
		c.say(strings.Replace(hello, "hello", "much", 1))
		piece, total := make([]byte, 64<<10), 0
		for total < size {
			time.Sleep(10 * time.Second)
			n, err := io.ReadFull(c.reader, piece)
			if total += n; err != nil && n == 0 {
				t.Fatalf("after %d bytes: %v", total, err)
			}
		}
	})
}

//astproxy:attack
func TestAnswersThatNobodyReadsAreBoundedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		d := newDoor(t, listen.HTTPConfig{AnswerMemory: 4 * size})
		ended := make(chan string, 10)
		d.Handle("/much", func(w http.ResponseWriter, r *http.Request) {
			if _, err := w.Write(make([]byte, size)); err != nil {
				ended <- r.URL.RawQuery
			}
		})
		much := func(name string) *connection {
			c := d.dial()
			c.say("GET /much?" + name + " HTTP/1.1\r\nHost: x\r\n\r\n")
			synctest.Wait()
			time.Sleep(time.Second)
			return c
		}
		for _, name := range []string{"first", "second", "third", "fourth"} {
			much(name)
		}
		if len(ended) > 0 {
			t.Errorf("%s was cut off, and there was room", <-ended)
		}
		c := much("fifth")
		if got := <-ended; got != "first" {
			t.Errorf("%s was cut off", got)
		}
		if _, body := c.hear(); len(body) != size {
			t.Errorf("who reads got %d bytes", len(body))
		}
		if !strings.Contains(d.log.String(), "client cut off") {
			t.Errorf("the log is\n%s", d.log)
		}
		// Room that was made is not there twice, and an answer that is read takes none.
		much("sixth")
		much("seventh")
		if got := <-ended; got != "second" || len(ended) > 0 {
			t.Errorf("%s was cut off, and %d others", got, len(ended))
		}
	})
}

func TestAnAnswerLargerThanTheirMemoryIsWrittenToWhoReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{AnswerMemory: 1})
		d.Handle("/much", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
		c := d.dial()
		c.say(strings.Replace(hello, "hello", "much", 1))
		if _, body := c.hear(); len(body) != 1<<20 {
			t.Errorf("got %d bytes", len(body))
		}
	})
}

//astproxy:attack
func TestAPanicEndsItsOwnRequestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		d.answerHello()
		d.Handle("/panic", func(_ http.ResponseWriter, r *http.Request) { panic(r.URL.String()) })
		d.Handle("/index", func(_ http.ResponseWriter, r *http.Request) { _ = r.URL.Path[len(r.URL.Path):][0] })
		d.Handle("/late", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "half of")
			panic(r.URL.String())
		})
		other := d.dial()
		other.say(hello)
		other.hear()
		for _, path := range []string{"/panic", "/index"} {
			c := d.dial()
			c.say("GET " + path + "?Secret=hunter2 HTTP/1.1\r\nHost: x\r\n\r\n")
			if answer, body := c.hear(); answer.status != 500 || strings.Contains(body, "hunter2") {
				t.Errorf("%s: %d %s", path, answer.status, body)
			}
			c.end()
		}
		late := d.dial()
		late.say("GET /late?Secret=hunter2 HTTP/1.1\r\nHost: x\r\n\r\n")
		if rest, err := io.ReadAll(late.reader); err != nil || strings.HasSuffix(string(rest), "0\r\n\r\n") || strings.Contains(string(rest), "Content-Length") {
			t.Errorf("half an answer was sent as a whole one: %q, %v", rest, err)
		}
		other.say(hello)
		if answer, _ := other.hear(); answer.status != 200 {
			t.Errorf("another client: %d", answer.status)
		}
		log := d.log.String()
		if strings.Count(log, "request failed") != 3 || !strings.Contains(log, "index out of range") || !strings.Contains(log, "http_test.go") {
			t.Errorf("the log is\n%s", log)
		}
		if strings.Contains(log, "hunter2") {
			t.Errorf("the log has the secret:\n%s", log)
		}
	})
}

//astproxy:attack
func TestNoAddressIsInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		const query = "Action=Ping&Username=user&Secret=hunter2&ticket=hunter2&ProxyKey=hunter2"
		for _, request := range []string{
			"GET /?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /?" + query + "&A=%0a HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /?" + query + ";&;=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /nowhere?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /?" + query + " HTTP/9.9\r\nHost: x\r\n\r\n",
			"GET /?" + query + "\r\n\r\n",
			"GET /?" + query + " HTTP/1.1\r\nHost: hunter2\x00\r\nX hunter2: y\r\n\r\n",
			"GET /?" + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hunter2\r\n\r\n",
			"POST /?" + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: hunter2\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n",
			"PUT /?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n",
			"CONNECT hunter2:1 HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /?" + query + " HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("hunter2", 10_000) + "\r\n\r\n",
			"POST /?" + query + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhunter2",
		} {
			c := d.dial()
			c.say(request)
			c.SetReadDeadline(time.Now().Add(time.Hour))
			_, _ = io.Copy(io.Discard, c.reader)
		}
		if text := d.log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "login failed") {
			t.Errorf("the log is\n%s", text)
		}
	})
}

//astproxy:attack
func TestNoAnswerIsKeptGuessedAtFramedOrRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		d.answerHello()
		for _, path := range []string{"/", "/hello", "/nowhere"} {
			c := d.dial()
			c.say("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
			answer, _ := c.hear()
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
				"Referrer-Policy":         "same-origin", // none, and the form of /manager says it comes from nowhere
				"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			} {
				if got := answer.header.Get(name); got != want {
					t.Errorf("%s: %s is %q", path, name, got)
				}
			}
		}
	})
}

//astproxy:attack
func TestThereAreOnlySoManyConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{ConnectionLimit: 2})
		d.answerHello()
		release := make(chan struct{})
		d.Handle("/take", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			<-release
		})
		one, two := d.dial(), d.dial()
		one.say(strings.Replace(hello, "hello", "take", 1))
		two.say(hello)
		two.hear()
		synctest.Wait()
		if took := d.dial().end(); took != 0 || !strings.Contains(d.log.String(), "too many are connected") {
			t.Errorf("one more is closed after %v", took)
		}
		two.Close()
		synctest.Wait()
		three := d.dial()
		three.say(hello)
		if answer, _ := three.hear(); answer.status != 200 {
			t.Errorf("in the place of one that has gone: %d", answer.status)
		}
		close(release) // one was taken over, and counts until it ends
		synctest.Wait()
		four := d.dial()
		four.say(hello)
		if answer, _ := four.hear(); answer.status != 200 {
			t.Errorf("in the place of one that was taken over: %d", answer.status)
		}
		if took := d.dial().end(); took != 0 {
			t.Errorf("one more is closed after %v", took)
		}
	})
}

func TestRequestsInFlightEndWhenTheListenerIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		d.answerHello()
		release := make(chan struct{})
		d.Handle("/slow", func(w http.ResponseWriter, _ *http.Request) {
			<-release
			_, _ = io.WriteString(w, "done")
		})
		taken := make(chan struct{})
		d.Handle("/take", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			<-taken
		})
		c := d.dial()
		c.say(strings.Replace(hello, "hello", "slow", 1))
		d.dial().say(strings.Replace(hello, "hello", "take", 1))
		idle := d.dial()
		idle.say(hello)
		idle.hear()
		synctest.Wait()
		d.listener.Close()
		if took := idle.end(); took != 0 {
			t.Errorf("an idle connection is closed after %v", took)
		}
		synctest.Wait()
		d.mustServe("a request is in flight")
		close(release)
		if answer, body := c.hear(); answer.status != 200 || body != "done" {
			t.Errorf("got %d %s", answer.status, body)
		}
		time.Sleep(time.Minute)
		d.mustServe("a connection was taken over")
		close(taken)
		<-d.served
	})
}

func TestConnectionsThatWereTakenOverAreWaitedForAtTheVeryEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, listen.HTTPConfig{})
		taken := make(chan struct{})
		d.Handle("/take", func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			<-taken
		})
		d.dial().say(strings.Replace(hello, "hello", "take", 1))
		synctest.Wait()
		d.stop()
		synctest.Wait()
		d.mustServe("a connection was taken over")
		close(taken)
		<-d.served
	})
}

// mustServe fails the test if Serve has returned.
func (d *door) mustServe(because string) {
	d.t.Helper()
	select {
	case <-d.served:
		d.t.Errorf("the door has closed while %s", because)
	default:
	}
}

//astproxy:attack
func TestOnlyThePagesOfConfiguredOriginsAreLetToRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const panel = "https://panel.example.org"
		d := newDoor(t, listen.HTTPConfig{Origins: []string{panel}})
		d.answerHello()
		for _, test := range []struct {
			method, origin string
			status         int
			allowed        string
		}{
			{"GET", panel, 200, panel},
			{"GET", "HTTPS://panel.example.org", 200, "HTTPS://panel.example.org"},
			{"GET", "https://panel.example.org.evil.example", 200, ""},
			{"GET", "null", 200, ""},
			{"GET", "http://x", 200, ""}, // the door's own pages need no word
			{"GET", "", 200, ""},
			{"OPTIONS", panel, 204, panel},
			{"OPTIONS", "https://evil.example", 405, ""},
		} {
			path := "/hello"
			if test.method == "OPTIONS" {
				path = "/"
			}
			c := d.dial()
			c.say(test.method + " " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: " + test.origin + "\r\nAccess-Control-Request-Method: POST\r\n\r\n")
			answer, _ := c.hear()
			if got := answer.header.Get("Access-Control-Allow-Origin"); got != test.allowed || answer.status != test.status || answer.header.Get("Vary") != "Origin" {
				t.Errorf("%s from %q: %d, allowed %q", test.method, test.origin, answer.status, got)
			}
		}
	})
}
