package access

import (
	"errors"
	"strings"
	"testing"
)

// Everything wrong with a user is said at once, each thing with the key it is about.
func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		config UserConfig
		want   []string
	}{
		{"least", UserConfig{Name: "anna", Secret: "x"}, nil},
		{"secret in a file", UserConfig{Name: "anna", SecretFile: "/run/secret"}, nil},
		{"everything", UserConfig{
			Name: "anna", Secret: "x y ", Read: []string{"call", "none"}, Write: []string{"all"}, Server: "pbx",
			SlowClient: "skip", AllowBlocking: true, MaxOriginates: 1, Admin: true,
		}, nil},
		{"nothing", UserConfig{}, []string{"name: a user needs a name", "secret: a user needs a secret"}},
		{"two secrets", UserConfig{Name: "anna", Secret: "x", SecretFile: "y"}, []string{
			"secret_file: there is a secret as well; give one of the two",
		}},
		{"blanks", UserConfig{Name: "anna ", Secret: " x"}, []string{
			"name: a name has no blanks around it",
			"secret: a secret does not begin with a blank: no client could send it",
		}},
		{"lines", UserConfig{Name: "an\nna", Secret: "x\ny"}, []string{
			"name: a name has no control characters in it",
			"secret: a secret is one line, without NUL: no client could send it",
		}},
		{"length", UserConfig{Name: "anna", Secret: Secret(strings.Repeat("x", 1015))}, []string{
			"secret: a secret has at most 1014 bytes: no client could send it",
		}},
		{"classes", UserConfig{Name: "anna", Secret: "x", Read: []string{"call", "cals"}, Write: []string{"Call", "call, user"}}, []string{
			`read[1]: unknown class "cals"`,
			`write[0]: unknown class "Call"`,
			`write[1]: unknown class "call, user"; each class is a text of its own: "call", "user"`,
		}},
		{"slow client", UserConfig{Name: "anna", Secret: "x", SlowClient: "drop", MaxOriginates: -1}, []string{
			`slow_client: "drop" is neither "disconnect" nor "skip"`,
			`max_originates: max_originates must not be negative`,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.config.Validate()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if want := strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A name that is not known comes with those that are, so that a near one can be shown.
func TestValidateOffersNames(t *testing.T) {
	err := UserConfig{Name: "anna", Secret: "x", Read: []string{"cals"}}.Validate()
	var wrong *ConfigError
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	given, known := wrong.ConfigChoice()
	if wrong.ConfigKey() != "read[0]" || given != "cals" || !strings.Contains(strings.Join(known, " "), "call") {
		t.Errorf("got %q %q %q", wrong.ConfigKey(), given, known)
	}
}
