package manager_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// start runs a proxy in front of a simulated Asterisk, with a user who may all, called user, and one who
// sees calls and user events, called limited.
func start(t *testing.T) *proxytest.Proxy {
	t.Helper()
	return startWithLog(t, t.Output())
}

func startWithLog(t *testing.T, output io.Writer) *proxytest.Proxy {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{
			proxytest.User(),
			proxytest.User(proxytest.Named("limited"), proxytest.May([]string{"call", "user"}, []string{"call", "user"})),
		},
		Log: output,
	})
	p.Up(t, "pbx1")
	return p
}

// program is one that was written for Asterisk's HTTP manager: it sends what it is told and its
// cookie, each request by a connection of its own, and looks at every byte of the answers.
type program struct {
	t       *testing.T
	address string
	cookie  string
	agent   string // "" is no browser
	headers []string
}

func newProgram(t *testing.T, p *proxytest.Proxy) *program {
	return &program{t: t, address: strings.TrimPrefix(p.URL, "http://")}
}

// logIn is a program that has logged in.
func logIn(t *testing.T, p *proxytest.Proxy, user string, more ...string) *program {
	t.Helper()
	return newProgram(t, p).logIn(user, more...)
}

func (c *program) logIn(user string, more ...string) *program {
	c.t.Helper()
	if a := c.get("/rawman", append([]string{"action", "login", "username", user, "secret", proxytest.Secret}, more...)...); !strings.Contains(a.body, "Authentication accepted") {
		c.t.Fatalf("login: %q", a.body)
	}
	return c
}

// answer is what comes back, with the headers as they are spelled and ordered by name.
type answer struct {
	status  string
	headers []string
	body    string
}

// header is the value of a header; "" is none.
func (a answer) header(name string) string {
	for _, line := range a.headers {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

// query writes parameters, given as names and values.
func query(parameters ...string) string {
	var all []string
	for i := 0; i < len(parameters); i += 2 {
		all = append(all, url.QueryEscape(parameters[i])+"="+url.QueryEscape(parameters[i+1]))
	}
	return strings.Join(all, "&")
}

func (c *program) get(path string, parameters ...string) answer {
	c.t.Helper()
	return c.do("GET", path+"?"+query(parameters...), "")
}

func (c *program) post(path string, parameters ...string) answer {
	c.t.Helper()
	return c.do("POST", path, query(parameters...), "Content-Type: application/x-www-form-urlencoded")
}

// do sends a request and returns its answer.
func (c *program) do(method, target, body string, headers ...string) answer {
	c.t.Helper()
	conn := c.send(method, target, body, headers...)
	defer conn.Close()
	return c.receive(conn, method)
}

func (c *program) send(method, target, body string, headers ...string) net.Conn {
	c.t.Helper()
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		c.t.Fatal(err)
	}
	headers = append(append(headers, c.headers...), "Host: "+c.address)
	if c.cookie != "" {
		headers = append(headers, "Cookie: "+c.cookie)
	}
	if c.agent != "" {
		headers = append(headers, "User-Agent: "+c.agent)
	}
	if body != "" {
		headers = append(headers, "Content-Length: "+strconv.Itoa(len(body)))
	}
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\n%s\r\n\r\n%s", method, target, strings.Join(headers, "\r\n"), body); err != nil {
		c.t.Fatal(err)
	}
	return conn
}

var cookieOfAnswer = regexp.MustCompile(`^(mansession_id="[^"]*")`)

func (c *program) receive(conn net.Conn, method string) (a answer) {
	c.t.Helper()
	conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
	reader := bufio.NewReader(conn)
	for line := ""; ; {
		var err error
		if line, err = reader.ReadString('\n'); err != nil {
			c.t.Fatalf("answer: %v behind %q", err, a.headers)
		}
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			break
		}
		if a.status == "" {
			a.status = line
		} else {
			a.headers = append(a.headers, line)
		}
	}
	slices.Sort(a.headers)
	if length, err := strconv.Atoi(a.header("Content-Length")); err != nil {
		c.t.Fatalf("no length in %q", a.headers)
	} else if method != "HEAD" {
		body := make([]byte, length)
		if _, err := io.ReadFull(reader, body); err != nil {
			c.t.Fatal(err)
		}
		a.body = string(body)
	}
	if cookie := cookieOfAnswer.FindString(a.header("Set-Cookie")); cookie != "" {
		c.cookie = cookie
	}
	return a
}
