package soak_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// requester sends actions by HTTP, each a request of its own.
type requester struct {
	judge
	random *rand.Rand
	client *http.Client
	asked  int
}

func newRequester(s *soak, number int) *requester {
	name := fmt.Sprintf("HTTP actions %d", number)
	return &requester{
		judge: newJudge(s, &roles[0], name), random: s.random("HTTP actions", number),
		client: &http.Client{Transport: &http.Transport{}, Timeout: patience},
	}
}

func (r *requester) run(load context.Context) {
	defer r.client.CloseIdleConnections()
	for waits(load, between(r.random, r.soak.plan.pause/20, r.soak.plan.pause)) {
		if r.random.IntN(20) == 0 {
			r.client.CloseIdleConnections()
			r.connection++
		}
		r.asked++
		switch err := r.ask(newQuestion(r.random, r.name, r.asked)); {
		case err != nil && r.soak.stalls.excuse(err):
			r.counts.turnedAway++
		case err != nil:
			r.fail(err)
		}
	}
}

// ask asks one question, and judges the whole answer.
func (r *requester) ask(q *question) error {
	r.answers.begin()
	r.answers.lost = true // it sees no events
	r.answers.ask(q)
	r.counts.actions++
	values := valuesOf(q)
	values.Set("format", "standard")
	request, err := http.NewRequest(http.MethodPost, "http://"+r.soak.proxy.web+"/", strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	request.Header = basic(r.role.name)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	all, err := messages(r.client.Do(request))
	if err != nil {
		return fmt.Errorf("%v: %w", q, err)
	}
	for _, m := range all {
		if err := r.take(m); err != nil {
			return err
		}
	}
	return r.answers.end(false)
}

func valuesOf(q *question) url.Values {
	values := url.Values{"Action": {q.action}}
	if q.id != "" {
		values.Set("ActionID", q.id)
	}
	for _, header := range q.headers {
		name, value, _ := strings.Cut(header, ": ")
		values.Add(name, value)
	}
	return values
}

// messages reads an answer in AMI's text.
func messages(response *http.Response, err error) (all []ami.Message, _ error) {
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.300s", response.Status, body)
	}
	reader := ami.NewReplyReader(bytes.NewReader(body), ami.ReplyLimits)
	for {
		m, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w in %.300q", err, body)
		}
		all = append(all, m)
	}
}

// session is a program that knows Asterisk's own HTTP manager: it logs in, and asks again and again what has come.
type session struct {
	judge
	random *rand.Rand
	client *http.Client
	asked  int
}

func newSession(s *soak, number int) *session {
	r := roleOf(number)
	return &session{judge: newJudge(s, r, fmt.Sprintf("HTTP session %d (%s)", number, r.name)), random: s.random("HTTP session", number)}
}

func (s *session) run(load context.Context) {
	for waits(load, between(s.random, 0, 300*time.Millisecond)) {
		switch err := s.connect(load); {
		case err != nil && s.soak.stalls.excuse(err):
			s.counts.turnedAway++ // and what was on its way is lost, as with Asterisk: it begins anew
		case err != nil:
			s.fail(err)
		}
	}
}

// request sends an action, and returns all that comes of it.
func (s *session) request(q *question) ([]ami.Message, error) {
	return messages(s.client.Get("http://" + s.soak.proxy.web + "/rawman?" + valuesOf(q).Encode()))
}

// connect is one session, from its login to its log-off. Events are left unread now and then.
func (s *session) connect(load context.Context) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	s.client = &http.Client{Transport: &http.Transport{}, Timeout: patience, Jar: jar}
	defer s.client.CloseIdleConnections()
	s.connection++
	s.counts.connections++
	all, err := s.request(&question{action: "Login", headers: []string{"Username: " + s.role.name, "Secret: " + secret, "Events: on"}})
	if err == nil && (len(all) == 0 || all[0].Get("Message") != "Authentication accepted") {
		err = fmt.Errorf("it is answered with %v", all)
	}
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	s.answers.begin()
	s.beginEvents()
	until := time.Now().Add(between(s.random, s.soak.plan.stay/5, s.soak.plan.stay))
	for time.Now().Before(until) && waits(load, between(s.random, 0, time.Second)) {
		if s.role.freezes && s.random.IntN(3) == 0 {
			s.counts.froze++
			waits(load, between(s.random, s.soak.plan.freeze/4, s.soak.plan.freeze))
		}
		if err := s.step(); err != nil {
			return err
		}
	}
	if load.Err() != nil {
		if err := s.readAll(); err != nil {
			return err
		}
	}
	all, err = s.request(&question{action: "Logoff"})
	if err == nil && (len(all) == 0 || !isGoodbye(all[0])) {
		err = fmt.Errorf("it is answered with %v", all)
	}
	if err != nil {
		return fmt.Errorf("log-off: %w", err)
	}
	return nil
}

// step asks what has come, and something else.
func (s *session) step() error {
	s.asked++
	questions := []*question{newQuestion(s.random, s.name, s.asked), s.wait(1)}
	for _, q := range questions {
		all, err := s.request(q)
		if err != nil {
			return fmt.Errorf("%v: %w", q, err)
		}
		s.answers.ask(q)
		s.counts.actions++
		for _, m := range all {
			if err := s.take(m); err != nil {
				s.fail(err)
			}
		}
		if err := s.answers.end(false); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) wait(seconds int) *question {
	s.asked++
	return &question{
		action: "WaitEvent", id: strconv.Itoa(s.asked), headers: []string{fmt.Sprintf("Timeout: %d", seconds)},
		right: func(m message) bool { return success(m) && m.Get("Message") == "Waiting for Event completed." },
	}
}

// readAll reads up to the last numbers.
func (s *session) readAll() error {
	for deadline := time.Now().Add(patience); !s.numbers.reached(s.soak.told.now()); {
		if time.Now().After(deadline) {
			return fmt.Errorf("the last numbers do not come: it is at %v of life %d, and Asterisk was at %v", s.numbers.next, s.numbers.life, s.soak.told.now())
		}
		if err := s.step(); err != nil {
			return err
		}
	}
	if left := s.calls.left(); left != "" && s.role.calls {
		return fmt.Errorf("the Hangup of channel %s has not come", left)
	}
	return nil
}
