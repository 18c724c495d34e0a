package migrate_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsImportedPassesCheck(t *testing.T) {
	for _, of := range []string{"astmanproxy", "manager"} {
		for _, folder := range folders(t, of) {
			t.Run(filepath.Join(of, filepath.Base(folder)), func(t *testing.T) {
				text := fromFolder(t, folder)
				load(t, text)
				wantGolden(t, folder, text)
			})
		}
	}
}

func TestASecretStandsInNoComment(t *testing.T) {
	for _, of := range []string{"astmanproxy", "manager"} {
		for _, folder := range folders(t, of) {
			text := fromFolder(t, folder)
			config := load(t, text)
			var secrets []string
			for _, user := range config.Users {
				secrets = append(secrets, string(user.Secret))
			}
			for _, server := range config.Servers {
				secrets = append(secrets, string(server.Secret))
			}
			for _, secret := range secrets {
				if len(secret) > 5 && secret != "secret" && secret != "change-this-secret" && strings.Contains(comments(text), secret) {
					t.Errorf("%s: %q stands in a comment", folder, secret)
				}
			}
		}
	}
}
