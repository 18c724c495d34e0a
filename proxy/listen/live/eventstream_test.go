package live_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// eventStream is a client of /events.
type eventStream struct {
	raw
	id string // the latest
}

func listen(tb testing.TB, p *proxytest.Proxy, lastID string, parameters ...string) *eventStream {
	tb.Helper()
	request, err := http.NewRequest(http.MethodGet, p.URL+path("/events", parameters...), nil)
	if err != nil {
		tb.Fatal(err)
	}
	request.Header = basic(proxytest.Secret)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	s := &eventStream{raw: rawRequest(tb, p, request), id: lastID}
	if s.response.StatusCode != http.StatusOK || s.response.Header.Get("Content-Type") != "text/event-stream" {
		tb.Fatalf("answered with %s %v", s.response.Status, s.response.Header)
	}
	s.Reader = bufio.NewReader(s.response.Body)
	return s
}

// block reads the fields up to a blank line.
func (s *eventStream) block() (fields []string, err error) {
	for {
		line, err := s.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			return fields, nil
		}
		fields = append(fields, line)
	}
}

// fields is block, and notes an id.
func (s *eventStream) fields() (fields []string, err error) {
	fields, err = s.block()
	for _, field := range fields {
		if id, ok := strings.CutPrefix(field, "id: "); ok {
			s.id = id
		}
	}
	return fields, err
}

// next is the next event that has these headers.
func (s *eventStream) next(headers ...string) object {
	s.tb.Helper()
	for {
		fields, err := s.fields()
		if err != nil {
			s.tb.Fatal(err)
		}
		var o object
		for _, field := range fields {
			if data, ok := strings.CutPrefix(field, "data: "); ok && json.Unmarshal([]byte(data), &o) != nil {
				s.tb.Fatalf("no JSON: %q", data)
			}
		}
		if o != nil && o.has(headers...) {
			return o
		}
	}
}

// listenRaw sends a request as it is.
func listenRaw(tb testing.TB, p *proxytest.Proxy, request string) *eventStream {
	tb.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	s := &eventStream{raw: raw{Conn: conn, Reader: bufio.NewReader(conn), tb: tb}}
	if _, err := conn.Write([]byte(request)); err != nil {
		tb.Fatal(err)
	}
	s.readResponse(nil)
	return s
}
