package groupcall

import (
	"errors"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// maxDestination is how long a number or a channel may be.
const maxDestination = 200

// destination is who is called by a text: a channel as Originate has it, which has a slash, or a number, of which the
// configured template makes one.
func (c *Config) destination(text, name string) (legs.Destination, error) {
	text = strings.TrimSpace(text)
	d := legs.Destination{Number: text, Channel: text, Name: name}
	var err error
	if !strings.Contains(text, "/") {
		d.Channel, err = c.channel(text)
	} else {
		err = checkChannel(text)
	}
	return d, err
}

// channel makes a channel of a number.
func (c *Config) channel(number string) (string, error) {
	if number == "" {
		return "", errors.New("it is empty")
	}
	for _, r := range number {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("+*#-_.", r) {
			return "", fmt.Errorf("a number must not have %q in it; each Destination is one number or one channel", r)
		}
	}
	channel := strings.ReplaceAll(c.Channel, "{number}", number)
	return channel, checkChannel(channel)
}

// checkChannel wants one channel, technology/resource, and nothing that another part of Asterisk takes for more: an & for a
// second channel, a comma for an option, a brace for a variable.
func checkChannel(channel string) error {
	technology, resource, _ := strings.Cut(channel, "/")
	switch {
	case len(channel) > maxDestination:
		return fmt.Errorf("it is longer than %d bytes", maxDestination)
	case technology == "" || resource == "":
		return errors.New("a channel is a technology, a slash and what to call: PJSIP/101")
	case strings.Trim(technology, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
		return fmt.Errorf("%q is no technology of channels", technology)
	}
	for _, r := range resource {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`&,|${}"\;<>`, r) {
			return fmt.Errorf("a channel must not have %q in it; each Destination is one", r)
		}
	}
	if strings.EqualFold(technology, "Local") && !strings.Contains(resource, "@") {
		return errors.New("a Local channel needs its context: Local/1001@default")
	}
	return nil
}
