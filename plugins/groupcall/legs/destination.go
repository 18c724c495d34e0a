package legs

import (
	"errors"
	"fmt"
	"strings"
)

// maxDestination is how long a number or a channel may be.
const maxDestination = 200

// ParseDestination is who is called by a text: a channel as Originate has it, which has a slash, or a number, of which the
// template makes one: {number} stands for it there.
func ParseDestination(template, text, name string) (Destination, error) {
	text = strings.TrimSpace(text)
	d := Destination{Number: text, Channel: text, Name: name}
	if !strings.Contains(text, "/") {
		if err := checkNumber(text); err != nil {
			return d, err
		}
		d.Channel = strings.ReplaceAll(template, "{number}", text)
	}
	return d, checkChannel(d.Channel)
}

func checkNumber(number string) error {
	if number == "" {
		return errors.New("it is empty")
	}
	for _, r := range number {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("+*#-_.", r) {
			return fmt.Errorf("a number must not have %q in it; each Destination is one number or one channel", r)
		}
	}
	return nil
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
