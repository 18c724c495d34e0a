package phones

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

//go:embed scenarios
var scenarios embed.FS

var templates = template.Must(template.ParseFS(scenarios, "scenarios/*.xml"))

// registerTimeout is far above what a registration takes.
const registerTimeout = 30 * time.Second

// Behaviour is what a phone does when it is called.
type Behaviour struct {
	scenario   string
	Ring, Talk int64  // milliseconds
	Refusal    string // a status line's code and reason
	Leave      bool   // of a registration
	Speech     string // a file of what is said, as PCMU has it; "": nothing is
	speaks     bool
}

// Speaking is one that sends sound when it has answered. Asterisk optimises Local channels away when there is some.
func (b Behaviour) Speaking() Behaviour {
	b.speaks = true
	return b
}

// Answers is a phone that rings for a time and answers, and waits for the other to hang up.
func Answers(ring time.Duration) Behaviour {
	return Behaviour{scenario: "answer.xml", Ring: max(1, ring.Milliseconds())}
}

// AnswersAndHangsUp is a phone that answers, and hangs up after a time.
func AnswersAndHangsUp(ring, talk time.Duration) Behaviour {
	b := Answers(ring)
	b.Talk = max(1, talk.Milliseconds())
	return b
}

// RingsForEver is a phone that nobody answers.
func RingsForEver() Behaviour { return Behaviour{scenario: "ring.xml"} }

// IsBusy is a phone that is busy: 486.
func IsBusy() Behaviour { return Behaviour{scenario: "refuse.xml", Refusal: "486 Busy Here"} }

// Declines is a phone whose owner wants no calls: 603.
func Declines() Behaviour { return Behaviour{scenario: "refuse.xml", Refusal: "603 Decline"} }

// Start starts phones of those names, which register at the server as endpoints, and returns when they can be called. They end
// with the test. Where there is no sipp the test is skipped, or fails if ASTPROXY_REQUIRE_ASTERISK is 1.
func Start(tb testing.TB, server *asterisk.Server, b Behaviour, names ...string) {
	tb.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		asterisk.Missing(tb, errors.New("sipp is missing, which plays phones: run sh test/phones/install.sh as root"))
	}
	server.AddEndpoints(names...)
	at := asterisk.FreeAddress(tb)
	folder := tb.TempDir()
	if b.speaks {
		b.Speech = speech(tb, folder)
	}
	run(tb, sipp, write(tb, folder, b.scenario, b), at)
	register(tb, sipp, folder, server.SIPAddress, at, names, false)
}

// speech writes a second of a tone of 400 Hz, and returns where it is.
func speech(tb testing.TB, folder string) string {
	tb.Helper()
	sound := bytes.Repeat([]byte{0xff, 0xa0, 0x98, 0x94, 0x92, 0x91, 0x92, 0x94, 0x98, 0xa0, 0x7f, 0x20, 0x18, 0x14, 0x12, 0x11, 0x12, 0x14, 0x18, 0x20}, 400)
	path := filepath.Join(folder, "speech.ul")
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// write fills in a scenario and returns where it is.
func write(tb testing.TB, folder, name string, b Behaviour) string {
	tb.Helper()
	path := filepath.Join(folder, name)
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	if err := templates.ExecuteTemplate(file, name, b); err != nil {
		tb.Fatal(err)
	}
	return path
}

// run starts the process that plays the phones, and waits until it can be called.
func run(tb testing.TB, sipp, scenario, at string) {
	tb.Helper()
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		tb.Fatal(err)
	}
	errorsIn := filepath.Join(filepath.Dir(scenario), "errors.txt")
	phones := exec.Command(sipp, "-sf", scenario, "-i", host, "-p", port, "-ci", host, "-nostdin", "-aa", "-trace_err", "-error_file", errorsIn)
	phones.Dir = filepath.Dir(scenario)
	ended, err := start(phones)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = phones.Process.Kill()
		<-ended
		if text, err := os.ReadFile(errorsIn); err == nil && tb.Failed() {
			tb.Logf("phones at %s: %s", at, text)
		}
	})
	retry := time.NewTicker(5 * time.Millisecond) // nothing announces that it listens
	defer retry.Stop()
	for taken := false; !taken; {
		select {
		case <-ended:
			text, _ := os.ReadFile(errorsIn)
			tb.Fatalf("sipp has ended: %s", text)
		case <-retry.C:
		}
		taken = bound(tb, port)
	}
}

// bound tells whether somebody has a UDP port, as the kernel lists them: to try for it would take it from who is about to.
func bound(tb testing.TB, port string) bool {
	tb.Helper()
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		tb.Fatal(err)
	}
	list, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Contains(list, fmt.Appendf(nil, ":%04X 00000000:0000", number)) // its own address is in front, whoever it talks to behind
}

// start starts a process that dies with the test's; ended is closed when it is gone.
func start(command *exec.Cmd) (ended <-chan struct{}, err error) {
	command.SysProcAttr = diesWithTest()
	gone, started := make(chan struct{}), make(chan error)
	go func() {
		defer close(gone)
		// The kernel kills the child when the thread that started it ends: a locked one ends with this goroutine.
		runtime.LockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // it is killed
		}
	}()
	return gone, <-started
}

// register registers every phone, or takes back what it has registered.
func register(tb testing.TB, sipp, folder, server, at string, names []string, leave bool) {
	tb.Helper()
	_, port, _ := net.SplitHostPort(at)
	scenario := write(tb, folder, "register.xml", Behaviour{Leave: leave})
	rows := []string{"SEQUENTIAL"}
	for _, name := range names {
		rows = append(rows, fmt.Sprintf("%s;[authentication username=%s password=secret%s]", name, name, name))
	}
	file := filepath.Join(folder, "names.csv")
	if err := os.WriteFile(file, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	command := exec.Command(sipp, "-sf", scenario, "-inf", file, "-key", "at", port, "-i", "127.0.0.1", "-m", fmt.Sprint(len(names)),
		"-r", "100", "-nostdin", "-timeout", fmt.Sprint(registerTimeout.Seconds())+"s", "-timeout_error", "-trace_err",
		"-error_file", filepath.Join(folder, "register-errors.txt"), server)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		text, _ := os.ReadFile(filepath.Join(folder, "register-errors.txt"))
		tb.Fatalf("phones do not register: %v: %s %s", err, text, output)
	}
}
