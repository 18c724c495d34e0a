package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Config says what the simulated Asterisk is. The zero Config is a useful one.
type Config struct {
	// Username and Secret are those of the one manager user who may all; by default astproxy and
	// secret. Users are more of them.
	Username, Secret string
	Users            []User

	// Version is what the banner says, by default 11.0.0 (Asterisk 22). One that begins with "5."
	// makes lists and texts those of Asterisk 16 where they differ.
	Version string

	// Phones are the PJSIP endpoints; by default 101 to 110, with the names of who sits there.
	Phones []Phone
	// Queues are the names of the queues; by default support and sales.
	Queues []string

	// Traffic begins a call about so often, and puts the phones' people into the queue support; 0: none.
	Traffic time.Duration
	// RingTime is how long a phone that answers rings before it does.
	RingTime time.Duration
	// Announcement is how long a conference plays a prompt before somebody who is alone in it joins
	// and after somebody was kicked. With Asterisk's own sounds it is about 3 seconds.
	Announcement time.Duration
	// OriginateDelay is how long after the reply to an asynchronous Originate its channels exist. In
	// Asterisk that is some milliseconds, in which a Hangup finds nothing.
	OriginateDelay time.Duration

	// LoginPause is how long a refused login waits for its answer; Asterisk: a second.
	LoginPause time.Duration
	// LoginTimeout closes who has not logged in; by default 30 seconds, as Asterisk does.
	LoginTimeout time.Duration
	// WriteTimeout closes a session that does not read for so long; Asterisk: 100 ms. 0: never, but
	// for one that is 16 MiB behind.
	WriteTimeout time.Duration
}

// User is a manager user, a section of manager.conf.
type User struct {
	Name, Secret string
	Read, Write  ami.Class // which events he gets, which actions he may
	// Once is allowmultiplelogin=no.
	Once bool
}

// Phone is a PJSIP endpoint.
type Phone struct {
	Endpoint string // "101"
	Name     string // of who sits there, as the caller id has it
	Offline  bool   // has no contact registered
}

func (c Config) withDefaults() Config {
	if c.Username == "" {
		c.Username = "astproxy"
		if c.Secret == "" {
			c.Secret = "secret"
		}
	}
	if c.Version == "" {
		c.Version = "11.0.0"
	}
	if c.Phones == nil {
		c.Phones = defaultPhones()
	}
	if c.Queues == nil {
		c.Queues = []string{"support", "sales"}
	}
	if c.LoginTimeout == 0 {
		c.LoginTimeout = 30 * time.Second
	}
	c.Users = append([]User{{Name: c.Username, Secret: c.Secret, Read: ami.ClassAll, Write: ami.ClassAll}}, c.Users...)
	return c
}

func defaultPhones() []Phone {
	names := []string{"Ann", "Bob", "Carla", "Dan", "Eve", "Frank", "Grace", "Hugo", "Ines", "Jack"}
	phones := make([]Phone, len(names))
	for i, name := range names {
		phones[i] = Phone{Endpoint: strconv.Itoa(101 + i), Name: name}
	}
	return phones
}

// asterisk16 tells whether the texts are to be those of Asterisk 16.
func (c Config) asterisk16() bool { return strings.HasPrefix(c.Version, "5.") }

// user finds a user by name, which Asterisk compares without case.
func (c Config) user(name string) *User {
	for i := range c.Users {
		if strings.EqualFold(c.Users[i].Name, name) {
			return &c.Users[i]
		}
	}
	return nil
}
