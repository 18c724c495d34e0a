package upstream

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// RefusedError is what Asterisk says when it does not let the session in. Only people can mend it.
type RefusedError struct {
	Message string // Asterisk's own words
}

// refusals explain what Asterisk leaves to its own log.
var refusals = map[string]string{
	"Authentication failed": " (wrong username or secret, or this address is not permitted)",
	"Login Already In Use":  " (the user is logged in elsewhere, and its allowmultiplelogin is no)",
}

func (e *RefusedError) Error() string { return "login refused: " + e.Message + refusals[e.Message] }

// login reads the banner and logs in, within LoginTimeout.
func (s *Session) login(l *link) error {
	if err := l.conn.SetDeadline(time.Now().Add(s.config.LoginTimeout)); err != nil {
		return err
	}
	banner, err := l.reader.ReadLine()
	if err != nil {
		return fmt.Errorf("no banner: %w", err)
	}
	if !strings.HasPrefix(banner, "Asterisk Call Manager") {
		return fmt.Errorf("not an Asterisk manager: its banner is %.60q", banner)
	}
	s.mu.Lock()
	s.status.Banner = banner
	s.mu.Unlock()
	l.reader.SetRawOutput(s.rawOutput(banner))
	if err := s.authenticate(l); err != nil {
		return err
	}
	return l.conn.SetDeadline(time.Time{})
}

// authenticate proves the secret by a challenge, so that it does not travel; an Asterisk that
// knows no challenge is shown the secret itself.
func (s *Session) authenticate(l *link) error {
	login := ami.NewAction("Login")
	answer, err := s.exchange(l, ami.NewAction("Challenge").Add("AuthType", "MD5"))
	challenge := answer.Get("Challenge")
	switch {
	case err != nil:
		return fmt.Errorf("no answer to Challenge: %w", err)
	case isShuttingDown(answer):
		return errors.New(answer.Get("Message"))
	case challenge != "":
		key := md5.Sum([]byte(challenge + string(s.config.Secret)))
		login.Add("AuthType", "MD5").Add("Username", s.config.Username).Add("Key", hex.EncodeToString(key[:]))
	default:
		s.log.Warn("Asterisk refuses Challenge; the secret itself is sent", "encrypted", s.config.TLS != nil)
		login.Add("Username", s.config.Username).Add("Secret", string(s.config.Secret))
	}
	// Everything is asked for: what a client gets of it is not decided here.
	answer, err = s.exchange(l, login.Add("Events", "on"))
	switch {
	case err != nil:
		return fmt.Errorf("no answer to Login: %w", err)
	case isShuttingDown(answer):
		return errors.New(answer.Get("Message"))
	case !strings.EqualFold(answer.Response(), "Success"):
		return &RefusedError{answer.Get("Message")}
	}
	return nil
}

// isShuttingDown tells whether Asterisk refuses everything because it is about to stop, which is
// no refusal of this login.
func isShuttingDown(m ami.Message) bool {
	return strings.EqualFold(m.Get("Message"), "Asterisk is shutting down")
}

// exchange sends an action and reads its response, with nobody else on the connection.
func (s *Session) exchange(l *link, action *ami.Builder) (ami.Message, error) {
	s.mu.Lock()
	s.lastToken++
	token := s.tokens.token(s.lastToken)
	s.mu.Unlock()
	if _, err := l.conn.Write(action.Message().AppendAction(nil, token)); err != nil {
		return ami.Message{}, err
	}
	for {
		m, err := l.reader.Read()
		if err != nil || m.IsResponse() {
			return m, err
		}
	}
}
