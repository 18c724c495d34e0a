package phones

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

// Call is a call that a phone makes.
type Call struct {
	// From is the phone's name, an endpoint of the server's, "" for a stranger, and To the number it dials.
	From, To string
	// Digits are dialled into the call, as RFC 4733 has them: each text a second and a half after it was answered, or five
	// after the one before.
	Digits []string
	// Talk is after how long the phone hangs up; 0: it waits for the other to.
	Talk time.Duration
	// Status is what the call is refused with, such as 403; 0: it is answered.
	Status int
}

// callTimeout is far above what a call of a test takes.
const callTimeout = 90 * time.Second

// Dial makes a call, and returns when it has ended as it should. The test fails if it ends otherwise.
func Dial(tb testing.TB, server *asterisk.Server, call Call) {
	tb.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		asterisk.Missing(tb, errors.New("sipp is missing, which plays phones: run sh test/phones/install.sh as root"))
	}
	folder := tb.TempDir()
	scenario := filepath.Join(folder, "call.xml")
	file, err := os.Create(scenario)
	if err != nil {
		tb.Fatal(err)
	}
	err = templates.ExecuteTemplate(file, "call.xml", map[string]any{
		"Digits": call.Digits, "Talk": call.Talk.Milliseconds(), "Status": call.Status, "Known": call.From != "",
	})
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		tb.Fatal(err)
	}
	from := cmp.Or(call.From, "stranger")
	row := fmt.Sprintf("SEQUENTIAL\n%[1]s;[authentication username=%[1]s password=secret%[1]s]\n", from)
	names := filepath.Join(folder, "names.csv")
	if err := os.WriteFile(names, []byte(row), 0o600); err != nil {
		tb.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(asterisk.FreeAddress(tb))
	_, media, _ := net.SplitHostPort(asterisk.FreeAddress(tb))
	errorsIn := filepath.Join(folder, "errors.txt")
	command := exec.Command(sipp, "-sf", scenario, "-inf", names, "-s", call.To, "-i", "127.0.0.1", "-p", port, "-mi", "127.0.0.1", "-mp", media,
		"-m", "1", "-nostdin", "-timeout", fmt.Sprint(callTimeout.Seconds())+"s", "-timeout_error", "-trace_err", "-error_file", errorsIn, server.SIPAddress)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		text, _ := os.ReadFile(errorsIn)
		tb.Fatalf("the call of %s to %s: %v: %s %s", call.From, call.To, err, text, output)
	}
}

// Leave has phones take their registrations back, as they do when they are switched off.
func Leave(tb testing.TB, server *asterisk.Server, names ...string) {
	tb.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		asterisk.Missing(tb, errors.New("sipp is missing, which plays phones: run sh test/phones/install.sh as root"))
	}
	register(tb, sipp, tb.TempDir(), server.SIPAddress, asterisk.FreeAddress(tb), names, true)
}
