package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile bounds what is read as a configuration file: 8 MiB are tens of thousands of users.
const maxFile = 8 << 20

// Load reads and checks a configuration file. The error is Problems, all there are at once and in
// the file's order. Without errors, what is merely worth a look is in the Config's Warnings.
//
// In every text ${NAME} stands for an environment variable. A path that is not absolute begins
// at the file's own folder.
func Load(path string) (*Config, error) {
	text, err := readLimited(path, maxFile)
	if err != nil {
		return nil, Problems{{File: path, Text: err.Error()}}
	}
	d := &document{file: path, text: strings.TrimPrefix(text, "\ufeff")}
	config := d.load()
	d.problems.sort()
	if d.problems.fatal() {
		return nil, d.problems
	}
	config.Warnings = d.problems
	return config, nil
}

// readLimited reads a file, and says what is wrong without naming it again.
func readLimited(path string, limit int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", withoutPath(err)
	}
	defer func() { _ = file.Close() }() // was only read
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return "", withoutPath(err)
	}
	if int64(len(content)) > limit {
		return "", fmt.Errorf("larger than %v", Size(limit))
	}
	return string(content), nil
}

func withoutPath(err error) error {
	if wrong := (*fs.PathError)(nil); errors.As(err, &wrong) {
		return wrong.Err
	}
	return err
}

func (d *document) load() *Config {
	var values map[string]any
	if _, err := toml.Decode(d.text, &values); err != nil {
		d.root = &node{}
		d.addSyntax(err)
		return nil
	}
	d.root = indexPositions(d.text)
	config := DefaultConfig()
	d.bind(values, d.root, reflect.ValueOf(config).Elem())
	d.warnOfReaders(values)
	d.readFiles(config, filepath.Dir(d.file))
	d.check(config)
	return config
}

// addSyntax places what the decoder says. It quotes what it found, which could be a secret.
func (d *document) addSyntax(err error) {
	var wrong toml.ParseError
	if !errors.As(err, &wrong) {
		d.add(0, Problem{Text: "not TOML: " + err.Error()})
		return
	}
	offset := min(max(wrong.Position.Start, 0), len(d.text)) // it can be -1
	problem := plainWords(wrong.Message)
	if d.nearSecret(wrong.LastKey, offset) {
		problem.Text, problem.Hint = "a secret is not written as TOML wants it", `a text stands in quotes: "..." or, if it has " or \ in it, '...'`
	}
	d.add(offset, problem)
}

// nearSecret tells whether what stands at an offset may be part of a secret.
func (d *document) nearSecret(lastKey string, offset int) bool {
	line := d.text[strings.LastIndexByte(d.text[:offset], '\n')+1:]
	line, _, _ = strings.Cut(line, "\n")
	return strings.Contains(strings.ToLower(lastKey+" "+line), "secret")
}

// plainWords says what the decoder says, in a line of ours.
func plainWords(message string) Problem {
	const noValue = "expected value but found "
	switch found, is := strings.CutPrefix(message, noValue); {
	case is && strings.HasPrefix(found, `'\n'`):
		return Problem{Text: "there is no value behind the ="}
	case is:
		return Problem{Text: message, Hint: "a text stands in quotes"}
	}
	for _, capital := range []string{"Key", "Invalid"} {
		if rest, begins := strings.CutPrefix(message, capital); begins {
			message = strings.ToLower(capital) + rest
		}
	}
	return Problem{Text: strings.TrimSuffix(message, ".")}
}
