package http_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/test/asterisk"
)

var example = regexp.MustCompile(`(?m)^    (curl .*)$`)

func TestTheExamplesOfThePageWork(t *testing.T) {
	t.Run("with a simulated Asterisk", func(t *testing.T) {
		p, _ := serveSimulated(t)
		runExamples(t, p.address)
	})
	for _, version := range asterisk.Versions() {
		t.Run("with Asterisk "+version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			runExamples(t, serve(t, s.AMIAddress, s.Username, s.Secret).address)
		})
	}
}

func runExamples(t *testing.T, address string) {
	curl := tool(t, "curl", "curl")
	page, err := os.ReadFile("../../docs/http-action.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := example.FindAllStringSubmatch(string(page), -1)
	if len(examples) < 9 {
		t.Errorf("only %d examples", len(examples))
	}
	for _, e := range examples {
		line := strings.NewReplacer("curl ", curl+" -sS -w '%{http_code}' ", "127.0.0.1:8090", address, "TOKEN", token).Replace(e[1])
		answer := output(t, "", "sh", "-c", line)
		if !strings.HasSuffix(answer, "200") || !strings.Contains(answer, "Success") || strings.Contains(answer, "Error") {
			t.Errorf("%s\n%s", e[1], answer)
		}
	}
}

func TestAListIsATableToPython(t *testing.T) {
	curl, python := tool(t, "curl", "curl"), tool(t, "python3", "python3")
	p, _ := serveSimulated(t)
	get := func(query string) string {
		return output(t, "", curl, "-sSfu", "monitor:hunter2", "http://"+p.address+"/?format=csv&"+query)
	}
	for _, queue := range []string{"support", "sales"} {
		get("Action=QueueAdd&Queue=" + queue + "&Interface=PJSIP/101&MemberName=%22Ann%22,%20the%20%3Cfirst%3E")
	}
	const names = `
import csv, io, sys
rows = list(csv.DictReader(io.StringIO(sys.stdin.buffer.read().decode("utf-8"), newline=""), strict=True))
assert all(None not in row and None not in row.values() for row in rows), "a row has another length than the names"
for row in rows:
    print(row["Response"] or row["Event"], row["Queue"], row["Name"], row["Server"], sep="|")
`
	got := output(t, get("Action=QueueStatus"), python, "-c", names)
	for _, want := range []string{
		"Success|||pbx1\n", "QueueParams|support||pbx1\n", "QueueMember|support|\"Ann\", the <first>|pbx1\n",
		"QueueMember|sales|\"Ann\", the <first>|pbx1\n", "QueueStatusComplete|||pbx1\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestAnAnswerInXMLSatisfiesXMLLint(t *testing.T) {
	curl, xmllint := tool(t, "curl", "curl"), tool(t, "xmllint", "libxml2-utils")
	p, simulated := serveSimulated(t)
	odd := "a<b>&\"c\" 'd' ]]> \u00e9\u20ac"
	for _, format := range []string{"xml", "mxml"} {
		for _, query := range []string{
			"Action=QueueStatus", "Action=Command&Command=core+show+help", "Action=NoSuch%3Cb%3E", "Action=Ping&A=%zz", "ProxyAction=ListServers", "",
		} {
			answer := output(t, "", curl, "-sSu", "monitor:hunter2", "http://"+p.address+"/?format="+format+"&"+query)
			output(t, answer, xmllint, "--noout", "--nonet", "-")
		}
		answer := output(t, "", curl, "-sSfu", "monitor:hunter2", "-d", "Action=UserEvent", "-d", "UserEvent=Odd", "-d", "X-Until-Event=UserEvent",
			"--data-urlencode", "Odd="+odd, "http://"+p.address+"/?format="+format)
		path := "string(//Odd/@Value)"
		if format == "mxml" {
			path = "string(//*[@event='UserEvent']/@odd)"
		}
		if got := output(t, answer, xmllint, "--xpath", path, "-"); strings.TrimSuffix(got, "\n") != odd {
			t.Errorf("%s: got %q of\n%s", format, got, answer)
		}
	}
	if _, err := simulated.Await(t.Context(), func(m ami.Message) bool { return m.Get("Odd") == odd }); err != nil {
		t.Error(err)
	}
}

func TestWhoHasAskedGetsHisAnswerWhenTheProxyStops(t *testing.T) {
	curl := tool(t, "curl", "curl")
	p, simulated := serveSimulated(t)
	release := simulated.HoldReplies("QueueSummary")
	defer release()
	answer := make(chan string, 1)
	go func() {
		out, err := exec.CommandContext(t.Context(), curl, "-sSfu", "monitor:hunter2", "http://"+p.address+"/?Action=QueueSummary").CombinedOutput()
		if err != nil {
			t.Error(err)
		}
		answer <- string(out)
	}()
	if _, err := simulated.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "QueueSummary" }); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.stopping
	release()
	if got := <-answer; !strings.Contains(got, "QueueSummaryComplete") {
		t.Errorf("got %s", got)
	}
}

func TestAnActionThatAnswersWithNothingIsAnEmptyAnswer(t *testing.T) {
	curl := tool(t, "curl", "curl")
	s := asterisk.Start(t, asterisk.Versions()[0])
	p := serve(t, s.AMIAddress, s.Username, s.Secret)
	for format, want := range map[string]string{
		"standard": "", "json": "[]\n", "xml": "<AsteriskManagerList>\r\n</AsteriskManagerList>\r\n",
	} {
		got := output(t, "", curl, "-sSfu", "monitor:hunter2", "http://"+p.address+"/?Action=IAXnetstats&format="+format)
		if got != want {
			t.Errorf("%s: got %q", format, got)
		}
	}
}
