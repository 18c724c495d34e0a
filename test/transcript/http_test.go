package transcript_test

import (
	"crypto/md5"
	"encoding/hex"
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

	"github.com/astproxy/astproxy/test/asterisk"
)

// Byte for byte alike are the headers, but for their order, and the bodies. What is different by design
// or from one moment to the next is here, besides what is at byDesign and unlike.
var httpUnlike = []struct {
	what    string
	pattern *regexp.Regexp
	is      string
}{
	{"the header Server at the end of messages", regexp.MustCompile(`<tr><td>Server</td><td>` + serverName + `</td></tr>\n| server='` + serverName + `'`), ""},
	{"what tells browsers to be careful", regexp.MustCompile(`(?m)^(?:X-Content-Type-Options|Referrer-Policy|Content-Security-Policy): .*\r\n`), ""},
	{"who answers", regexp.MustCompile(`(?m)(^Server: |<address>)Asterisk/[^\r<]+`), "${1}{server}"},
	{"a blank line more behind some errors, which ends nothing", regexp.MustCompile(`\n\r\n(?:\r\n)+`), "\n\r\n"},
	{"a tab in an attribute, which XML's readers would take for a blank", regexp.MustCompile(`&#9;`), "\t"},
	{"when", regexp.MustCompile(`(?m)^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r`), "Date: {date}\r"},
	{"when", regexp.MustCompile(`(<td>Timestamp</td><td>|timestamp=')\d+\.\d+`), "${1}{time}"},
	{"the challenge", regexp.MustCompile(`(<td>Challenge</td><td>|challenge=')\d+`), "${1}{challenge}"},
	{"the session's name", regexp.MustCompile(`(mansession_id|nonce|opaque)="[0-9a-f]+"`), `${1}="{name}"`},
}

// visitor is a program that uses an HTTP manager, and what it has seen.
type visitor struct {
	t      *testing.T
	e      endpoint
	normal *normaliser
	cookie string
	seen   strings.Builder
}

func newVisitor(t *testing.T, e endpoint) *visitor {
	return &visitor{t: t, e: e, normal: newNormaliser(e)}
}

// send sends a request, which is the last of its connection.
func (v *visitor) send(method, target, body string, headers ...string) net.Conn {
	v.t.Helper()
	conn, err := net.Dial("tcp", v.e.web)
	if err != nil {
		v.t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(patience))
	headers = append(headers, "Host: "+v.e.web, "Connection: close")
	if v.cookie != "" {
		headers = append(headers, "Cookie: "+v.cookie)
	}
	if method == "POST" {
		headers = append(headers, "Content-Type: application/x-www-form-urlencoded", "Content-Length: "+strconv.Itoa(len(body)))
	}
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\n%s\r\n\r\n%s", method, target, strings.Join(headers, "\r\n"), body); err != nil {
		v.t.Fatal(err)
	}
	return conn
}

var (
	givenCookie = regexp.MustCompile(`\r\nSet-Cookie: (mansession_id="[0-9a-f]+")`)
	givenLength = regexp.MustCompile(`\r\nContent-Length: (\d+)`)
)

// receive reads an answer to its end, and keeps the cookie.
func (v *visitor) receive(conn net.Conn) (head, body string) {
	v.t.Helper()
	defer conn.Close()
	text, err := io.ReadAll(conn)
	if err != nil {
		v.t.Errorf("%s: %v", v.e.name, err)
	}
	head, body, _ = strings.Cut(string(text), "\r\n\r\n")
	length := givenLength.FindStringSubmatch(head)
	if length == nil || length[1] != strconv.Itoa(len(body)) && body != "" {
		v.t.Errorf("%s: a body of %d bytes behind %q", v.e.name, len(body), head)
	}
	if cookie := givenCookie.FindStringSubmatch(head); cookie != nil {
		v.cookie = cookie[1]
	}
	return head, body
}

// note writes an answer down, comparable.
func (v *visitor) note(head, body string) {
	lines := strings.Split(head, "\r\n")
	slices.Sort(lines[1:])
	body = v.normalise(body)
	head = v.normalise(strings.Join(lines, "\r\n") + "\r\n")
	// The length is that of what is compared; that it was right receive has looked at.
	head = regexp.MustCompile(`(?m)^Content-Length: \d+`).ReplaceAllString(head, fmt.Sprintf("Content-Length: %d", len(body)))
	fmt.Fprintf(&v.seen, "%s\r\n%s\n", head, body)
}

func (v *visitor) normalise(text string) string {
	for _, u := range httpUnlike {
		text = u.pattern.ReplaceAllString(text, u.is)
	}
	return v.normal.text(text)
}

// ask sends a request and writes its answer down.
func (v *visitor) ask(method, target, body string, headers ...string) (gotHead, gotBody string) {
	v.t.Helper()
	fmt.Fprintf(&v.seen, "== %s %s %s\n", method, target, body)
	gotHead, gotBody = v.receive(v.send(method, target, body, headers...))
	v.note(gotHead, gotBody)
	return gotHead, gotBody
}

