package app

import "testing"

func TestExpand(t *testing.T) {
	t.Setenv("HOST", "pbx")
	t.Setenv("_1", "${HOST}")
	t.Setenv("EMPTY", "")
	for text, want := range map[string]string{
		"":                     "",
		"$HOST $ $$ } {":       "$HOST $ $$ } {",
		"${HOST}":              "pbx",
		"a${HOST}${EMPTY}b":    "apbxb",
		"${_1}":                "${HOST}", // not expanded again
		"$${HOST}":             "${HOST}",
		"$${HOST} and ${HOST}": "${HOST} and pbx",
		"$$${HOST}":            "$${HOST}",
		"$${":                  "${",
	} {
		if got, err := expand(text); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"${", "${}", "${HOST", "${ HOST}", "${1}", "${A-B}", "${NOT_SET_ANYWHERE}"} {
		if got, err := expand(text); err == nil {
			t.Errorf("%s: got %q", text, got)
		}
	}
}
