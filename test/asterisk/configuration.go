package asterisk

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed etc
var etc embed.FS

var templates = template.Must(template.ParseFS(etc, "etc/*.conf"))

// emptyConfigurations are files whose absence a module logs as an error or takes
// as a reason not to load, and in which nothing needs to be said.
var emptyConfigurations = []string{
	"acl.conf", "aeap.conf", "ccss.conf", "chan_websocket.conf", "cli_aliases.conf",
	"geolocation.conf", "iaxprov.conf", "pjproject.conf", "pjsip_wizard.conf",
	"queuerules.conf", "res_fax.conf", "res_http_media_cache.conf", "stasis.conf",
	"statsd.conf", "udptl.conf", "websocket_client.conf",
}

// configuration is what the templates in etc are filled with.
type configuration struct {
	// Folder is the instance's own, as Asterisk sees it.
	Folder string

	AMIPort    int // TCP
	HTTPPort   int // TCP
	SIPPort    int // UDP and TCP, PJSIP
	OldSIPPort int // UDP, chan_sip of version 16
	IAXPort    int // UDP

	// Users are those of the manager.
	Users []User

	// Endpoints are the names of the PJSIP endpoints.
	Endpoints []string
}

// endpoints returns "101" to "110".
func endpoints() []string {
	var names []string
	for number := 101; number <= 110; number++ {
		names = append(names, fmt.Sprint(number))
	}
	return names
}

// write makes the instance's folders under folder, its place in the file system,
// and writes every configuration file.
func (c *configuration) write(folder string) error {
	for _, name := range []string{"etc", "lib/keys", "log", "run", "spool"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return err
		}
	}
	for _, name := range emptyConfigurations {
		if err := os.WriteFile(filepath.Join(folder, "etc", name), []byte("; nothing to set\n"), 0o644); err != nil {
			return err
		}
	}
	for _, each := range templates.Templates() {
		if err := c.writeTemplate(each, filepath.Join(folder, "etc", each.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (c *configuration) writeTemplate(from *template.Template, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := from.Execute(file, c); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
