package app

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

const samplePath = "../astproxy.toml"

// The astproxy.toml that people begin with has no problems but the secrets they are to change, and
// lets nobody in from elsewhere and nobody do anything.
func TestSample(t *testing.T) {
	config, err := Load(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range config.Warnings {
		if !strings.Contains(warning.Text, "example's") {
			t.Error(warning)
		}
	}
	if len(config.Warnings) != 2 {
		t.Errorf("%d warnings of the example's secrets: %v", len(config.Warnings), config.Warnings)
	}
	for _, listener := range config.Listeners {
		if listener.Insecure || !strings.HasPrefix(listener.Address(), "127.0.0.1:") {
			t.Errorf("listens on %s", listener.URL)
		}
	}
	for _, user := range config.Users {
		if len(user.Write) > 0 || user.Admin || user.AllowBlocking || slices.Contains(user.Read, "all") {
			t.Errorf("user %s may do too much", user.Name)
		}
	}
}

// Every key there is stands in it, none that is not, and each at its default where it is commented
// out: an administrator who takes the # away changes nothing.
func TestSampleHasEveryKey(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "/var/lib/astproxy")
	content, err := os.ReadFile(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	commentedOut := regexp.MustCompile(`(?m)^#([a-z[])`)
	text := commentedOut.ReplaceAllString(string(content), "$1")

	var values map[string]any
	if _, err := toml.Decode(text, &values); err != nil {
		t.Fatalf("with every # taken away: %v", err)
	}
	got, want := keysOf(values, ""), keysOfType(reflect.TypeFor[Config](), "")
	for _, key := range want {
		if !slices.Contains(got, key) {
			t.Errorf("%s is not in it", key)
		}
	}
	for _, key := range got {
		if !slices.Contains(want, key) {
			t.Errorf("there is no %s", key)
		}
	}

	asIs, err := Load(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	all := load(t, text)
	asIs.Warnings, all.Warnings = nil, nil
	all.Tenants = nil
	all.Tokens = nil                                                         // there are none unless somebody makes one
	asIs.Users[0].SlowClient, asIs.Users[0].MaxOriginates = "disconnect", 50 // package access's own defaults
	asIs.Users[0].FilterLocal, asIs.Users[0].AutoFilter = "off", "unique"
	asIs.Users[0].MaxPluginActions = 50
	forgetTables(all.Plugins)
	forgetEmptyLists(reflect.ValueOf(asIs))
	forgetEmptyLists(reflect.ValueOf(all))
	if diff := difference(all, asIs); diff != "" {
		t.Errorf("taking every # away makes a difference:\n%s", diff)
	}
}

// forgetTables takes out of plugins' configurations the tables of which there are none unless somebody makes one.
func forgetTables(of PluginsConfig) {
	for _, c := range of {
		for _, field := range fieldsByKey(reflect.ValueOf(c.Own).Elem()) {
			if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct {
				field.SetZero()
			}
		}
	}
}

// forgetEmptyLists makes lists that are empty ones that are not there: only a token tells them apart.
func forgetEmptyLists(of reflect.Value) {
	switch of.Kind() {
	case reflect.Pointer:
		forgetEmptyLists(of.Elem())
	case reflect.Struct:
		for i := range of.NumField() {
			forgetEmptyLists(of.Field(i))
		}
	case reflect.Map:
		if of.Len() == 0 {
			of.SetZero()
		}
	case reflect.Slice:
		if of.Len() == 0 {
			of.SetZero()
		}
		for i := range of.Len() {
			forgetEmptyLists(of.Index(i))
		}
	}
}

// keysOf are the keys of decoded values: "server.name".
func keysOf(values map[string]any, prefix string) []string {
	var keys []string
	for name, value := range values {
		key := prefix + name
		switch value := value.(type) {
		case map[string]any:
			if len(value) == 0 {
				keys = append(keys, key)
			}
			keys = append(keys, keysOf(value, key+".")...)
		case []map[string]any:
			for _, table := range value {
				keys = append(keys, keysOf(table, key+".")...)
			}
		default:
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return slices.Compact(keys)
}

// keysOfType are the keys that a configuration's struct has a field for.
func keysOfType(of reflect.Type, prefix string) []string {
	var keys []string
	for i := range of.NumField() {
		field := of.Field(i)
		name, inner := field.Tag.Get("toml"), field.Type
		if inner == reflect.TypeFor[PluginsConfig]() {
			keys = append(keys, keysOfPlugins()...)
			continue
		}
		if name == "-" {
			continue
		}
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && !takesAnyKey(inner) {
			keys = append(keys, keysOfType(inner, prefix+name+".")...)
			continue
		}
		keys = append(keys, prefix+name)
	}
	return keys
}

// keysOfPlugins are those of every plugin there is.
func keysOfPlugins() (keys []string) {
	for _, kind := range kinds {
		prefix := "plugin." + kind.Name + "."
		keys = append(keys, prefix+"enabled", prefix+"triggers")
		if kind.Config != nil {
			keys = append(keys, keysOfType(reflect.TypeOf(kind.Config()).Elem(), prefix)...)
		}
	}
	return keys
}

// takesAnyKey tells whether a table's keys are not ours to list.
func takesAnyKey(table reflect.Type) bool {
	_, does := fieldsByKey(reflect.New(table).Elem())[anyKey]
	return does
}
