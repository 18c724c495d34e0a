package live_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// handshake asks for a WebSocket and returns the status it is answered with.
func handshake(tb testing.TB, p *proxytest.Proxy, path string, header http.Header, protocol string) int {
	tb.Helper()
	return rawSocket(tb, p, path, header, protocol).response.StatusCode
}

// raw is a WebSocket client that writes and reads bytes.
type raw struct {
	net.Conn
	*bufio.Reader
	response *http.Response
	tb       testing.TB
}

func rawSocket(tb testing.TB, p *proxytest.Proxy, path string, header http.Header, protocol string) raw {
	tb.Helper()
	request, err := http.NewRequest(http.MethodGet, p.URL+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Sec-WebSocket-Version", "13")
	request.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	if protocol != "" {
		request.Header.Set("Sec-WebSocket-Protocol", protocol)
	}
	return rawRequest(tb, p, request)
}

// rawRequest sends a request and reads the head of the response.
func rawRequest(tb testing.TB, p *proxytest.Proxy, request *http.Request) raw {
	tb.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		tb.Fatal(err)
	}
	return rawOver(tb, conn, request)
}

func rawOver(tb testing.TB, conn net.Conn, request *http.Request) raw {
	tb.Helper()
	tb.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	if err := request.Write(conn); err != nil {
		tb.Fatal(err)
	}
	r := raw{Conn: conn, Reader: bufio.NewReader(conn), tb: tb}
	r.readResponse(request)
	return r
}

// readResponse reads the head of the response.
func (r *raw) readResponse(request *http.Request) {
	r.tb.Helper()
	response, err := http.ReadResponse(r.Reader, request)
	if err != nil {
		r.tb.Fatal(err)
	}
	r.tb.Cleanup(func() { response.Body.Close() })
	r.response = response
}

// frame reads a frame: its first byte and its payload.
func (r raw) frame() (first byte, payload []byte) {
	r.tb.Helper()
	read := func(n int) []byte {
		r.tb.Helper()
		b := make([]byte, n)
		if _, err := io.ReadFull(r.Reader, b); err != nil {
			r.tb.Fatal(err)
		}
		return b
	}
	head := read(2)
	length := int(head[1])
	switch length {
	case 126:
		length = int(binary.BigEndian.Uint16(read(2)))
	case 127:
		length = int(binary.BigEndian.Uint64(read(8)))
	}
	return head[0], read(length)
}

// closed reads up to the close frame and returns its code.
func (r raw) closed() int {
	r.tb.Helper()
	for {
		if first, payload := r.frame(); first == 0x88 {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

func (r raw) write(bytes ...byte) {
	r.tb.Helper()
	if _, err := r.Write(bytes); err != nil {
		r.tb.Fatal(err)
	}
}

//astproxy:attack
func TestFramesAgainstTheProtocolEndTheConnectionWithAReason(t *testing.T) {
	p := startProxy(t)
	for name, test := range map[string]struct {
		bytes []byte
		code  int
	}{
		"not masked":           {[]byte{0x81, 0x02, '{', '}'}, 1002},
		"reserved bit":         {[]byte{0xc1, 0x82, 0, 0, 0, 0, '{', '}'}, 1002},
		"reserved opcode":      {[]byte{0x83, 0x82, 0, 0, 0, 0, '{', '}'}, 1002},
		"long ping":            {[]byte{0x89, 0xfe, 0, 126, 0, 0, 0, 0}, 1002},
		"continues nothing":    {[]byte{0x80, 0x82, 0, 0, 0, 0, '{', '}'}, 1002},
		"bad close code":       {[]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed}, 1002},
		"endless":              {[]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 1009},
		"longer than anything": {[]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 1009},
		"binary":               {[]byte{0x82, 0x82, 0, 0, 0, 0, '{', '}'}, 1003},
	} {
		t.Run(name, func(t *testing.T) {
			r := rawSocket(t, p, "/ws", basic(proxytest.Secret), "")
			if r.response.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("answered with %s", r.response.Status)
			}
			r.write(test.bytes...)
			if code := r.closed(); code != test.code {
				t.Errorf("closed with %d, not %d", code, test.code)
			}
			if rest, err := io.ReadAll(r.Reader); err != nil || len(rest) > 0 {
				t.Errorf("behind the close frame: %q, %v", rest, err)
			}
		})
	}
}

// text sends a message, masked by zeros.
func (r raw) text(message string) {
	r.tb.Helper()
	r.write(0x81, 0x80|126, byte(len(message)>>8), byte(len(message)), 0, 0, 0, 0)
	r.write([]byte(message)...)
}
