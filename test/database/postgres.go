package database

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

// startTimeout is far above what a start takes.
const startTimeout = 60 * time.Second

// Postgres is a PostgreSQL server of one test. Its methods are for the goroutine of the test.
type Postgres struct {
	// URL is where its database is, for the user that may all there.
	URL string

	tb      testing.TB
	address string
	folder  string
	server  *exec.Cmd
	ended   chan struct{}
}

// StartPostgres starts a server with an empty database. It ends with the test. Where PostgreSQL is missing the test is skipped, or
// fails if ASTPROXY_REQUIRE_ASTERISK is 1.
func StartPostgres(tb testing.TB) *Postgres {
	tb.Helper()
	initdb, err := program("initdb")
	if err != nil {
		asterisk.Missing(tb, errors.New("PostgreSQL is missing: run sh test/database/install.sh as root"))
	}
	p := &Postgres{tb: tb, address: asterisk.FreeAddress(tb), folder: folder(tb)}
	p.URL = "postgres://tester@" + p.address + "/postgres?sslmode=disable"
	command := exec.Command(initdb, "--pgdata", p.folder, "--username", "tester", "--auth", "trust", "--no-sync", "--no-locale", "--encoding", "UTF8")
	command.Dir = p.folder
	command.SysProcAttr = unprivileged(tb)
	if output, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v: %s", err, output)
	}
	tb.Cleanup(p.Kill)
	p.Start()
	return p
}

// program is where one of PostgreSQL's is: Debian keeps the server's out of the path.
func program(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	return exec.LookPath(name)
}

// folder is one that the unprivileged user owns: PostgreSQL refuses to run as root.
func folder(tb testing.TB) string {
	tb.Helper()
	made, err := os.MkdirTemp("", "astproxy-postgres-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(made) })
	if os.Getuid() == 0 {
		uid, gid := nobody(tb)
		if err := os.Chown(made, uid, gid); err != nil {
			tb.Fatal(err)
		}
	}
	return made
}

// nobody is who runs the server where the test is root's.
func nobody(tb testing.TB) (uid, gid int) {
	tb.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		tb.Fatal(err)
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid
}

// Start starts it again after Kill, with what was in it.
func (p *Postgres) Start() {
	p.tb.Helper()
	postgres, err := program("postgres")
	if err != nil {
		p.tb.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(p.address)
	p.server = exec.Command(postgres, "-D", p.folder, "-h", host, "-p", port, "-k", p.folder, "-F")
	p.server.Dir = p.folder
	p.server.SysProcAttr = unprivileged(p.tb)
	p.server.Stderr = p.tb.Output()
	p.ended = make(chan struct{})
	started := make(chan error)
	go func() {
		defer close(p.ended)
		// The kernel kills the child when the thread that started it ends: a locked one ends with this goroutine.
		runtime.LockOSThread()
		err := p.server.Start()
		started <- err
		if err == nil {
			_ = p.server.Wait() // it is killed
		}
	}()
	if err := <-started; err != nil {
		p.tb.Fatal(err)
	}
	deadline := time.After(startTimeout)
	retry := time.NewTicker(20 * time.Millisecond) // nothing announces that it is ready
	defer retry.Stop()
	for {
		err := p.psql("SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-p.ended:
			p.tb.Fatal("the server has ended")
		case <-deadline:
			p.tb.Fatal(err)
		case <-retry.C:
		}
	}
}

// Kill ends it as a crash does. It does nothing to one that does not run.
func (p *Postgres) Kill() {
	if p.server == nil {
		return
	}
	p.signal(os.Kill)
	<-p.ended
}

// Stop has it answer nobody any more, with all its connections open, until Continue.
func (p *Postgres) Stop() { p.signal(stopSignal) }

// Continue ends Stop.
func (p *Postgres) Continue() { p.signal(continueSignal) }

// signal is for all of its processes: each connection has one.
func (p *Postgres) signal(s os.Signal) {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", p.server.Process.Pid)) // none where it has ended
	_ = p.server.Process.Signal(s)
	for each := range strings.FieldsSeq(string(children)) {
		pid, err := strconv.Atoi(each)
		if err != nil {
			continue
		}
		if child, err := os.FindProcess(pid); err == nil {
			_ = child.Signal(s) // an error means that it has ended
		}
	}
}

// Run runs SQL.
func (p *Postgres) Run(sql string) {
	p.tb.Helper()
	if err := p.psql(sql); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *Postgres) psql(sql string) error {
	psql, err := program("psql")
	if err != nil {
		return err
	}
	output, err := exec.Command(psql, p.URL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", sql, err, output)
	}
	return nil
}
