package agi

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// Call is a call whose dialplan has come to AGI(). Its fields are what Asterisk tells at the beginning (res_agi.c,
// setup_env), or "" where it told nothing. Its methods are for its
// script's goroutine, but for Close.
type Call struct {
	Path  string     // of the URL, without the first slash
	Query url.Values // of the URL
	Args  []string   // of AGI(), behind the URL

	Channel, Uniqueid           string
	CallerIDNum, CallerIDName   string
	Context, Extension          string
	Language, AccountCode, DNID string

	conn   net.Conn
	reader *bufio.Reader
	config *Config
	hungUp bool
}

const (
	// maxLine is above what Asterisk sends: a variable's value is the longest.
	maxLine = 8 << 10
	// maxBegin is how many lines the beginning may have; Asterisk's has about 25, and the arguments (127 at most).
	maxBegin = 200
	// maxReply is how many lines an answer may have; a command's usage is the longest.
	maxReply = 100
)

func newCall(conn net.Conn, config *Config) *Call {
	return &Call{conn: conn, reader: bufio.NewReaderSize(conn, maxLine), config: config}
}

// begin reads what the call is.
func (c *Call) begin() error {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.config.BeginTimeout)); err != nil {
		return err
	}
	told := map[string]string{}
	for n := 0; ; n++ {
		line, err := c.line()
		if err != nil {
			return fmt.Errorf("before the call is told of: %w", err)
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !strings.HasPrefix(name, "agi_") || n == maxBegin {
			return ErrProtocol
		}
		value = strings.TrimPrefix(value, " ")
		if strings.HasPrefix(name, "agi_arg_") {
			c.Args = append(c.Args, value)
			continue
		}
		told[name] = value
	}
	for name, field := range map[string]*string{
		"agi_channel": &c.Channel, "agi_uniqueid": &c.Uniqueid,
		"agi_callerid": &c.CallerIDNum, "agi_calleridname": &c.CallerIDName,
		"agi_context": &c.Context, "agi_extension": &c.Extension,
		"agi_language": &c.Language, "agi_accountcode": &c.AccountCode, "agi_dnid": &c.DNID,
	} {
		if told[name] != "unknown" { // Asterisk's word for what there is not
			*field = told[name]
		}
	}
	return c.parseRequest(told["agi_request"])
}

func (c *Call) parseRequest(request string) error {
	if request == "" || c.Channel == "" {
		return ErrProtocol
	}
	where, err := url.Parse(request)
	if err != nil {
		return fmt.Errorf("its URL is none: %w", ErrProtocol)
	}
	c.Path = strings.TrimPrefix(where.Path, "/")
	if c.Query, err = url.ParseQuery(where.RawQuery); err != nil {
		return fmt.Errorf("its query is none: %w", ErrProtocol)
	}
	return nil
}

// tokenVariable is where the token is, if it is not in the query.
const tokenVariable = "ASTPROXY_TOKEN"

var errToken = errors.New("it has not the token")

func (c *Call) authenticate(token string) error {
	if token == "" {
		return nil
	}
	given := c.Query.Get("token")
	c.Query.Del("token")
	if given == "" {
		var err error
		if given, err = c.Variable(tokenVariable); err != nil {
			return err
		}
	}
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token)) // of one length
	if subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		return errToken
	}
	return nil
}

// Close ends the connection; the dialplan goes on, and the other methods fail. Any goroutine.
func (c *Call) Close() { c.conn.Close() }

// line reads one line, without its end.
func (c *Call) line() (string, error) {
	line, err := c.reader.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", ErrProtocol
	case errors.Is(err, io.EOF):
		return "", ErrHangup
	case err != nil:
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}
