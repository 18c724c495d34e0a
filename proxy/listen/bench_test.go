package listen_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// BenchmarkHTTPActions does b.N Pings by pipelined AMI and as many by HTTP on connections that stay, in
// turns, and reports the rate of the second to that of the first. The clients are as cheap as can be.
func BenchmarkHTTPActions(b *testing.B) {
	const clients, turns = 16, 20
	asterisk := simtest.Start(b, sim.Config{})
	p := proxytest.Start(b, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		HTTP:    listen.HTTPConfig{Format: formats.Standard{}},
		Log:     io.Discard,
	})
	p.Up(b, "pbx1")
	var pinging, asking time.Duration
	managers, scripts := make([]*manager, clients), make([]*script, clients)
	for i := range clients {
		managers[i], scripts[i] = newManager(b, p), newScript(b, p)
	}
	each := max(1, b.N/clients/turns)
	for range turns {
		pinging += together(managers, func(m *manager) { m.ping(b, each) })
		asking += together(scripts, func(s *script) { s.ask(b, each) })
	}
	done := float64(each * clients * turns)
	b.ReportMetric(done/pinging.Seconds(), "AMI/s")
	b.ReportMetric(done/asking.Seconds(), "HTTP/s")
	b.ReportMetric(pinging.Seconds()/asking.Seconds(), "HTTP/AMI")
	b.ReportMetric(0, "ns/op") // of both together it says nothing
}

// together has all do something at once, and returns how long it took.
func together[T any](all []T, do func(T)) time.Duration {
	var working sync.WaitGroup
	begin := time.Now()
	for _, one := range all {
		working.Go(func() { do(one) })
	}
	working.Wait()
	return time.Since(begin)
}

// manager is a client of the AMI door.
type manager struct {
	conn   net.Conn
	reader *bufio.Reader
}

func newManager(b *testing.B, p *proxytest.Proxy) *manager {
	c := p.Login(b, "user", "Events: off")
	c.SetDeadline(time.Time{})
	return &manager{c.Conn, bufio.NewReaderSize(c.Conn, 64<<10)}
}

// ping sends Pings without waiting, and reads as many answers.
func (m *manager) ping(b *testing.B, n int) {
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(m.conn, strings.Repeat(proxytest.Block("Ping", "ActionID: 1"), n))
		sent <- err
	}()
	for range n {
		if err := block(m.reader); err != nil {
			b.Error(err)
			return
		}
	}
	if err := <-sent; err != nil {
		b.Error(err)
	}
}

// block reads up to a blank line.
func block(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) == 2 {
			return err
		}
	}
}

// script is a client of the HTTP door.
type script struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func newScript(b *testing.B, p *proxytest.Proxy) *script {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	login := base64.StdEncoding.EncodeToString([]byte("user:" + proxytest.Secret))
	request := "GET /?Action=Ping&ActionID=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + login + "\r\n\r\n"
	return &script{conn, bufio.NewReaderSize(conn, 64<<10), []byte(request)}
}

// ask sends one request after the other.
func (s *script) ask(b *testing.B, n int) {
	for range n {
		if _, err := s.conn.Write(s.request); err != nil {
			b.Error(err)
			return
		}
		if err := s.answer(); err != nil {
			b.Error(err)
			return
		}
	}
}

func (s *script) answer() error {
	length := 0
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if digits, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(digits)))
		}
		if len(line) == 2 {
			_, err := s.reader.Discard(length)
			return err
		}
	}
}
