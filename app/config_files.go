package app

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/astproxy/astproxy/access"
)

// maxSecretFile bounds what is read as a secret: no login can carry a longer one.
const maxSecretFile = 4096

// readFiles reads the files the configuration names. Relative paths begin at folder.
func (d *document) readFiles(config *Config, folder string) {
	config.State = from(folder, config.State)
	for i := range config.Servers {
		server, at := &config.Servers[i], d.item("server", i)
		server.TLSCA = from(folder, server.TLSCA)
		at.readSecret(&server.Secret, &server.SecretFile, folder)
		at.readAuthorities(server.TLSCA)
	}
	for i := range config.Listeners {
		l := &config.Listeners[i]
		for _, path := range []*string{&l.Certificate, &l.Key, &l.ClientCA, &l.ACMECA} {
			*path = from(folder, *path)
		}
	}
	for i := range config.Users {
		user, at := &config.Users[i], d.item("user", i)
		at.readSecret(&user.Secret, &user.SecretFile, folder)
	}
}

// item is for what is found wrong in one of the tables of a name.
func (d *document) item(name string, i int) reporter {
	return d.at(d.root.keys[name].items[i])
}

// from is where a path of the configuration leads.
func from(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// readSecret puts what a secret_file says in secret's place. Two secrets, or none, are for the
// table's own check.
func (r reporter) readSecret(secret *access.Secret, file *string, folder string) {
	if *file == "" || *secret != "" {
		return
	}
	path := from(folder, *file)
	text, err := readLimited(path, maxSecretFile)
	if err != nil {
		r.problem("secret_file", fmt.Sprintf("cannot read %s: %v", path, err))
		return
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if text == "" {
		r.problem("secret_file", path+" is empty")
		return
	}
	if everybodyReads(path) {
		r.add("secret_file", Problem{
			Warning: true,
			Text:    fmt.Sprintf("everybody on this machine may read %s", path),
			Hint:    "chmod o-r would end that",
		})
	}
	*secret, *file = access.Secret(text), ""
}

// everybodyReads tells whether any account of this machine may read a file.
func everybodyReads(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0
}

// warnOfReaders finds the first secret that stands in the configuration itself where everybody may read it.
func (d *document) warnOfReaders(values map[string]any) {
	if !everybodyReads(d.file) {
		return
	}
	for _, name := range []string{"server", "user"} {
		tables, _ := values[name].([]map[string]any)
		for i, table := range tables {
			text, _ := table["secret"].(string)
			if text == "" || text == exampleSecret || strings.Contains(text, "${") || access.Secret(text).Hashed() {
				continue
			}
			d.item(name, i).add("secret", Problem{
				Warning: true,
				Text:    "everybody on this machine may read this file, and secrets in it",
				Hint:    "chmod o-r would end that",
			})
			return
		}
	}
}

// readAuthorities finds out early whether tls_ca is of use.
func (r reporter) readAuthorities(path string) {
	if path == "" {
		return
	}
	if _, err := authorities(path); err != nil {
		r.problem("tls_ca", fmt.Sprintf("cannot use %s: %v", path, err))
	}
}

// authorities are the certificates of a PEM file.
func authorities(path string) (*x509.CertPool, error) {
	text, err := readLimited(path, maxFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(text)) {
		return nil, fmt.Errorf("there is no certificate in PEM form in it")
	}
	return pool, nil
}

// defaultState is the folder systemd gives (StateDirectory=), or the user's own for such things;
// empty where there is neither.
func defaultState() string {
	folder, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":")
	if folder != "" {
		return folder
	}
	if folder = os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "astproxy")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "state", "astproxy")
	}
	return ""
}
