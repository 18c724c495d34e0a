package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/filters"
)

// Users is everybody who may log in: an immutable snapshot.
type Users struct {
	byName  map[string]*User            // by the name in lower case
	byCert  map[string]*User            // by the certificate's common name
	byToken map[[sha256.Size]byte]token // by the token's hash
	byKey   map[[sha256.Size]byte]*User // who may give his secret as a ProxyKey, by its hash
	nobody  *User                       // whom an unknown name is compared with
	tenants *Tenants

	verifier *verifier   // of secrets of which there is a hash
	wait     func() bool // for a comparison with a hash; nil: for none
}

// InTurn are the same users for one login. If that takes long, it waits before; false: it is too late
// for that, and the login has failed.
func (u *Users) InTurn(wait func() (ok bool)) *Users {
	if u.verifier.cost == 0 {
		return u
	}
	waiting := *u
	waiting.wait = wait
	return &waiting
}

// NewUsers checks the configurations and makes users of them, and of their tokens. The error joins
// everything that is wrong; a name that two users share, whatever its case, is, and a ProxyKey that
// could be either's.
func NewUsers(configs []UserConfig, tokens ...TokenConfig) (*Users, error) {
	return NewUsersOf(nil, configs, tokens...)
}

// NewUsersOf is NewUsers where users may be those of tenants.
func NewUsersOf(tenants *Tenants, configs []UserConfig, tokens ...TokenConfig) (*Users, error) {
	users := &Users{
		tenants: tenants,
		byName:  make(map[string]*User, len(configs)),
		byCert:  map[string]*User{},
		byToken: make(map[[sha256.Size]byte]token, len(tokens)),
		byKey:   map[[sha256.Size]byte]*User{},
		nobody:  &User{secret: newSecret(Secret(rand.Text()))},
	}
	var errs []error
	redactions := map[string]*filters.Redaction{}
	var secrets []Secret
	for _, c := range configs {
		if err := c.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("user %q: %w", c.Name, err))
			continue
		}
		if c.SecretFile != "" {
			errs = append(errs, fmt.Errorf("user %q: secret_file was not read", c.Name))
			continue
		}
		key := nameKey(c.Name)
		if first, taken := users.byName[key]; taken {
			errs = append(errs, fmt.Errorf("user %q: there is a user %q already; names compare without case", c.Name, first.name))
			continue
		}
		user := newUser(c)
		if err := user.join(tenants, c.Tenant); err != nil {
			errs = append(errs, fmt.Errorf("user %q: %w", c.Name, err))
			continue
		}
		user.view.redaction = shared(redactions, user.view.redaction)
		users.byName[key] = user
		secrets = append(secrets, c.Secret)
		errs = append(errs, users.addKey(user, c), users.addCertificate(user, c))
	}
	errs = append(errs, users.addTokens(tokens)...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	users.verifier = newVerifier(secrets)
	return users, nil
}

// addKey and addCertificate note what else a user may log in with, if anything.
func (u *Users) addKey(user *User, c UserConfig) error {
	if !c.ProxyKey {
		return nil
	}
	digest := user.secret().digest
	if first, taken := u.byKey[digest]; taken {
		return fmt.Errorf("user %q: proxy_key: the secret is that of user %q, who has proxy_key as well", c.Name, first.name)
	}
	u.byKey[digest] = user
	return nil
}

func (u *Users) addCertificate(user *User, c UserConfig) error {
	if c.Certificate == "" {
		return nil
	}
	if first, taken := u.byCert[c.Certificate]; taken {
		return fmt.Errorf("user %q: user %q has the certificate %q already", c.Name, first.name, c.Certificate)
	}
	u.byCert[c.Certificate] = user
	return nil
}

// nameKey is the same for names that compare equal.
func nameKey(name string) string { return strings.ToLower(name) }

// Len is how many users there are.
func (u *Users) Len() int { return len(u.byName) }

// All are the users, in no order.
func (u *Users) All() iter.Seq[*User] { return maps.Values(u.byName) }

// Named finds a user by what he logs in as.
func (u *Users) Named(name string) (*User, bool) {
	user, known := u.byName[nameKey(name)]
	return user, known
}

// Authenticate finds the user of a plain login. How long a failure takes tells neither whether there
// is such a user nor how much of the secret was right. With a user whose secret is hashed it can wait for
// others who log in.
func (u *Users) Authenticate(name, secret string) (*User, bool) {
	user, known := u.find(name)
	s := user.secret()
	given := sha256.Sum256([]byte(secret))
	if same := subtle.ConstantTimeCompare(given[:], s.digest[:]) == 1; same && known {
		return user, true
	}
	return authenticated(user, u.verifier.verify(user.name, s.hash, secret, u.wait))
}

// AuthenticateMD5 finds the user of a login that answers a challenge: key is the lower-case hex
// MD5 of the challenge followed by the secret. Without a challenge or a key nobody is. Its time tells
// as little as Authenticate's.
func (u *Users) AuthenticateMD5(name, challenge, key string) (*User, bool) {
	user, known := u.find(name)
	same := subtle.ConstantTimeCompare([]byte(key), []byte(user.secret().md5Key(challenge))) == 1
	return authenticated(user, known && same && challenge != "" && key != "")
}

// find gives a user to compare with in any case.
func (u *Users) find(name string) (user *User, known bool) {
	if user, known = u.byName[nameKey(name)]; known {
		return user, true
	}
	return u.nobody, false
}

func authenticated(user *User, ok bool) (*User, bool) {
	if !ok {
		return nil, false
	}
	return user, true
}

// NewChallenge is what a client that logs in by MD5 is given: nine digits, as many as Asterisk
// sends at most (manager.c, struct mansession_session), that nobody can foresee.
func NewChallenge() string {
	const smallest, count = 100_000_000, 900_000_000
	n, err := rand.Int(rand.Reader, big.NewInt(count))
	if err != nil {
		panic(err) // crypto/rand's reader never fails
	}
	return strconv.FormatInt(smallest+n.Int64(), 10)
}
