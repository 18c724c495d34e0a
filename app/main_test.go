package app

import (
	"fmt"
	"reflect"
)

// difference shows two configurations that are not the same. Secrets do not print, so they are
// compared here and shown nowhere.
func difference(got, want any) string {
	if reflect.DeepEqual(got, want) {
		return ""
	}
	return fmt.Sprintf("got  %+v\nwant %+v", got, want)
}
