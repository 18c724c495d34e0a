package live

import (
	"net/http"
	"strings"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

// serverSent puts each message into a server-sent event (WHATWG HTML, 9.2). The format is JSON, which has
// no line end but its last.
type serverSent struct{}

// Begin implements proxy.Frame.
func (serverSent) Begin(dst []byte, id string) []byte {
	if id != "" {
		dst = append(append(append(dst, "id: "...), id...), '\n')
	}
	return append(dst, "data: "...)
}

// End implements proxy.Frame: the blank line.
func (serverSent) End(dst []byte, _ int) []byte { return append(dst, '\n') }

// AppendEnd implements proxy.Frame. A browser comes back whatever it is told; this is for people.
func (serverSent) AppendEnd(dst []byte, reason error) []byte {
	return append(append(append(dst, ": "...), endOf(reason).text...), "\n\n"...)
}

var serverSentJSON = proxy.Encoding{Format: formats.JSON{}, Frame: serverSent{}, Sequence: true}

// comment is a line that says nothing.
var comment = []byte(":\n\n")

// retry has a browser that was cut off come back after two seconds.
const retry = "retry: 2000\n\n"

// Events serves /events.
func (d *Door) Events(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "events are there to GET", http.StatusMethodNotAllowed)
		return
	}
	user, asked, ok := d.admit(w, r, "")
	if !ok {
		return
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" { // later than what the address says
		var err error
		if asked.since, err = proxy.ParseEventID(id); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	header := eventsHeader(r)
	if r.Method == http.MethodHead {
		for _, h := range header {
			w.Header().Set(h[0], h[1])
		}
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	c := &connection{conn: conn, beat: comment}
	c.client = d.proxy.NewClient(c.forFeed(), serverSentJSON)
	c.client.Write(responseHead(r, header))
	d.serve(w, c, asked.admission(user), c.readNothing)
}

// eventsHeader is the header of a stream of events. Whoever stands in between shall keep nothing.
func eventsHeader(r *http.Request) [][2]string {
	header := [][2]string{
		{"Content-Type", "text/event-stream"},
		{"Cache-Control", "no-store"},
		{"X-Accel-Buffering", "no"}, // nginx
		{"X-Content-Type-Options", "nosniff"},
		{"Connection", "close"},
	}
	if origin := r.Header.Get("Origin"); origin != "" { // one that is let in
		header = append(header, [][2]string{
			{"Access-Control-Allow-Origin", origin},
			{"Access-Control-Allow-Credentials", "true"},
			{"Vary", "Origin"},
		}...)
	}
	return header
}

// responseHead is the response up to its body, which ends with the connection.
func responseHead(r *http.Request, header [][2]string) []byte {
	var head strings.Builder
	version := "HTTP/1.1"
	if !r.ProtoAtLeast(1, 1) {
		version = "HTTP/1.0"
	}
	head.WriteString(version + " 200 OK\r\n")
	for _, h := range header {
		head.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	head.WriteString("\r\n" + retry)
	return []byte(head.String())
}

// readNothing waits for the client to go. What it still sends is not for us.
func (c *connection) readNothing() error {
	var unread [64]byte
	for {
		if _, err := c.conn.Read(unread[:]); err != nil {
			if c.feeds.said.Load() {
				return nil
			}
			return proxy.ErrDisconnected
		}
	}
}
