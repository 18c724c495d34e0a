package migrate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/migrate"
)

// fromText imports texts as astmanproxy.conf and astmanproxy.users.
func fromText(t testing.TB, conf, users string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"astmanproxy.conf": conf, "astmanproxy.users": users} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return migrate.FromAstmanproxy(migrate.AstmanproxyFiles{Config: filepath.Join(folder, "astmanproxy.conf")}, options)
}

const aHost = "host = 192.0.2.1, 5038, user, secret, on, off\n"

// keyOfOurs finds what each line of a configuration is called.
var keyOfTheirs = regexp.MustCompile(`(?m)^([a-z_]+)\s*=`)

func TestEveryKeyOfAstmanproxyIsInTheTestData(t *testing.T) {
	seen := map[string]bool{}
	for _, folder := range folders(t, "astmanproxy") {
		text, err := os.ReadFile(filepath.Join(folder, "astmanproxy.conf"))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range keyOfTheirs.FindAllStringSubmatch(string(text), -1) {
			seen[found[1]] = true
		}
	}
	for _, key := range append(migrate.OptionNames, "host") {
		if !seen[key] {
			t.Errorf("%s is in none", key)
		}
	}
}

func TestOfEveryOptionItIsSaidWhatItHasBecome(t *testing.T) {
	for _, option := range migrate.OptionNames {
		text, err := fromText(t, aHost+option+" = 1\n", "")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ReplaceAll(text, "\n# ", " "), "- "+option+" (astmanproxy.conf:2): ") {
			t.Errorf("nothing is said of %s", option)
		}
	}
}

func TestACertificateThatIsThereIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "proxy.pem")
	if err := os.WriteFile(path, certificate(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, conf := range []string{
		"acceptencryptedconnection = yes\ncertfile = \"" + path + "\"\ninputformat = http\n",
		"acceptencryptedconnection = yes\nacceptunencryptedconnection = yes\ncertfile = \"" + path + "\"\n",
	} {
		text, err := fromText(t, aHost+conf+"listenaddress = *\nlistenport = 7000\n", "a=b\n")
		if err != nil {
			t.Fatal(err)
		}
		listener := load(t, text).Listeners[0]
		if listener.Certificate != path || listener.Key != path || listener.Address() != "0.0.0.0:7000" {
			t.Errorf("%s has the certificate %q and the key %q", listener.URL, listener.Certificate, listener.Key)
		}
	}
}

// certificate is one and its key in one file, as astmanproxy has it.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
}

func TestAFileOfSomethingElseIsNotImported(t *testing.T) {
	if text, err := fromText(t, "hello = world\n", ""); err == nil {
		t.Errorf("it became\n%s", text)
	}
	path := filepath.Join(t.TempDir(), "manager.conf")
	if _, err := migrate.FromManagerConf(path, options); err == nil {
		t.Error("a file that is not there was imported")
	}
	if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate.FromManagerConf(path, options); err == nil {
		t.Error("a file without a section was imported")
	}
}

func TestASecretIsNewWithEveryImport(t *testing.T) {
	var secrets []string
	for range 2 {
		folder := t.TempDir()
		path := filepath.Join(folder, "manager.conf")
		if err := os.WriteFile(path, []byte("[general]\nenabled = yes\n[a]\nsecret = b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := migrate.FromManagerConf(path, migrate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, string(load(t, text).Servers[0].Secret))
	}
	if slices.Contains(secrets, "") || secrets[0] == secrets[1] {
		t.Error("the secrets are the same, or none")
	}
}
