package listen_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// FuzzHTTP sends whatever it likes as the whole of a connection: no request fails inside, and what says
// it is JSON or XML is.
//
//astproxy:attack
func FuzzHTTP(f *testing.F) {
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+proxytest.Secret)) + "\r\n"
	for _, seed := range []string{
		"GET /?Action=Ping&format=csv HTTP/1.1\r\nHost: x\r\n" + basic + "\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 17\r\n" + basic + "\r\n{\"Action\":\"Ping\"}",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n" + basic + "\r\n" +
			"45\r\n<AsteriskManagerInput><Action Value=\"Ping\"/></AsteriskManagerInput>  \r\n0\r\n\r\n",
		"POST /api/v1/actions/Ping HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 14\r\n" + basic + "\r\n{\"Server\":\"*\"}",
		"GET /api/v1/servers HTTP/1.0\r\n" + basic + "\r\n",
		"GET /rawman?action=login&username=user&secret=" + proxytest.Secret + " HTTP/1.1\r\nHost: x\r\nCookie: mansession_id=\"1\"\r\n\r\n" +
			"GET /MXML?action=challenge&authtype=md5&ajaxdest='&ajaxobjtype=a HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /amanager?action=ping HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username=\"user\", nonce=\"1\", uri=\"/amanager?action=ping\"," +
			" response=\"2\", qop=auth, nc=00000001, cnonce=\"\\\"\"\r\n\r\n",
		"GET http://y/metrics HTTP/1.1\r\nHost: x\r\n\r\nHEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS /api/v1/tickets HTTP/1.1\r\nHost: x\r\nOrigin: https://panel.example.org\r\nAccess-Control-Request-Method: POST\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	asterisk := simtest.Start(f, sim.Config{})
	p := proxytest.Start(f, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   []access.UserConfig{proxytest.User()},
		HTTP:    listen.HTTPConfig{Monitoring: monitor.Everybody, Origins: []string{"https://panel.example.org"}},
	})
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(proxytest.Patience))
		if _, err := conn.Write(sent); err != nil {
			return
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		for reader := bufio.NewReader(conn); ; {
			answer, err := http.ReadResponse(reader, nil)
			if err != nil {
				return
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode == http.StatusInternalServerError {
				t.Fatalf("%q: %s", sent, body)
			}
			if err != nil || len(body) == 0 {
				return // to HEAD, perhaps, of which the reader knows nothing
			}
			switch kind := answer.Header.Get("Content-Type"); {
			case strings.Contains(kind, "json") && !json.Valid(body):
				t.Fatalf("%q: %s", sent, body)
			case strings.Contains(kind, "xml"):
				for d := xml.NewDecoder(bytes.NewReader(body)); ; {
					if _, err := d.Token(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("%q: %v: %s", sent, err, body)
					}
				}
			}
		}
	})
}
