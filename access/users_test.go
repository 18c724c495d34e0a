package access

import (
	"crypto/md5"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func newUsers(t *testing.T, configs ...UserConfig) *Users {
	t.Helper()
	users, err := NewUsers(configs)
	if err != nil {
		t.Fatal(err)
	}
	return users
}

func TestAuthenticate(t *testing.T) {
	users := newUsers(t, UserConfig{Name: "Anna", Secret: "s3cret "}, UserConfig{Name: "berta", Secret: "other"})
	tests := []struct {
		name, secret string
		want         string // the user, "" where the login fails
	}{
		{"Anna", "s3cret ", "Anna"},
		{"anna", "s3cret ", "Anna"},
		{"ANNA", "s3cret ", "Anna"},
		{"Anna", "s3cret", ""},
		{"Anna", "S3CRET ", ""},
		{"Anna", "", ""},
		{"Anna", "other", ""},
		{"berta", "other", "berta"},
		{"carla", "other", ""},
		{"", "", ""},
		{"anna ", "s3cret ", ""},
	}
	for _, test := range tests {
		user, ok := users.Authenticate(test.name, test.secret)
		expect(t, test.name+" "+test.secret, user, ok, test.want)
	}
}

//astproxy:attack
func TestAuthenticateMD5(t *testing.T) {
	users := newUsers(t, UserConfig{Name: "Anna", Secret: "s3cret"})
	const challenge = "123456789"
	key := fmt.Sprintf("%x", md5.Sum([]byte(challenge+"s3cret")))
	bare := fmt.Sprintf("%x", md5.Sum([]byte("s3cret")))
	tests := []struct {
		say                  string
		name, challenge, key string
		want                 string
	}{
		{"right", "anna", challenge, key, "Anna"},
		{"upper-case hex, which Asterisk refuses", "anna", challenge, strings.ToUpper(key), ""},
		{"another challenge", "anna", "987654321", key, ""},
		{"no challenge was asked for", "anna", "", bare, ""},
		{"no key", "anna", challenge, "", ""},
		{"secret instead of key", "anna", challenge, "s3cret", ""},
		{"unknown user", "berta", challenge, key, ""},
	}
	for _, test := range tests {
		user, ok := users.AuthenticateMD5(test.name, test.challenge, test.key)
		expect(t, test.say, user, ok, test.want)
	}
}

func expect(t *testing.T, say string, user *User, ok bool, want string) {
	t.Helper()
	switch {
	case ok != (want != "") || ok != (user != nil):
		t.Errorf("%s: got %v, %v", say, user, ok)
	case ok && user.Name() != want:
		t.Errorf("%s: got %q, want %q", say, user.Name(), want)
	}
}

// Nobody can log in as the user that unknown names are compared with.
func TestNobodyIsNoUser(t *testing.T) {
	users := newUsers(t)
	if user, ok := users.Authenticate("", users.nobody.secret().text); ok {
		t.Errorf("got %v", user)
	}
	if user, ok := users.AuthenticateMD5("", "1", users.nobody.secret().md5Key("1")); ok {
		t.Errorf("got %v", user)
	}
}

// An event needs all of its classes, an action one of its own or none at all.
func TestRights(t *testing.T) {
	users := newUsers(t,
		UserConfig{Name: "some", Secret: "x", Read: []string{"call", "user"}, Write: []string{"originate", "call"}},
		UserConfig{Name: "all", Secret: "x", Read: []string{"all"}, Write: []string{"all"}},
		UserConfig{Name: "none", Secret: "x", Write: []string{"none"}},
	)
	tests := []struct {
		privilege string
		see       string // who sees an event of these classes
		do        string // who may run an action of them
	}{
		{"", "some all none", "some all none"},
		{"<none>", "some all none", "some all none"},
		{"call,all", "some all", "some all"},
		{"call,user,all", "some all", "some all"},
		{"call,security,all", "all", "some all"},
		{"system,all", "all", "all"},
		{"user,all", "some all", "all"},
		{"fromthefuture,all", "all", "all"},
	}
	for _, test := range tests {
		class := ami.ParsePrivilege(test.privilege)
		var see, do []string
		for _, name := range []string{"some", "all", "none"} {
			user, _ := users.Authenticate(name, "x")
			if user.MaySee(class) {
				see = append(see, name)
			}
			if user.MayRun("Ping", class).Allowed {
				do = append(do, name)
			}
		}
		if strings.Join(see, " ") != test.see || strings.Join(do, " ") != test.do {
			t.Errorf("%q: seen by %q, done by %q", test.privilege, see, do)
		}
	}
}

func TestUserHasDefaults(t *testing.T) {
	users := newUsers(t,
		UserConfig{Name: "least", Secret: "x"},
		UserConfig{Name: "most", Secret: "x", Read: []string{"dtmf"}, Write: []string{"agi"}, Server: "pbx", SlowClient: "skip",
			AllowBlocking: true, MaxOriginates: 7, Admin: true},
	)
	if users.Len() != 2 {
		t.Errorf("%d users", users.Len())
	}
	show := func(name string) string {
		u, _ := users.Authenticate(name, "x")
		return fmt.Sprintf("%v %v %v %q %v %v %v %v", u.Name(), u.Read(), u.Write(), u.Server(), u.SlowClient(), u.AllowBlocking(),
			u.MaxOriginates(), u.Admin())
	}
	if got, want := show("least"), `least <none> <none> "" disconnect false 50 false`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := show("most"), `most dtmf agi "pbx" skip true 7 true`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNewUsersRefuses(t *testing.T) {
	_, err := NewUsers([]UserConfig{
		{Name: "anna", Secret: "hunter2"},
		{Name: "ANNA", Secret: "hunter2"},
		{Name: "berta"},
		{Name: "carla", SecretFile: "/run/secret"},
	})
	want := `user "ANNA": there is a user "anna" already; names compare without case
user "berta": secret: a user needs a secret
user "carla": secret_file was not read`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A challenge looks like one of Asterisk's and is another one each time.
func TestNewChallenge(t *testing.T) {
	digits := regexp.MustCompile(`^[1-9][0-9]{8}$`)
	seen := map[string]bool{}
	for range 100 {
		challenge := NewChallenge()
		if !digits.MatchString(challenge) {
			t.Fatalf("got %q", challenge)
		}
		seen[challenge] = true
	}
	if len(seen) < 99 { // one collision in a hundred has a chance of 1 in 180,000
		t.Errorf("%d different ones of 100", len(seen))
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	users, err := NewUsers([]UserConfig{{Name: "anna", Secret: "s3cret"}})
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"anna", "nobody"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				users.Authenticate(name, "wrong")
			}
		})
	}
}
