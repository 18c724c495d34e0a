package documentation_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// exampleActions are the actions of a part of a page.
var exampleActions = regexp.MustCompile(`(?m)(?:^    [A-Za-z]+: .*\n)+`)

func TestTheTenantsPageSaysWhatATenantsUserMay(t *testing.T) {
	text := page(t, "docs/tenants.md")
	configuration := tomlBlock.FindStringSubmatch(text)
	may, mayNot, both := strings.Cut(text, "but none of these:")
	if configuration == nil || !both {
		t.Fatal("there is no configuration in it, or no actions")
	}
	allowed, refused := exampleActions.FindAllString(may, -1), exampleActions.FindAllString(mayNot, -1)
	if len(allowed) < 5 || len(refused) < 9 {
		t.Fatalf("%d and %d examples", len(allowed), len(refused))
	}
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		anna := upClient(t, serve(t, strings.NewReplacer(
			"127.0.0.1:5038", address, `"astproxy"`, fmt.Sprintf("%q", username), `"s3cret"`, fmt.Sprintf("%q", secret),
			"ami://127.0.0.1:5039", "ami://127.0.0.1:0").Replace(configuration[1]))[0], "anna", "hunter2")
		for expected, examples := range map[bool][]string{true: allowed, false: refused} {
			for i, example := range examples {
				id := fmt.Sprintf("%v%d", expected, i)
				anna.SendRaw(strings.ReplaceAll(example, "    ", "") + "ActionID: " + id + "\n\n")
				answer := anna.Next(func(m ami.Message) bool { return m.IsResponse() && m.ActionID() == id })
				if got := answer.Response() == "Success"; got != expected || !expected && answer.Get("Message") != "Permission denied" {
					t.Errorf("%s is answered with %s", example, answer)
				}
			}
		}
	})
}
