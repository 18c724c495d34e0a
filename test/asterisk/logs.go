package asterisk

import (
	"bytes"
	"os"
	"path/filepath"
)

// shownLogBytes is how much of the end of each log a failed test shows.
const shownLogBytes = 8 << 10

// logFile returns the place of a log in the file system: "console" is what
// Asterisk printed, "messages" is what it logged.
func (s *Server) logFile(name string) string {
	return filepath.Join(s.root, s.folder, "log", name)
}

func (s *Server) showLogs() {
	for _, name := range []string{"console", "messages"} {
		log, err := os.ReadFile(s.logFile(name))
		if err != nil {
			s.tb.Log(err)
			continue
		}
		s.tb.Logf("asterisk %s, the end of its %s:\n%s", s.Version, name, tail(log, shownLogBytes))
	}
}

// tail returns the last whole lines that are within size bytes.
func tail(log []byte, size int) []byte {
	if len(log) <= size {
		return log
	}
	log = log[len(log)-size:]
	if end := bytes.IndexByte(log, '\n'); end >= 0 {
		log = log[end+1:]
	}
	return log
}
