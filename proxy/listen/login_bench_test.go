//go:build unix

package listen_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// BenchmarkLogins logs in 2,000 times a second and more, with secrets that are clear or were right before: by AMI on
// a connection each, and by HTTP Basic with every request. The processor time has the client's in it.
func BenchmarkLogins(b *testing.B) {
	hash, err := access.HashSecret(proxytest.Secret)
	if err != nil {
		b.Fatal(err)
	}
	asterisk := simtest.Start(b, sim.Config{})
	p := proxytest.Start(b, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("hashed"), func(u *access.UserConfig) {
			u.Secret = access.Secret(hash)
		})},
		Lockout: access.LockoutConfig{AddressFailures: 20, UserFailures: 100, Lock: 10 * time.Minute},
		Log:     io.Discard,
	})
	p.Up(b, "pbx1")
	for _, user := range []string{"user", "hashed"} {
		p.Login(b, user).Close() // from here on it is remembered
		b.Run("AMI/"+user, func(b *testing.B) { measured(b, func() { loginByAMI(b, p, user) }) })
		b.Run("HTTP/"+user, func(b *testing.B) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			login := base64.StdEncoding.EncodeToString([]byte(user + ":" + proxytest.Secret))
			s := &script{conn, bufio.NewReader(conn), []byte("GET /api/v1/servers HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + login + "\r\n\r\n")}
			measured(b, func() { s.ask(b, 1) })
		})
	}
}

// measured does something b.N times and reports how often a second, and what of the processors each took.
func measured(b *testing.B, do func()) {
	b.Helper()
	began, used := time.Now(), processorTime(b)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "logins/s")
	b.ReportMetric(float64((processorTime(b)-used).Microseconds())/float64(b.N), "cpu-µs/login")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func loginByAMI(b *testing.B, p *proxytest.Proxy, user string) {
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\nEvents: off\r\n\r\nAction: Logoff\r\n\r\n", user, proxytest.Secret)
	said, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(said), "Authentication accepted") {
		b.Fatalf("%q, %v", said, err)
	}
}
