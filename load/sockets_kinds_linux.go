package load

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	astls "github.com/astproxy/astproxy/tls"
)

// plainSockets is who writes everything to everybody by plain TCP.
func plainSockets() *socketsServer { return &socketsServer{accept: acceptPlain} }

func acceptPlain(conn net.Conn) (bareClient, error) {
	if _, err := greetClient(conn); err != nil {
		return nil, err
	}
	raw, err := takeConn(conn)
	if err != nil {
		return nil, err
	}
	return raw, syscall.SetNonblock(raw.fd, false)
}

// write waits until the socket has taken all of b; the descriptor is a blocking one.
func (c *rawConn) write(b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(c.fd, b)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// secureSockets is who encrypts everything for everybody.
func secureSockets() (*socketsServer, error) {
	folder, err := os.MkdirTemp("", "astproxy-load")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	c, err := astls.New(astls.Config{Folder: folder}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	config := c.Server()
	return &socketsServer{accept: func(conn net.Conn) (bareClient, error) {
		client := &secureBare{batch: batch{Conn: conn}}
		client.tls = tls.Server(&client.batch, config)
		if _, err := greetClient(client.tls); err != nil {
			return nil, err
		}
		client.batch.gathers = true
		return client, nil
	}}, nil
}

// A secureBare is a bareClient over TLS. The records of one write go to the socket together.
type secureBare struct {
	tls   *tls.Conn
	batch batch
}

func (c *secureBare) write(b []byte) error {
	if _, err := c.tls.Write(b); err != nil {
		return err
	}
	_, err := c.batch.Conn.Write(c.batch.records)
	c.batch.records = c.batch.records[:0]
	return err
}

func (c *secureBare) close() { c.batch.Close() }

// batch is a connection that keeps what is written to it, once it gathers.
type batch struct {
	net.Conn
	gathers bool
	records []byte
}

func (c *batch) Write(b []byte) (int, error) {
	if !c.gathers {
		return c.Conn.Write(b)
	}
	c.records = append(c.records, b...)
	return len(b), nil
}

// narrowSockets is who writes each event to the one of so many clients that it is for, and knows him without looking for him.
func narrowSockets(clients int) *socketsServer {
	s := &socketsServer{narrow: make([]bareClient, clients)}
	s.accept = func(conn net.Conn) (bareClient, error) {
		login, err := greetClient(conn)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(strings.TrimPrefix(login.get("ActionID"), loginID))
		if err != nil || n < 0 || n >= clients {
			return nil, fmt.Errorf("ActionID %q is none of %d clients'", login.get("ActionID"), clients)
		}
		raw, err := takeConn(conn)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.narrow[n] = raw
		s.mu.Unlock()
		return raw, syscall.SetNonblock(raw.fd, false)
	}
	return s
}

// copyEach lets bytes from upstream come together for socketsGather, as it does not matter when each event goes out, and
// writes each event to who it is for.
func (s *socketsServer) copyEach(upstream net.Conn, rest []byte) error {
	buffer := make([]byte, socketsChunk)
	filled := copy(buffer, rest)
	for {
		n, err := upstream.Read(buffer[filled:])
		full := filled+n == len(buffer)
		filled = copy(buffer, s.writeEach(buffer[:filled+n]))
		if over, err := atEnd(err); over {
			return err
		}
		if !full {
			time.Sleep(socketsGather)
		}
	}
}

// writeEach writes each whole event of b to who it is for, the start marker to all, and returns the rest.
func (s *socketsServer) writeEach(b []byte) (rest []byte) {
	for {
		n := bytes.Index(b, []byte(blockEnd)) + len(blockEnd)
		if n < len(blockEnd) {
			return b
		}
		s.writeOne(b[:n])
		b = b[n:]
	}
}

func (s *socketsServer) writeOne(event []byte) {
	_, mark, _ := bytes.Cut(event, []byte(markName))
	sequence, _, marked := parseNumbers(mark)
	switch {
	case marked && sequence == 0:
		s.writeAll(event)
	case marked:
		s.mu.Lock()
		defer s.mu.Unlock()
		if c := s.narrow[sequence%uint64(len(s.narrow))]; c != nil {
			_ = c.write(event) // who is gone is missed when deliveries are counted
		}
	}
}
