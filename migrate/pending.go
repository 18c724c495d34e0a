package migrate

import (
	"reflect"

	"github.com/astproxy/astproxy/access"
)

// setUser writes a key of a user, as a comment if Load does not know it.
func (o *output) setUser(key string, value any) {
	of := reflect.TypeFor[access.UserConfig]()
	for i := range of.NumField() {
		if of.Field(i).Tag.Get("toml") == key {
			o.set(key, value)
			return
		}
	}
	o.line("#" + key + " = " + literal(value))
}
