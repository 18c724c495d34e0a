package access

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"

	"github.com/astproxy/astproxy/ami"
)

// User is somebody who may log in, and his rights. It never changes.
type User struct {
	name     string
	secret   func() secret // a function, because fmt prints what a pointer points to
	read     ami.Class
	write    ami.Class
	view     view
	channels channelFilter
	rights   rights
	tenants  *Tenants
	tenant   owner // whose user he is; nobody: of none

	token *[sha256.Size]byte // the hash of the token he is let in by; nil: by none

	acl    acl
	limits Limits

	certificate   string
	server        string
	format        string
	legacyFormats bool
	setvar        []string
	slowClient    string
	maxOriginates int
	maxOwnActions int
	allowBlocking bool
	admin         bool
	ownAnswers    bool
}

// secret is what a login is compared with. Of a user whose secret is known as a hash alone, text is one
// that nobody knows: it answers no challenge.
type secret struct {
	text   string
	digest [sha256.Size]byte // of text: two digests compare in a time that tells no length
	hash   []byte            // by bcrypt, or nil
}

// same tells whether both are the same configured secret.
func (s secret) same(other secret) bool {
	if s.hash != nil || other.hash != nil {
		return bytes.Equal(s.hash, other.hash) // the text of a hash is nobody's
	}
	return s.digest == other.digest
}

func newSecret(configured Secret) func() secret {
	s := secret{text: string(configured)}
	if configured.Hashed() {
		s.text, s.hash = rand.Text(), []byte(configured)
	}
	s.digest = sha256.Sum256([]byte(s.text))
	return func() secret { return s }
}

// md5Key is what a client answers to a challenge (manager.c, authenticate).
func (s secret) md5Key(challenge string) string {
	return hexMD5(challenge + s.text)
}

// ha1 is what HTTP Digest makes of a name and a secret (RFC 2617, 3.2.2.2).
func (s secret) ha1(name, realm string) string { return hexMD5(name + ":" + realm + ":" + s.text) }

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// newUser expects a configuration that Validate has found right.
func newUser(c UserConfig) *User {
	return &User{
		name:          c.Name,
		secret:        newSecret(c.Secret),
		read:          classSet(c.Read),
		write:         classSet(c.Write),
		acl:           newACL(c.ACL),
		limits:        Limits{c.ActionsPerSecond, c.MaxPending, c.MaxConnections},
		view:          newView(c),
		channels:      newChannelFilter(c),
		rights:        newRights(c),
		certificate:   c.Certificate,
		server:        c.Server,
		format:        c.Format,
		legacyFormats: c.LegacyFormats,
		setvar:        slices.Clone(c.SetVar),
		slowClient:    cmp.Or(c.SlowClient, SlowClientDisconnect),
		maxOwnActions: cmp.Or(c.MaxPluginActions, DefaultMaxPluginActions),
		maxOriginates: cmp.Or(c.MaxOriginates, DefaultMaxOriginates),
		allowBlocking: c.AllowBlocking,
		admin:         c.Admin,
		ownAnswers:    c.OwnAnswers,
	}
}

// Name is the user's name as the configuration spells it, whatever a client's login did.
func (u *User) Name() string { return u.name }

// String is the user's name.
func (u *User) String() string { return u.name }

// LogValue is the user's name.
func (u *User) LogValue() slog.Value { return slog.StringValue(u.name) }

// Read is the set of classes of events the user may see.
func (u *User) Read() ami.Class { return u.read }

// Write is the set of classes of actions the user may run.
func (u *User) Write() ami.Class { return u.write }

// MaySee tells whether the user may see an event of these classes: he needs all of them.
func (u *User) MaySee(event ami.Class) bool { return event&^u.read == 0 }

// Server is where the user's actions go that name no server; empty is the first one configured.
func (u *User) Server() string { return u.server }

// Format is the name of what the user is written in; empty: what his door has.
func (u *User) Format() string { return u.format }

// LegacyFormats tells whether xml and csv are astmanproxy's to the user's clients.
func (u *User) LegacyFormats() bool { return u.legacyFormats }

// SlowClient is SlowClientDisconnect or SlowClientSkip.
func (u *User) SlowClient() string { return u.slowClient }

// AllowBlocking tells whether the user may send what holds the server's one session: a synchronous
// Originate with PreDialGoSub, and a long tone.
func (u *User) AllowBlocking() bool { return u.allowBlocking }

// MaxOriginates is how many synchronous Originates of the user may be outstanding at once.
func (u *User) MaxOriginates() int { return u.maxOriginates }

// MaxOwnActions is how many actions that are plugins' the user may have under way at once, and as many of the jobs they
// have begun.
func (u *User) MaxOwnActions() int { return u.maxOwnActions }

// Admin tells whether the user may run those of the proxy's own actions that reveal or change what is
// not his.
func (u *User) Admin() bool { return u.admin }

// OwnAnswers tells whether each of the user's actions is to be asked of its server, whatever others ask.
func (u *User) OwnAnswers() bool { return u.ownAnswers }
