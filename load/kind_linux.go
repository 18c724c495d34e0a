package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// A kind is a way to be a client.
type kind interface {
	// open connects and logs in client number n. From then on events may arrive on the
	// connection; rest is what was read of them already.
	open(ctx context.Context, n int) (conn net.Conn, rest []byte, err error)
	// wire is how events look to the client.
	wire() *wire
	// name is what the report calls it.
	name() string
}

// The kinds by the names that Options.Kind may have.
const (
	kindAMI       = "ami"
	kindTLS       = "tls"
	kindWebSocket = "ws"
	kindEvents    = "sse"
)

var kinds = []string{kindAMI, kindTLS, kindWebSocket, kindEvents}

// kind is what the options' clients are.
func (o Options) kind() kind {
	ami := amiClients{address: o.Address, username: o.Username, secret: o.Secret, narrow: o.Narrow}
	web := webClients{address: o.Address, username: o.Username, secret: o.Secret, narrow: o.Narrow}
	switch o.Kind {
	case kindTLS:
		ami.tls = true
	case kindWebSocket:
		return webSocketClients{web}
	case kindEvents:
		return eventClients{web}
	}
	return ami
}

// narrowFilters are the two filters that leave a client the events of its own channel, and the start marker.
func narrowFilters(n int) [][2]string {
	return [][2]string{
		{"header(Channel),method(starts_with)", channelName(n)},
		{"header(" + strings.TrimSuffix(markName, ": ") + "),method(starts_with)", strings.Repeat("0", digits)},
	}
}

// dial connects within ctx, and has the deadline for what comes before the events.
func dial(ctx context.Context, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// settled takes the deadline away again, or closes after an error.
func settled(conn net.Conn, n int, address string, err error) error {
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		conn.Close()
		return fmt.Errorf("client %d: log in to %s: %w", n, address, err)
	}
	return nil
}

// amiClients are AMI clients over TCP or TLS, all with the same user.
type amiClients struct {
	address, username, secret string
	tls, narrow               bool
}

func (k amiClients) wire() *wire { return amiWire }

func (k amiClients) name() string {
	if k.tls {
		return kindTLS
	}
	return kindAMI
}

func (k amiClients) open(ctx context.Context, n int) (net.Conn, []byte, error) {
	conn, err := dial(ctx, k.address)
	if err != nil {
		return nil, nil, err
	}
	if k.tls {
		// Whose certificate it is does not matter to what it costs.
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // see above
	}
	rest, err := k.login(conn, n)
	if err = settled(conn, n, k.address, err); err != nil {
		return nil, nil, err
	}
	return conn, rest, nil
}

// loginID is how the ActionID of a client's login begins; his number follows.
const loginID = "load-"

// login waits for the banner, as clients do, and logs in; it returns what came behind the reply.
func (k amiClients) login(conn net.Conn, n int) (rest []byte, err error) {
	r := bufio.NewReaderSize(conn, 1024)
	if _, err := r.ReadString('\n'); err != nil {
		return nil, fmt.Errorf("no banner: %w", err)
	}
	id := loginID + strconv.Itoa(n)
	login := "Action: Login\r\nActionID: " + id + "\r\nUsername: " + k.username + "\r\nSecret: " + k.secret + "\r\n\r\n"
	if err := ask(conn, r, login, id); err != nil {
		return nil, err
	}
	if k.narrow {
		for i, f := range narrowFilters(n) {
			id := fmt.Sprintf("filter-%d-%d", n, i)
			filter := "Action: Filter\r\nActionID: " + id + "\r\nOperation: Add\r\nMatchCriteria: " + f[0] + "\r\nFilter: " + f[1] + "\r\n\r\n"
			if err := ask(conn, r, filter, id); err != nil {
				return nil, err
			}
		}
	}
	rest, err = r.Peek(r.Buffered())
	return append([]byte(nil), rest...), err
}

// ask sends an action and waits for its response.
func ask(conn net.Conn, r *bufio.Reader, action, id string) error {
	if _, err := io.WriteString(conn, action); err != nil {
		return err
	}
	return readReply(r, id)
}

// webClients come by HTTP, with Basic authentication.
type webClients struct {
	address, username, secret string
	narrow                    bool
}

func (k webClients) wire() *wire { return jsonWire }

func (k webClients) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(k.username+":"+k.secret))
}

// query is the part of the address behind the path.
func (k webClients) query(n int) string {
	if !k.narrow {
		return ""
	}
	q := url.Values{}
	for _, f := range narrowFilters(n) {
		q.Set("eventfilter("+f[0]+")", f[1])
	}
	return "?" + q.Encode()
}

// webSocketClients get JSON at /ws. Pings are not answered, so a run must be shorter than a minute.
type webSocketClients struct{ webClients }

func (webSocketClients) name() string { return kindWebSocket }

func (k webSocketClients) open(ctx context.Context, n int) (net.Conn, []byte, error) {
	var conn net.Conn
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, _, address string) (c net.Conn, err error) {
			conn, err = dial(ctx, address)
			return conn, err
		},
		ReadBufferSize: 512, WriteBufferSize: 512, Subprotocols: []string{"ami.json"},
	}
	_, response, err := dialer.DialContext(ctx, "ws://"+k.address+"/ws"+k.query(n), http.Header{"Authorization": {k.authorization()}})
	if response != nil {
		defer response.Body.Close()
	}
	if conn == nil {
		return nil, nil, err
	}
	if errors.Is(err, websocket.ErrBadHandshake) {
		err = fmt.Errorf("%w: %s", err, response.Status)
	}
	return conn, nil, settled(conn, n, k.address, err)
}

// eventClients get server-sent events at /events.
type eventClients struct{ webClients }

func (eventClients) name() string { return kindEvents }

func (k eventClients) open(ctx context.Context, n int) (net.Conn, []byte, error) {
	conn, err := dial(ctx, k.address)
	if err != nil {
		return nil, nil, err
	}
	_, err = fmt.Fprintf(conn, "GET /events%s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n", k.query(n), k.address, k.authorization())
	if err == nil {
		var response *http.Response
		response, err = http.ReadResponse(bufio.NewReaderSize(conn, 16), nil) //nolint:bodyclose // its body is the events
		if err == nil && response.StatusCode != http.StatusOK {
			err = errors.New(response.Status)
		}
	}
	return conn, nil, settled(conn, n, k.address, err)
}
