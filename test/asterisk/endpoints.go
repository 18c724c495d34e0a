package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// AddEndpoints makes PJSIP endpoints of those names that are not there yet, each with the password secretNAME and an
// extension in the context default that calls it. They are there when it returns. 101 to 110 are always.
func (s *Server) AddEndpoints(names ...string) {
	s.tb.Helper()
	var phones, extensions strings.Builder
	var last string
	for _, name := range names {
		if slices.Contains(s.endpoints, name) {
			continue
		}
		s.endpoints = append(s.endpoints, name)
		last = name
		fmt.Fprintf(&phones, "\n[%[1]s](phone)\naors = %[1]s\nauth = %[1]s\ncallerid = Phone %[1]s <%[1]s>\n"+
			"\n[%[1]s](login)\nusername = %[1]s\npassword = secret%[1]s\n\n[%[1]s](contacts)\n", name)
		fmt.Fprintf(&extensions, "\nexten => %[1]s,hint,PJSIP/%[1]s\nexten => %[1]s,1,Dial(PJSIP/%[1]s,30)\n", name)
	}
	if last == "" {
		return
	}
	s.appendTo("pjsip.conf", phones.String())
	s.appendTo("extensions.conf", extensions.String()) // its last context is default
	s.CLI("module reload res_pjsip.so")
	s.CLI("dialplan reload")
	s.awaitCLI("pjsip show endpoint "+last, "Not in use", "Unavailable")
	s.awaitCLI("dialplan show "+last+"@default", "Dial")
}

// AddExtensions adds lines of a dialplan to the context default, and returns when they are there: name is one of theirs.
func (s *Server) AddExtensions(name, lines string) {
	s.tb.Helper()
	s.appendTo("extensions.conf", "\n"+lines+"\n") // whose last context is default
	s.CLI("dialplan reload")
	s.awaitCLI("dialplan show "+name+"@default", "'"+name+"'")
}

// appendTo adds text to one of the configuration files.
func (s *Server) appendTo(name, text string) {
	s.tb.Helper()
	file, err := os.OpenFile(filepath.Join(s.root, s.folder, "etc", name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.tb.Fatal(err)
	}
	_, err = file.WriteString(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		s.tb.Fatal(err)
	}
}

// awaitCLI asks a command again and again until its output has one of the texts: a reload is done behind its answer.
func (s *Server) awaitCLI(command string, texts ...string) {
	s.tb.Helper()
	deadline := time.After(startTimeout)
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		output := s.CLI(command)
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(output, text) }) {
			return
		}
		select {
		case <-deadline:
			s.tb.Fatalf("asterisk %s: %s has no %q: %s", s.Version, command, texts, output)
		case <-retry.C:
		}
	}
}
