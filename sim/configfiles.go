package sim

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"GetConfig":      (*session).getConfig,
		"GetConfigJSON":  (*session).getConfigJSON,
		"ListCategories": (*session).listCategories,
	})
}

// category is a section of a configuration file.
type category struct {
	name  string
	lines []variable
}

// file is a configuration file of the simulation, of which there are few.
func (c Config) file(name string) ([]category, bool) {
	switch name {
	case "queues.conf":
		file := []category{{"general", []variable{{"persistentmembers", "no"}}}}
		for _, q := range c.Queues {
			file = append(file, category{q, []variable{{"strategy", "ringall"}}})
		}
		return file, true
	case "extensions.conf":
		file := []category{{"general", []variable{{"static", "yes"}, {"writeprotect", "no"}}}, {name: "default"}}
		for _, e := range dialplan {
			for i, s := range e.steps {
				file[1].lines = append(file[1].lines, variable{"exten", fmt.Sprintf("%s,%d,%s(%s)", e.pattern, i+1, s.application, s.data)})
			}
		}
		return file, true
	}
	return nil, false
}

// configFile is the file an action asks for; answered tells that it was refused, alive as handlers do.
func (c *session) configFile(m ami.Message) (file []category, answered, alive bool) {
	name := m.Get("Filename")
	if name == "" {
		return nil, true, c.fail(m, "Filename not specified")
	}
	file, found := c.server.config.file(name)
	if !found {
		return nil, true, c.fail(m, "Config file not found")
	}
	return file, false, true
}

func (c *session) getConfig(m ami.Message) bool {
	file, answered, alive := c.configFile(m)
	if answered {
		return alive
	}
	b := success(m)
	n := 0
	only := m.Get("Category")
	for _, section := range file {
		if only != "" && section.name != only {
			continue
		}
		b.Add(fmt.Sprintf("Category-%06d", n), section.name)
		for i, l := range section.lines {
			b.Add(fmt.Sprintf("Line-%06d-%06d", n, i), l.name+"="+l.value)
		}
		n++
	}
	if n == 0 {
		// A line without a colon.
		return c.write([]byte(b.Message().Raw() + "No categories found\r\n\r\n"))
	}
	return c.send(b)
}

func (c *session) getConfigJSON(m ami.Message) bool {
	file, answered, alive := c.configFile(m)
	if answered {
		return alive
	}
	quoted := func(s string) string {
		text, _ := json.Marshal(s) // of a string it never fails
		return string(text)
	}
	var sections []string
	for _, section := range file {
		var lines []string
		for _, l := range section.lines {
			lines = append(lines, quoted(l.name)+":"+quoted(l.value))
		}
		sections = append(sections, quoted(section.name)+":{"+strings.Join(lines, ",")+"}")
	}
	return c.send(success(m).Add("JSON", "{"+strings.Join(sections, ",")+"}"))
}

func (c *session) listCategories(m ami.Message) bool {
	file, answered, alive := c.configFile(m)
	if answered {
		return alive
	}
	b := success(m)
	for i, section := range file {
		b.Add(fmt.Sprintf("Category-%06d", i), section.name)
	}
	return c.send(b)
}
