package app

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
)

// PluginConfig is one [plugin.NAME] table: what every plugin has, and besides its own.
type PluginConfig struct {
	Name string `toml:"-"`
	// Enabled is false for a plugin that is switched off.
	Enabled bool `toml:"enabled"`
	// Triggers are its actions that the dialplan may ask for.
	Triggers []string `toml:"triggers"`
	// Own is what its Kind's Config has made, filled in; nil: it has no more keys.
	Own any `toml:"-"`
}

// PluginsConfig has a PluginConfig for every plugin there is, in their order.
type PluginsConfig []PluginConfig

// defaultPlugins are on unless they are switched off.
func defaultPlugins() (all PluginsConfig) {
	for _, kind := range kinds {
		c := PluginConfig{Name: kind.Name, Enabled: true}
		if kind.Config != nil {
			c.Own = kind.Config()
		}
		all = append(all, c)
	}
	return all
}

// setups are the plugins that are to run.
func (all PluginsConfig) setups() (setups []host.Setup) {
	for _, c := range all {
		if c.Enabled {
			setups = append(setups, host.Setup{Kind: kindNamed(c.Name), Config: c.Own, Triggers: c.Triggers})
		}
	}
	return setups
}

// kindNamed is one that there is.
func kindNamed(name string) plugins.Kind {
	i := slices.IndexFunc(kinds, func(k plugins.Kind) bool { return k.Name == name })
	return kinds[i]
}

// fields are those of a plugin's table, by their keys.
func (c *PluginConfig) fields() map[string]reflect.Value {
	fields := fieldsByKey(reflect.ValueOf(c).Elem())
	if c.Own != nil {
		for key, field := range fieldsByKey(reflect.ValueOf(c.Own).Elem()) {
			fields[key] = field
		}
	}
	return fields
}

// bindPlugins puts the tables of [plugin] into all.
func (d *document) bindPlugins(at reporter, key string, value any, all PluginsConfig) {
	tables, ok := value.(map[string]any)
	if !ok {
		at.hinted(key, fmt.Sprintf("%s is tables, not %s", key, kindOf(value)), fmt.Sprintf("write [%s.NAME]", key))
		at.markBad(key)
		return
	}
	var known []string
	for _, c := range all {
		known = append(known, c.Name)
	}
	below := d.at(at.table.keys[key])
	for name, value := range tables {
		i := slices.Index(known, name)
		table, isTable := value.(map[string]any)
		switch {
		case i < 0 && len(known) == 0:
			below.problem(name, fmt.Sprintf("there is no plugin %q", name))
		case i < 0:
			below.hinted(name, fmt.Sprintf("there is no plugin %q", name), offer(name, known))
		case !isTable:
			below.hinted(name, fmt.Sprintf("%s is one table, not %s", name, kindOf(value)), fmt.Sprintf("write [%s.%s]", key, name))
		default:
			d.bindFields(table, below.table.keys[name], all[i].fields())
		}
	}
}

// checkPlugins finds what is wrong with the plugins that are to run.
func (d *document) checkPlugins(all PluginsConfig, folder string) {
	before := len(d.problems)
	for _, c := range all {
		if rooted, is := c.Own.(plugins.Rooted); is {
			rooted.Root(folder)
		}
		if v, is := c.Own.(plugins.Validator); is && c.Enabled {
			d.plugin(c.Name).checkedPlugin(v.Validate())
		}
	}
	if d.problems[before:].fatal() {
		return
	}
	for _, wrong := range host.Check(all.setups()) {
		d.plugin(wrong.Plugin).problem(wrong.Key, wrong.Text)
	}
}

// plugin is for what is found wrong in a plugin's table, or where its place would be.
func (d *document) plugin(name string) reporter {
	parent := d.root.keys["plugin"]
	if parent == nil {
		return d.at(d.root)
	}
	if table := parent.keys[name]; table != nil {
		return d.at(table)
	}
	return d.at(parent)
}

// checkedPlugin places what a plugin's own Validate has found.
func (r reporter) checkedPlugin(found error) {
	for _, err := range joined(found) {
		var wrong *plugins.ConfigError
		if !errors.As(err, &wrong) {
			r.problem("", err.Error())
			continue
		}
		at, key := r.below(wrong.Key)
		at.problem(key, wrong.Text)
	}
}
