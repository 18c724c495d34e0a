package asterisk

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// victimVariable makes this test binary start a server, tell about it and wait
// to be killed.
const victimVariable = "ASTPROXY_TEST_VICTIM"

func TestVictim(t *testing.T) {
	if os.Getenv(victimVariable) == "" {
		t.Skip("it is started by TestAKilledTestBinaryTakesItsAsteriskAlong")
	}
	s := Start(t, Versions()[0])
	fmt.Printf("victim %d %s\n", s.PID(), filepath.Join(s.root, s.folder))
	select {}
}

func TestAKilledTestBinaryTakesItsAsteriskAlong(t *testing.T) {
	root := installation(t, Versions()[0])
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimVariable+"=1")
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	pid, folder := 0, ""
	lines := bufio.NewScanner(output)
	for pid == 0 && lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "victim" {
			pid, _ = strconv.Atoi(fields[1])
			folder = fields[2]
		}
	}
	victim.Process.Kill()
	victim.Wait()
	if pid == 0 {
		t.Fatal("the victim started no Asterisk")
	}

	deadline := time.Now().Add(timeout)
	for !processIsGone(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("the Asterisk, process %d, is still there", pid)
		}
		// The end of a process that is not a child can only be asked for.
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := os.Stat(folder); os.IsNotExist(err) {
		return // the tests of another package have just started an Asterisk, and removed it
	}
	removeLeftovers(root)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
