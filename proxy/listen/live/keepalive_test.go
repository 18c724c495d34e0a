package live_test

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestAWebSocketClientThatAnswersNoPingIsClosed(t *testing.T) {
	p, d := door(t)
	r := rawSocket(t, p, "/ws?mask=none", basic(proxytest.Secret), "")
	r.frame()                       // its position
	r.write(0x89, 0x80, 0, 0, 0, 0) // a pong shows that it is being read
	r.frame()
	for range 2 {
		d.Beat()
		if first, _ := r.frame(); first != 0x89 {
			t.Fatalf("no ping but %x", first)
		}
	}
	d.Beat()
	if first, payload := r.frame(); first != 0x88 || binary.BigEndian.Uint16(payload) != 4001 {
		t.Errorf("then %x %q", first, payload)
	}
}

func TestAWebSocketClientThatAnswersPingsStays(t *testing.T) {
	p, d := door(t)
	c := dial(t, p, "ami.json")
	pings := 0
	answer := c.PingHandler()
	c.SetPingHandler(func(text string) error {
		pings++
		return answer(text)
	})
	for range 10 {
		c.send(`{"Action":"Ping","ActionID":"here"}`)
		c.next("ActionID", "here")
		d.Beat()
		for before := pings; pings == before; {
			c.send(`{"Action":"Events","EventMask":"on"}`) // whatever is answered
			c.read()
		}
	}
}

func TestAClientWhoseActionTakesLongIsNotTakenForGone(t *testing.T) {
	p, d := door(t)
	witness := p.Login(t, "user")
	r := rawSocket(t, p, "/ws?mask=none", basic(proxytest.Secret), "")
	r.frame() // its position
	// Without ActionID: nothing is read until it has rung in vain, and so no pong either.
	r.text(`{"Action":"Originate","Channel":"Local/2001@default","Application":"Wait","Data":"1","Timeout":60000}`)
	channel := witness.Event("Newchannel").Get("Channel")
	for range 5 {
		d.Beat()
	}
	witness.Send("Hangup", "Channel: "+channel)
	pings := 0
	for {
		first, payload := r.frame()
		if first == 0x89 {
			pings++
			continue
		}
		if pings != 5 || !strings.Contains(string(payload), "Originate failed") {
			t.Errorf("after %d pings %x %q", pings, first, payload)
		}
		break
	}
	r.text(`{"Action":"Ping"}`)
	if _, payload := r.frame(); !strings.Contains(string(payload), "Pong") {
		t.Errorf("and then %q", payload)
	}
}

func TestAStreamOfEventsIsKeptAliveByComments(t *testing.T) {
	p, d := door(t)
	s := listen(t, p, "", "mask", "none")
	s.next("Event", "ProxyPosition")
	d.Beat()
	d.Beat()
	for {
		fields, err := s.block()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(fields, "|") == ":" {
			return
		}
	}
}

func TestAClientThatWantsOnlyRareEventsLearnsHowFarItIs(t *testing.T) {
	p, d := door(t)
	r := rawSocket(t, p, "/ws?events=Hangup", basic(proxytest.Secret), "ami.json")
	s := listen(t, p, "", "events", "Hangup")
	begin := r.position()
	s.next("Event", "ProxyPosition")
	count(t, p, 0, 10)
	p.Settle(t)
	r.write(0x89, 0x80, 0, 0, 0, 0)
	if first, payload := r.frame(); first != 0x8a { // a pong shows that it is being read: who is busy is not told
		t.Fatalf("no pong but %x %q", first, payload)
	}
	d.Beat()
	later := r.position()
	for ; s.id == begin; d.Beat() { // each is a comment at least
		if _, err := s.fields(); err != nil {
			t.Fatal(err)
		}
	}
	if later == begin || later != s.id {
		t.Errorf("it was %s, is %s, and the other is at %s", begin, later, s.id)
	}
}

// position is the sequence of the next frame, which holds a ProxyPosition.
func (r raw) position() string {
	r.tb.Helper()
	_, payload := r.frame()
	var o object
	if err := json.Unmarshal(payload, &o); err != nil || !o.has("Event", "ProxyPosition") {
		r.tb.Fatalf("no position: %q", payload)
	}
	return o.sequence()
}

func TestAClientThatHasGoneIsForgotten(t *testing.T) {
	p := startProxy(t)
	c := dial(t, p, "ami.json")
	s := listen(t, p, "")
	half := dial(t, p, "ami.json")
	c.read()
	s.next()
	half.read()
	if n := len(p.Clients()); n < 3 {
		t.Fatalf("there are %d clients", n)
	}
	reset(c.UnderlyingConn())
	s.Close()
	if err := half.UnderlyingConn().(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	// Only the one that asks is left.
	for n, deadline := 0, time.Now().Add(proxytest.Patience); n != 1; {
		asking := p.Login(t, "user")
		n = 0
		for _, client := range p.Clients() {
			if client.User != "" {
				n++
			}
		}
		asking.Close()
		if time.Now().After(deadline) {
			t.Fatal("they stay")
		}
	}
}
