package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/crypto/bcrypt"
)

const (
	// maxHashed is how many bytes of a secret bcrypt reads. The rest would be no part of it.
	maxHashed = 72
	// A hash of less cost protects nothing, one of more takes many seconds for every wrong secret.
	leastCost, mostCost = bcrypt.MinCost, 15
	// hashCost is what HashSecret gives: about 60 ms a login.
	hashCost = 10
	// maxVerified is how many secrets are remembered as right: more than there are users with hashes.
	maxVerified = 4096
)

// ErrSecretTooLong is for a secret that bcrypt would read a part of.
var ErrSecretTooLong = fmt.Errorf("a secret to be hashed has at most %d bytes: bcrypt reads no more", maxHashed)

// HashSecret makes the bcrypt hash of a secret, which may stand in the configuration in its place.
func HashSecret(secret string) (string, error) {
	var wrong *ConfigError
	switch err := checkSecretText(Secret(secret)); {
	case secret == "":
		return "", errors.New("the secret is empty")
	case errors.As(err, &wrong):
		return "", errors.New(wrong.Text)
	case len(secret) > maxHashed:
		return "", ErrSecretTooLong
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), hashCost)
	return string(hash), err
}

var (
	looksHashed = regexp.MustCompile(`^\$2[a-z]?\$\d\d\$`)
	// $2x$ marks hashes of a version that made the same of different secrets.
	rightHash = regexp.MustCompile(`^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$`)
)

// Hashed tells whether the secret is a bcrypt hash of what the user knows: it begins with $2y$, $2b$ or
// $2a$. Such a user cannot answer a challenge, for which the secret itself is needed.
func (s Secret) Hashed() bool { return looksHashed.MatchString(string(s)) }

func (s Secret) checkHash() error {
	if !rightHash.MatchString(string(s)) {
		return &ConfigError{Key: "secret", Text: "this looks like a bcrypt hash, and is none: it has 60 characters and begins with $2y$, $2b$ or $2a$"}
	}
	if cost := s.cost(); cost < leastCost || cost > mostCost {
		return &ConfigError{Key: "secret", Text: fmt.Sprintf("the cost of this bcrypt hash is %d, not from %d to %d", cost, leastCost, mostCost)}
	}
	return nil
}

// cost is that of a right hash.
func (s Secret) cost() int {
	cost, _ := strconv.Atoi(string(s[4:6]))
	return cost
}

// compareHash is bcrypt's; a variable for a test that counts its work.
var compareHash = bcrypt.CompareHashAndPassword

// verifier compares secrets with hashes.
//
// A wrong secret takes the time of a comparison of the highest cost that any user's hash has,
// whoever's it is and whether or not there is such a user. Right ones are remembered, by a keyed hash that
// is worth nothing in another process, so that who logs in with every request pays once.
type verifier struct {
	cost     int // the highest; 0: no user has a hash
	key      []byte
	verified *lru.Cache[[sha256.Size]byte, struct{}]
	dummies  [mostCost + 1][]byte // by their cost; of a secret that nobody knows
	// turns are for comparisons: logins leave a part of the processors to everybody else.
	turns chan struct{}
}

// newVerifier makes one for users with these secrets.
func newVerifier(secrets []Secret) *verifier {
	v := &verifier{}
	least := mostCost
	for _, s := range secrets {
		if s.Hashed() {
			v.cost, least = max(v.cost, s.cost()), min(least, s.cost())
		}
	}
	if v.cost == 0 {
		return v
	}
	v.key = []byte(rand.Text())
	v.verified, _ = lru.New[[sha256.Size]byte, struct{}](maxVerified) // fails for no size alone
	v.turns = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	for cost := least; cost <= v.cost; cost++ {
		v.dummies[cost] = dummyHash(cost)
	}
	return v
}

// dummyHash is a hash of that cost whose secret nobody knows: any letters are some secret's. It is not
// computed, which would take as long as a login.
func dummyHash(cost int) []byte {
	return fmt.Appendf(nil, "$2b$%02d$%s", cost, (rand.Text() + rand.Text() + rand.Text())[:53])
}

// verify tells whether the secret is that of the user's hash. hash may be nil, for whom there is none to
// compare with: that takes as long, and is false. wait is InTurn's.
func (v *verifier) verify(user string, hash []byte, secret string, wait func() bool) bool {
	if v.cost == 0 {
		return false
	}
	key := v.remembered(user, secret)
	if _, right := v.verified.Get(key); right {
		return true
	}
	if wait != nil {
		if !wait() {
			return false
		}
		if _, right := v.verified.Get(key); right { // by then
			return true
		}
	}
	v.turns <- struct{}{}
	defer func() { <-v.turns }()
	given := []byte(secret)[:min(len(secret), maxHashed)]
	if hash == nil {
		_ = compareHash(v.dummies[v.cost], given)
		return false
	}
	if compareHash(hash, given) == nil && len(secret) <= maxHashed {
		v.verified.Add(key, struct{}{})
		return true
	}
	// One more in cost takes twice as long, so that all from a hash's own up to the highest but one take, with
	// what was done, as long as the highest.
	for cost := Secret(hash).cost(); cost < v.cost; cost++ {
		_ = compareHash(v.dummies[cost], given)
	}
	return false
}

// remembered is what a user's secret is remembered by.
func (v *verifier) remembered(user, secret string) [sha256.Size]byte {
	sum := hmac.New(sha256.New, v.key)
	fmt.Fprintf(sum, "%d %s%s", len(user), user, secret)
	return [sha256.Size]byte(sum.Sum(nil))
}
