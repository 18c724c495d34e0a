package migrate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds what is read as one file.
const maxFile = 8 << 20

// source is a text file and what it is called in comments.
type source struct {
	path string
	text string
}

func read(path string) (source, error) {
	file, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	defer func() { _ = file.Close() }() // was only read
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return source{}, fmt.Errorf("%s is a folder", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return source{}, err
	}
	if len(text) > maxFile {
		return source{}, fmt.Errorf("%s is larger than %d MiB", path, maxFile>>20)
	}
	return source{path: path, text: string(text)}, nil
}

// lines are the file's, without their ends, from number 1.
func (s source) lines(yield func(number int, line string) bool) {
	number := 0
	for line := range strings.Lines(s.text) {
		number++
		if !yield(number, strings.TrimSuffix(line, "\n")) {
			return
		}
	}
}

// at names a line of the file.
func (s source) at(line int) string { return fmt.Sprintf("%s:%d", filepath.Base(s.path), line) }

// beside is a file in the same folder, or "" if there is none.
func beside(path, name string) string {
	other := filepath.Join(filepath.Dir(path), name)
	if _, err := os.Stat(other); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return other
}
