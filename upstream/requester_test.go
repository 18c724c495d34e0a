package upstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func TestOneClientWithManyCommandsDelaysAnotherByOneCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Queue = 10_000 })
		p := b.up()
		greedy, modest := b.client(), b.client()
		command := Request{Action: ami.Parse("Action: Command\nCommand: core show channels")}
		for range 10_000 {
			if err := greedy.Send(t.Context(), command); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		in := modest.request(ping(1))
		p.reply("Command", pong)
		p.reply("Ping", pong)
		in.wants("Pong+")
		p.reply("Command", pong) // and so on
		synctest.Wait()
		if n := b.session.Status().Outstanding; n != 1 {
			t.Errorf("%d outstanding", n)
		}
	})
}

func TestACommandWaitsForItsClientsOtherActionsAndTheyForIt(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	first, command, last := c.request(ping(1)), c.request("Action: Command"), c.request(ping(2))
	p.reply("Ping", pong)
	first.wants("Pong+")
	p.reply("Command", pong)
	command.wants("Pong+")
	p.reply("Ping", pong)
	last.wants("Pong+")
}

func TestClientsTakeTurns(t *testing.T) {
	b := start(t, func(c *Config) { c.Unanswered = 1 })
	p := b.up()
	block := b.client().request(status(0))
	first := p.expect("CoreStatus")
	clients := []client{b.client(), b.client(), b.client()}
	for i, c := range clients {
		for n := range 3 {
			c.request(fmt.Sprintf("Action: A%d.%d", i, n))
		}
	}
	p.answer(first, pong)
	block.wants("Pong+")
	for n := range 3 {
		for i := range clients {
			p.reply(fmt.Sprintf("A%d.%d", i, n), pong)
		}
	}
}

func TestNoMoreThanTheWindowIsSentUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered = 3 })
		p := b.up()
		read := make(chan ami.Message, 100)
		go func() {
			defer close(read)
			for {
				m, err := p.reader.Read()
				if err != nil {
					return
				}
				read <- m
			}
		}()
		c := b.client()
		for i := range 10 {
			c.request(status(i))
		}
		for answered := range 8 {
			synctest.Wait()
			if n := b.session.Status().Outstanding; n != 3 || len(read) != 3 {
				t.Errorf("%d outstanding, %d sent after %d answers", n, len(read), answered)
			}
			p.answer(<-read, pong)
		}
		p.lose()
	})
}

// Asterisk answers a Ping in so little time that sixteen have the place of one other action.
func TestOfPingsSixteenTimesAsManyAreSentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered = 2 })
		p := b.up()
		read := make(chan ami.Message, 100)
		go func() {
			defer close(read)
			for m, err := p.reader.Read(); err == nil; m, err = p.reader.Read() {
				read <- m
			}
		}()
		outstanding := func(want int) {
			t.Helper()
			synctest.Wait()
			if n := b.session.Status().Outstanding; n != want || len(read) != want {
				t.Errorf("%d outstanding, %d sent; want %d", n, len(read), want)
			}
		}
		pings, other := b.client(), b.client()
		for i := range 50 {
			pings.request(ping(i))
		}
		outstanding(32)
		for i := range 3 {
			other.request(status(i))
		}
		p.answer(<-read, pong)
		outstanding(32) // one more Ping, and then it is the other client's turn
		for range 16 {
			p.answer(<-read, pong)
		}
		outstanding(17)
		count := map[string]int{}
		for range 17 {
			count[(<-read).Action()]++
		}
		if count["Ping"] != 16 || count["CoreStatus"] != 1 {
			t.Errorf("outstanding are %v", count)
		}
		p.lose()
	})
}

func TestAFullQueueHoldsItsClientUpAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered, c.Queue = 1, 2 })
		p := b.up()
		greedy, modest := b.client(), b.client()
		sent := make(chan int, 10)
		go func() {
			for i := range 6 {
				greedy.request(status(i))
				sent <- i
			}
			close(sent)
		}()
		synctest.Wait()
		if len(sent) != 3 { // one sent, two waiting
			t.Errorf("%d accepted", len(sent))
		}
		modest.request("Action: Silent") // does not block
		p.reply("CoreStatus", pong)
		synctest.Wait()
		if len(sent) != 4 {
			t.Errorf("%d accepted after one answer", len(sent))
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("gave up"))
		defer cancel()
		if err := greedy.Send(ctx, Request{Action: pingAction}); err == nil || err.Error() != "gave up" {
			t.Errorf("with a context that ends: %v", err)
		}
		for range 7 {
			m, err := p.reader.Read()
			if err != nil {
				t.Fatal(err)
			}
			p.answer(m, pong)
			synctest.Wait()
			if len(sent) == 6 {
				break
			}
		}
	})
}

func TestSendsThatWaitForRoomSleepUntilThereIsSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered, c.Queue = 1, 1 })
		p := b.up()
		c := b.client()
		c.request(ping(1))
		c.request(ping(2))
		ctx, cancel := context.WithCancel(t.Context())
		impatient := make(chan error)
		go func() { impatient <- c.Send(ctx, Request{Action: pingAction}) }()
		var patient sync.WaitGroup
		for i := range 50 {
			patient.Go(func() { c.request(ping(3 + i)) })
		}
		synctest.Wait()
		cancel()
		if err := <-impatient; !errors.Is(err, context.Canceled) {
			t.Errorf("who has given up: %v", err)
		}
		synctest.Wait() // it does not return while one wakes the other
		for range 52 {
			p.reply("Ping", pong)
		}
		patient.Wait()
	})
}

func TestASendThatWaitsForRoomLearnsOfTheLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered, c.Queue = 1, 1 })
		p := b.up()
		c := b.client()
		c.request(status(1))
		c.request(status(2))
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- c.Send(context.Background(), Request{Action: pingAction}) }()
		}
		synctest.Wait()
		p.lose()
		for range 2 {
			if err := <-errs; !errors.Is(err, ErrDown) {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestAClientThatIsGoneHearsNothingAndHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered, c.Queue = 1, 2 })
		p := b.up()
		gone, other := b.client(), b.client()
		list, dropped := gone.request("Action: Status"), gone.request(ping(2))
		status := p.expect("Status")
		p.answer(status, "Response: Success\nActionID: $\nEventList: start\n\nEvent: Status\nPrivilege: Call\nActionID: $")
		list.wants("EventList", "Event: Status\r\n")
		gone.request(ping(3))
		blocked := make(chan error)
		go func() { blocked <- gone.Send(context.Background(), Request{Action: pingAction}) }()
		synctest.Wait()
		gone.Close()
		if err := <-blocked; !errors.Is(err, ErrClosed) {
			t.Errorf("a Send that waited: %v", err)
		}
		if err := gone.Send(t.Context(), Request{Action: pingAction}); !errors.Is(err, ErrClosed) {
			t.Errorf("a Send afterwards: %v", err)
		}
		in := other.request("Action: CoreStatus")
		// The rest of the list is swallowed, and nothing of it is broadcast.
		p.answer(status, "Event: Status\nPrivilege: Call\nActionID: $\n\nEvent: StatusComplete\nActionID: $\nEventList: Complete")
		p.reply("CoreStatus", "Response: Success\nActionID: $")
		in.wants("Success+")
		p.quiet()
		list.empty()
		dropped.empty()
		if n := b.session.Status().Outstanding; n != 0 {
			t.Errorf("%d outstanding", n)
		}
		gone.Close() // twice is no harm
	})
}

func TestARequestWithoutReceiverIsSent(t *testing.T) {
	b := start(t)
	p := b.up()
	if err := b.session.NewRequester().Send(t.Context(), Request{Action: ami.Parse("Action: Reload")}); err != nil {
		t.Fatal(err)
	}
	p.reply("Reload", pong)
	p.quiet()
}
