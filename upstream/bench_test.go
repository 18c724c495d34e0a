package upstream

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// BenchmarkRoundTrip is a Ping from a client over TCP to an Asterisk over TCP and back: straight,
// through a relay that copies bytes, and through a session. The project's promise is that the last
// costs at most 1.3 times the one before.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("direct", func(b *testing.B) {
		address := asterisk(b)
		roundTrips(b, dialed(b, address))
	})
	b.Run("relay", func(b *testing.B) {
		address := asterisk(b)
		roundTrips(b, dialed(b, door(b, func(conn net.Conn) { relay(b, conn, address) })))
	})
	b.Run("session", func(b *testing.B) {
		address := asterisk(b)
		s := upSession(b, address)
		roundTrips(b, dialed(b, door(b, func(conn net.Conn) { serveClient(s, conn) })))
	})
}

// BenchmarkBroadcast is the reader's work for one event, without the socket.
func BenchmarkBroadcast(b *testing.B) {
	s := New(Config{Name: "office"}, ignore{}, slog.New(slog.DiscardHandler))
	m := ami.Parse("Event: Newchannel\nPrivilege: call,all\nChannel: Local/1001@default-00000002;1\nChannelState: 0\nContext: default\nUniqueid: 1")
	b.ReportAllocs()
	for b.Loop() {
		s.route(m)
	}
}

// roundTrips sends one Ping after the other.
func roundTrips(b *testing.B, conn net.Conn) {
	in := bufio.NewReader(conn)
	ping := []byte("Action: Ping\r\nActionID: 1234\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(ping); err != nil {
			b.Fatal(err)
		}
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) == 2 {
				break
			}
		}
	}
}

// asterisk answers every action in one write, and allocates nothing for it.
func asterisk(b *testing.B) (address string) {
	return door(b, func(conn net.Conn) {
		_, _ = conn.Write([]byte(banner22 + "\r\n"))
		in := bufio.NewReader(conn)
		var action, id, out []byte
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if rest, found := bytes.CutPrefix(line, []byte("Action: ")); found {
				action = append(action[:0], bytes.TrimSpace(rest)...)
			}
			if rest, found := bytes.CutPrefix(line, []byte("ActionID: ")); found {
				id = append(id[:0], bytes.TrimSpace(rest)...)
			}
			if len(line) > 2 {
				continue
			}
			out = append(append(append(out[:0], "Response: Success\r\nActionID: "...), id...), "\r\n"...)
			switch string(action) {
			case "Ping":
				out = append(out, "Ping: Pong\r\nTimestamp: 1795340399.214000\r\n\r\n"...)
			case "Login":
				out = append(out, "Message: Authentication accepted\r\n\r\n"+strings.ReplaceAll(booted, "\n", "\r\n")+"\r\n\r\n"...)
			default:
				out = append(out, "Challenge: 1\r\n\r\n"...)
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	})
}

// door listens and serves every connection.
func door(b *testing.B, serve func(net.Conn)) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b.Cleanup(func() { _ = conn.Close() })
			open.Go(func() { serve(conn) })
		}
	})
	b.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

func dialed(b *testing.B, address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

// relay copies bytes between a client and an Asterisk, by two goroutines with a buffer each.
func relay(b *testing.B, client net.Conn, address string) {
	server := dialed(b, address)
	if _, err := bufio.NewReaderSize(server, 1).ReadString('\n'); err != nil { // the banner
		return
	}
	go copyBytes(client, server)
	copyBytes(server, client)
}

func copyBytes(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// upSession is a session that is up.
func upSession(b *testing.B, address string) *Session {
	up := make(upObserver, 1)
	s := New(Config{Name: "office", Address: address, Username: "u", Secret: "s"}, up, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-ended })
	<-up
	return s
}

type upObserver chan bool

func (upObserver) Broadcast(*Session, ami.Message) {}
func (u upObserver) Changed(_ *Session, status Status) {
	if status.Up {
		u <- true
	}
}

type ignore struct{}

func (ignore) Broadcast(*Session, ami.Message) {}
func (ignore) Changed(*Session, Status)        {}

// serveClient is the least a proxy does for a client: read an action, send it, put the ActionID
// back, write.
func serveClient(s *Session, conn net.Conn) {
	q := s.NewRequester()
	defer q.Close()
	in := ami.NewReader(conn, ami.ActionLimits)
	for {
		m, err := in.Read()
		if err != nil {
			return
		}
		if err := ami.CheckAction(m); err != nil {
			return
		}
		err = q.Send(context.Background(), Request{Action: m, Receiver: answerTo{conn, m.ActionID()}})
		if err != nil {
			return
		}
	}
}

type answerTo struct {
	io.Writer
	actionID string
}

func (a answerTo) Receive(r Reply) {
	out := r.Message.AppendReplacing(make([]byte, 0, 512), r.Message.Index("ActionID"), "ActionID: "+a.actionID+"\r\n")
	_, _ = a.Write(append(out, "\r\n"...))
}
