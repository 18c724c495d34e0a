package soak_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// numbersEvery is how often numbers are told: a small one and, in a burst, largeAtOnce of the large ones, which are largeSize
	// bytes each. A burst of largeBurst is more than the proxy's memory for events; it comes in pieces, so that who reads is not behind.
	numbersEvery = 40 * time.Millisecond
	largeAtOnce  = 10
	largeBurst   = 15 // pieces
	largeSize    = 3 << 10
)

// direct is a session with the exchange itself.
func direct(x exchange) (*managerLine, error) {
	address, username, password := x.manager()
	tcp, err := dial(address, false)
	if err != nil {
		return nil, err
	}
	m, err := newManager(tcp, tcp)
	if err != nil {
		return nil, err
	}
	return m, m.login(username, password, "Events: off")
}

// do sends an action and returns its response. Nothing else may come.
func (m *managerLine) do(action string, headers ...string) (message, error) {
	if err := m.send(&question{action: action, headers: headers}); err != nil {
		return nil, err
	}
	return m.read()
}

// life is the crier and the caller of one life of the exchange.
type life struct {
	stop func() // ends both, and waits
}

// beginLife has the exchange make calls and tell numbers, from number 1 of a new life on. The proxy must be connected.
func beginLife(s *soak) (*life, error) {
	crier, err := direct(s.exchange)
	if err != nil {
		return nil, fmt.Errorf("the crier: %w", err)
	}
	caller, err := direct(s.exchange)
	if err == nil {
		err = addSteps(caller)
	}
	if err != nil {
		return nil, fmt.Errorf("the caller: %w", err)
	}
	s.told.begin()
	ctx, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { cry(ctx, s, crier) })
	both.Go(func() { call(ctx, s, caller) })
	return &life{stop: sync.OnceFunc(func() {
		cancel()
		both.Wait()
		crier.Close()
		caller.Close()
	})}, nil
}

// addSteps adds the extension of the numbered steps to the dialplan.
func addSteps(m *managerLine) error {
	extension := []string{"Answer,"}
	for step := range steps {
		extension = append(extension, fmt.Sprintf("Set,STEP=%d", step+1))
		if step%4 == 3 {
			extension = append(extension, "Wait,0.2")
		}
	}
	for i, line := range append(extension, "Hangup,") {
		application, data, _ := strings.Cut(line, ",")
		r, err := m.do("DialplanExtensionAdd", "Context: soak", "Extension: steps", fmt.Sprintf("Priority: %d", i+1),
			"Application: "+application, "ApplicationData: "+data, "Replace: yes")
		if err != nil {
			return err
		}
		if r.Get("Response") != "Success" {
			return fmt.Errorf("adding to the dialplan: %s", brief(r))
		}
	}
	return nil
}

// cry tells numbers until ctx ends or the exchange does.
func cry(ctx context.Context, s *soak, m *managerLine) {
	every := time.NewTicker(numbersEvery)
	defer every.Stop()
	burst := time.NewTicker(s.plan.bursts)
	defer burst.Stop()
	for pieces := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-burst.C:
			pieces = largeBurst
		case <-every.C:
			if tell(s.told, m, small, 1) != nil {
				return
			}
			if pieces--; pieces >= 0 && tell(s.told, m, large, largeAtOnce) != nil {
				return
			}
		}
	}
}

// filling is what makes an event large.
var filling = func() (lines []string) {
	for range largeSize / 1000 {
		lines = append(lines, "X: "+strings.Repeat("x", 995))
	}
	return lines
}()

// tell has the exchange tell the next numbers of a series. The error is that of a connection that was lost.
func tell(t *told, m *managerLine, series, count int) error {
	var all []*question
	for range count {
		life, number := t.next(series)
		q := &question{action: "UserEvent", headers: []string{"UserEvent: " + seriesNames[series], fmt.Sprintf("Life: %d", life), fmt.Sprintf("Number: %d", number)}}
		if series == large {
			q.headers = append(q.headers, filling...)
		}
		all = append(all, q)
	}
	if err := m.send(all...); err != nil {
		return err
	}
	for range all {
		if _, err := m.read(); err != nil {
			return err
		}
	}
	return nil
}

// call begins calls until ctx ends or the exchange does.
func call(ctx context.Context, s *soak, m *managerLine) {
	every := time.NewTicker(s.plan.calls)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		id := fmt.Sprintf("%s%d", callPrefix, s.told.nextCall())
		if _, err := m.do("Originate", "ActionID: "+id, "Channel: Local/steps@soak/n", "Application: Wait", "Data: 60", "Async: true",
			"ChannelId: "+id+"-1", "OtherChannelId: "+id+"-2"); err != nil {
			return
		}
	}
}

// hungUp returns when the exchange has no channels any more.
func hungUp(s *soak) error {
	m, err := direct(s.exchange)
	if err != nil {
		return err
	}
	defer m.Close()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if _, err := m.do("CoreShowChannels"); err != nil {
			return err
		}
		for {
			item, err := m.read()
			if err != nil {
				return err
			}
			if item.Get("ListItems") == "0" {
				return nil
			}
			if item.Get("EventList") == "Complete" {
				break
			}
		}
	}
	return fmt.Errorf("the calls do not end")
}

// up returns when the proxy is connected to the exchange.
func up(p *proxy) error {
	tcp, err := dial(p.manager, false)
	if err != nil {
		return err
	}
	m, err := newManager(tcp, tcp)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.login("admin", secret, "Events: system"); err != nil {
		return err
	}
	for {
		if err := m.send(&question{action: "Ping"}); err != nil {
			return err
		}
		for answered := false; !answered; {
			r, err := m.read()
			if err != nil {
				return err
			}
			if r.Get("Ping") == "Pong" {
				return nil
			}
			answered = r.Get("Response") == "Error"
		}
		// The status tells when to ask again.
		for connected := false; !connected; {
			r, err := m.read()
			if err != nil {
				return fmt.Errorf("the proxy does not connect: %w", err)
			}
			connected = r.Get("Event") == "ProxyServerStatus" && r.Get("Status") == "Connected"
		}
	}
}

// finalNumbers tells the last numbers of all series.
func finalNumbers(s *soak) error {
	m, err := direct(s.exchange)
	if err != nil {
		return err
	}
	defer m.Close()
	for series := range seriesCount {
		if err := tell(s.told, m, series, 1); err != nil {
			return err
		}
	}
	return nil
}
