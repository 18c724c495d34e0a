package asterisk

import (
	"slices"
	"strings"
)

// User is a user of the manager: a section of manager.conf.
type User struct {
	Name, Secret string
	// Read are the classes of the events he sees, Write those of the actions he may run, by
	// Asterisk's names; none is none.
	Read, Write []string
}

// users are those every Asterisk has. The first may all, the second is Server's LimitedUsername, and
// the rest are narrow, each in a way of his own.
func users() []User {
	return []User{
		newUser("astproxy", "all", "all"),
		newUser("limited", "call,user", "call,originate"),
		newUser("reporter", "system,reporting", "reporting"),
		newUser("system", "system", "system"),
		newUser("agent", "agent", "agent"),
		newUser("clerk", "security,cdr", "config,command"),
		newUser("caller", "call,dialplan", "originate"),
		newUser("crier", "user", "user"),
		newUser("nobody", "", ""),
	}
}

func newUser(name, read, write string) User {
	return User{Name: name, Secret: "secret-of-" + name, Read: classes(read), Write: classes(write)}
}

func classes(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// ReadList is Read as manager.conf has it.
func (u User) ReadList() string { return strings.Join(u.Read, ",") }

// WriteList is Write as manager.conf has it.
func (u User) WriteList() string { return strings.Join(u.Write, ",") }

// Users returns all users of the manager there are, the one that may all first.
func (s *Server) Users() []User { return slices.Clone(s.users) }