// byCookie is a session at one of the addresses.
func (v *visitor) byCookie(path string) {
	user, secret := url.QueryEscape(v.e.asterisk.Username), url.QueryEscape(v.e.asterisk.Secret)
	v.cookie = ""
	ask := func(query string) { v.t.Helper(); v.ask("GET", path+"?"+query, "") }
	ask("action=ping&actionid=0")
	ask("action=challenge")
	ask("action=challenge&authtype=md5&actionid=1")
	v.cookie = ""
	ask("action=login&username=" + user + "&secret=" + secret + "&events=user&actionid=2")
	ask("action=login&username=nobody&secret=nothing")
	for _, query := range []string{
		"action=ping&actionid=3", "ACTION=Ping", "action=&action=ping&actionid=&actionid=4", "", "action=", "action=nosuchaction&actionid=5",
		"action=queuesummary&actionid=6", "action=queuesummary", "action=queuestatus&queue=sales", "action=coreshowchannels",
		"action=command&command=queue+show+support", "action=command&command=no+such+command&actionid=7",
		"action=getvar&variable=nosuch", "action=dbget&family=a%3Cb&key=%22%27%26", "action=listcommands", "action=getconfig&filename=queues.conf",
		"action=getvar&variable=EPOCH&ajaxdest=box&ajaxobjtype=thing",
		"action=events", "action=events&eventmask=call", "action=events&eventmask=user,call&actionid=8", "action=events&eventmask=user",
		"action=filter&operation=sub", "action=filter&operation=add&filter=%5B", "action=filter&operation=add&filter=UserEvent",
		"action=userevent&ActionID=9&userevent=said&text=%3Cb%3E+%C3%BC", "action=waitevent&timeout=10&actionid=10", "action=waitevent&timeout=1",
	} {
		ask(query)
	}
	v.ask("POST", path, "action=ping&actionid=11")
	v.ask("POST", path+"?action=ping", "")
	v.ask("HEAD", path+"?action=ping", "")
	v.ask("PUT", path+"?action=ping", "")
	v.ask("POST", path, "action=ping&x="+strings.Repeat("x", 50_000))
	v.ask("GET", path+"/?action=ping", "")
	v.abandonedWait(path)
	ask("action=logoff&actionid=12")
	ask("action=ping&actionid=13")
}

// abandonedWait is a WaitEvent whose place another takes.
func (v *visitor) abandonedWait(path string) {
	fmt.Fprintf(&v.seen, "== %s: two waits\n", path)
	for range 20 {
		head, body := v.replacedWait(path)
		// An event that is filtered out ends Asterisk's, too.
		if !strings.Contains(body, "Waiting for Event completed.") {
			v.note(head, body)
			return
		}
	}
	v.t.Errorf("%s: %s: a second WaitEvent does not take the first one's place", v.e.name, path)
}

// replacedWait sends a WaitEvent, and others until the first is answered: that it waits nothing else tells.
func (v *visitor) replacedWait(path string) (head, body string) {
	waiting, ended := newVisitor(v.t, v.e), make(chan struct{})
	waiting.cookie = v.cookie
	conn := waiting.send("GET", path+"?action=waitevent", "")
	go func() {
		defer close(ended)
		head, body = waiting.receive(conn)
	}()
	for {
		select {
		case <-ended:
			return head, body
		default:
			v.receive(v.send("GET", path+"?action=waitevent&timeout=0", ""))
		}
	}
}

// byDigest is a session at one of the addresses that want Digest.
func (v *visitor) byDigest(path string) {
	v.cookie = ""
	head, _ := v.ask("GET", path+"?action=ping", "")
	_, rest, _ := strings.Cut(head, `nonce="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	count := 0
	authorize := func(method, target string) string {
		count++
		return v.digest(method, target, nonce, fmt.Sprintf("%08x", count))
	}
	for _, query := range []string{"action=ping&actionid=1", "action=login", "", "action=queuesummary", "action=events&eventmask=user",
		"action=userevent&userevent=said", "action=waitevent&timeout=10"} {
		target := path + "?" + query
		v.ask("GET", target, "", authorize("GET", target))
	}
	v.ask("POST", path, "action=ping&actionid=2", authorize("POST", path))
	v.ask("GET", path, "", v.digest("GET", path, nonce, "00000002")) // again
	v.ask("PUT", path, "")
}

// digest is a header that answers a nonce (RFC 2617, 3.2.2).
func (v *visitor) digest(method, target, nonce, count string) string {
	hash := func(parts ...string) string {
		sum := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum[:])
	}
	user := v.e.asterisk.Username
	response := hash(hash(user, "asterisk", v.e.asterisk.Secret), nonce, count, "cnonce", "auth", hash(method, target))
	return fmt.Sprintf(`Authorization: Digest username="%s", realm="asterisk", nonce="%s", uri="%s", qop=auth, nc=%s, cnonce="cnonce", response="%s"`,
		user, nonce, target, count, response)
}

func TestAnHTTPManagerSessionIsAsWithAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		s := asterisk.Start(t, version)
		direct, through := newVisitor(t, directTo(s)), newVisitor(t, startProxy(t, s))
		for _, v := range []*visitor{direct, through} {
			for _, path := range []string{"/rawman", "/manager", "/mxml"} {
				v.byCookie(path)
			}
			for _, path := range []string{"/arawman", "/amanager", "/amxml"} {
				v.byDigest(path)
			}
		}
		wantSame(t, "the transcript", direct.seen.String(), through.seen.String())
	})
}

// Most answer with an error, some with a list.
func TestEveryActionIsAnsweredByHTTPAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		s := asterisk.Start(t, version)
		direct, through := directTo(s), startProxy(t, s)
		transcripts := map[string]*visitor{}
		for _, e := range []endpoint{direct, through} {
			v := newVisitor(t, e)
			v.receive(v.send("GET", "/rawman?action=login&username="+s.Username+"&secret="+s.Secret, ""))
			for _, name := range actionsOf(t, e) {
				if name == "ModuleLoad" {
					continue // it answers three times, and for all but the first nothing tells that they will come
				}
				v.ask("GET", "/rawman?action="+name, "")
				v.ask("POST", "/mxml", "action="+name+"&actionid=1")
			}
			transcripts[e.name] = v
		}
		wantSame(t, "the transcript", transcripts["direct"].seen.String(), transcripts["through"].seen.String())
	})
}
