package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// User is a user of the manager: a section of manager.conf.
type User struct {
	Name, Secret string
	// Read are the classes of the events he sees, Write those of the actions he may run, by
	// Asterisk's names; none is none.
	Read, Write []string
	// EventFilters are whole lines of manager.conf.
	EventFilters []string
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

// AddUsers makes more users of the manager, who may log in when it returns.
func (s *Server) AddUsers(users ...User) {
	s.tb.Helper()
	path := filepath.Join(s.root, s.folder, "etc", "manager.conf")
	content, err := os.ReadFile(path)
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, u := range users {
		content = fmt.Appendf(content, "\n[%s]\nsecret = %s\nread = %s\nwrite = %s\n%s\n", u.Name, u.Secret, u.ReadList(), u.WriteList(), strings.Join(u.EventFilters, "\n"))
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		s.tb.Fatal(err)
	}
	s.users = append(s.users, users...)
	s.CLI("manager reload")
}
