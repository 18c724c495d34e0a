package live

import (
	"bytes"
	"net/http"

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
	describeEvents(w.Header())
	if r.Method == http.MethodHead {
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	c := &connection{conn: conn, beat: comment}
	c.client = d.proxy.NewClient(c.forFeed(), serverSentJSON)
	c.client.Write(responseHead(r, w.Header()))
	d.serve(w, c, asked.admission(user), c.readNothing)
}

// describeEvents adds to what the door says of every answer, such as which pages may read it, what a
// stream of events is. Whoever stands in between shall keep nothing.
func describeEvents(header http.Header) {
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx
	header.Set("Connection", "close")
}

// responseHead is the response up to its body, which ends with the connection.
func responseHead(r *http.Request, header http.Header) []byte {
	var head bytes.Buffer
	version := "HTTP/1.1"
	if !r.ProtoAtLeast(1, 1) {
		version = "HTTP/1.0"
	}
	head.WriteString(version + " 200 OK\r\n")
	_ = header.Write(&head) // a buffer takes everything
	head.WriteString("\r\n" + retry)
	return head.Bytes()
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
