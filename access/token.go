package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// TokenConfig is what an administrator writes about one token: one [[token]] table. Whoever has the
// token is its user, by HTTP.
type TokenConfig struct {
	// Name is what the token is for, so that it is known again.
	Name string `toml:"name"`
	// User is the name of the user it stands for.
	User string `toml:"user"`
	// Hash is TokenHash of the token, which is written nowhere.
	Hash string `toml:"hash"`
	// Expires is the last day the token is of use, as "2027-12-31", in UTC; empty is never.
	Expires string `toml:"expires"`
	// Read and Write narrow the user's rights: a token has the classes that its user has and that
	// stand here. nil leaves the user's own; an empty list leaves none.
	Read  []string `toml:"read"`
	Write []string `toml:"write"`
}

// hashPrefix says what the hexadecimal digits behind it are.
const hashPrefix = "sha256:"

// NewToken makes a token that nobody can guess: 130 random bits.
func NewToken() string { return rand.Text() }

// TokenHash is what stands in the configuration for a token. Nothing slow is needed: a token is
// random, and as hard to find as its hash is.
func TokenHash(token string) string {
	digest := sha256.Sum256([]byte(token))
	return hashPrefix + hex.EncodeToString(digest[:])
}

// Validate finds everything wrong with the token's configuration: nil, or *ConfigErrors joined. Whether
// there is such a user NewUsers knows.
func (c TokenConfig) Validate() error {
	errs := []error{checkClasses("read", c.Read), checkClasses("write", c.Write)}
	if c.Name == "" {
		errs = append(errs, &ConfigError{Key: "name", Text: "a token needs a name: what it is for"})
	}
	if c.User == "" {
		errs = append(errs, &ConfigError{Key: "user", Text: "a token needs a user"})
	}
	if _, ok := c.digest(); !ok {
		errs = append(errs, &ConfigError{Key: "hash", Text: "a token's hash is sha256: and 64 hexadecimal digits, as astproxy token prints it"})
	}
	if _, err := c.until(); err != nil {
		errs = append(errs, &ConfigError{Key: "expires", Text: fmt.Sprintf("%q is not a day such as \"2027-12-31\"", c.Expires)})
	}
	return errors.Join(errs...)
}

// Expired tells whether the token is of no use any more.
func (c TokenConfig) Expired(now time.Time) bool {
	until, err := c.until()
	return err == nil && !until.IsZero() && !now.Before(until)
}

func (c TokenConfig) digest() (digest [sha256.Size]byte, ok bool) {
	digits, ok := strings.CutPrefix(c.Hash, hashPrefix)
	decoded, err := hex.DecodeString(digits)
	if !ok || err != nil || len(decoded) != len(digest) {
		return digest, false
	}
	return [sha256.Size]byte(decoded), true
}

// until is when the token's last day has ended; zero: never.
func (c TokenConfig) until() (time.Time, error) {
	if c.Expires == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, c.Expires)
	return day.AddDate(0, 0, 1), err
}

// token is somebody's, until it expires.
type token struct {
	digest [sha256.Size]byte
	user   *User
	until  time.Time // zero: for ever
}

func (t token) expired() bool { return !t.until.IsZero() && !time.Now().Before(t.until) }

// addTokens makes the tokens those of users that are there.
func (u *Users) addTokens(configs []TokenConfig) (errs []error) {
	for _, c := range configs {
		if err := c.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("token %q: %w", c.Name, err))
			continue
		}
		user, known := u.byName[nameKey(c.User)]
		digest, _ := c.digest()
		if !known {
			errs = append(errs, fmt.Errorf("token %q: there is no user named %q", c.Name, c.User))
			continue
		}
		if _, again := u.byToken[digest]; again {
			errs = append(errs, fmt.Errorf("token %q: another token has the same hash", c.Name))
			continue
		}
		until, _ := c.until()
		u.byToken[digest] = token{digest, user.narrowed(c, digest), until}
	}
	return errs
}

// narrowed is the user with no more rights than a token leaves him. One that leaves less than all does
// not make an administrator.
func (u *User) narrowed(c TokenConfig, digest [sha256.Size]byte) *User {
	narrow := *u
	narrow.token = &digest
	if c.Read == nil && c.Write == nil {
		return &narrow
	}
	narrow.admin = false
	narrow.read = narrowedClasses(u.read, c.Read)
	narrow.write = narrowedClasses(u.write, c.Write)
	if c.Write != nil {
		narrow.rights.allowActions = nil // they would pass without a class
	}
	return &narrow
}

func narrowedClasses(own ami.Class, names []string) ami.Class {
	if names == nil {
		return own
	}
	return own & classSet(names)
}

// AuthenticateToken finds the user a token stands for. How long it takes tells nothing of a token: what
// is looked for and compared is its hash.
func (u *Users) AuthenticateToken(text string) (*User, bool) {
	digest := sha256.Sum256([]byte(text))
	t, known := u.byToken[digest]
	same := subtle.ConstantTimeCompare(digest[:], t.digest[:]) == 1
	if !known || !same || t.expired() {
		return nil, false
	}
	return t.user, true
}

// AuthenticateKey finds the user whose secret a ProxyKey is: of those who may give it without their
// name. Its time tells as little as AuthenticateToken's.
func (u *Users) AuthenticateKey(key string) (*User, bool) {
	digest := sha256.Sum256([]byte(key))
	user, known := u.byKey[digest]
	if !known {
		return nil, false
	}
	right := user.secret().digest
	return authenticated(user, subtle.ConstantTimeCompare(digest[:], right[:]) == 1)
}
