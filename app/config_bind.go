package app

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/astproxy/astproxy/plugins"
)

// bind puts the values of a table into a struct whose fields name their keys. Whatever does not
// fit is a problem, and the others are put in all the same: the decoder itself would stop at the
// first, and knows no position of it.
func (d *document) bind(values map[string]any, table *node, into reflect.Value) {
	switch defaults := into.Addr().Interface().(type) {
	case interface{ setDefaults() }:
		defaults.setDefaults()
	case plugins.Defaulter:
		defaults.SetDefaults()
	}
	d.bindFields(values, table, fieldsByKey(into))
}

// bindFields puts them into the fields of their keys.
func (d *document) bindFields(values map[string]any, table *node, fields map[string]reflect.Value) {
	known := slices.Sorted(maps.Keys(fields))
	at := d.at(table)
	for key, value := range values {
		field, ok := fields[key]
		if rest, any := fields[anyKey]; !ok && any {
			d.bindAny(at, key, value, rest)
			continue
		}
		if !ok {
			at.hinted(key, fmt.Sprintf("unknown key %q", key), offer(key, known))
			if meant := nearest(key, known); meant != "" && table.keys[meant] == nil {
				at.markBad(meant)
			}
			continue
		}
		if n := table.keys[key]; n.again > 0 {
			d.add(n.again, Problem{Text: fmt.Sprintf("key %q has already been defined", key)})
		}
		d.bindKey(at, key, value, field)
	}
}

// anyKey is the key of a field for all the keys that no other field has: lists of texts, by their names.
const anyKey = "*"

func (d *document) bindAny(at reporter, key string, value any, field reflect.Value) {
	list := reflect.New(field.Type().Elem()).Elem()
	d.bindList(at, key, value, list)
	if field.IsNil() {
		field.Set(reflect.MakeMap(field.Type()))
	}
	field.SetMapIndex(reflect.ValueOf(key), list)
}

// fieldsByKey are the fields of a struct, by what the configuration calls them.
func fieldsByKey(of reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value)
	for i := range of.NumField() {
		if key := of.Type().Field(i).Tag.Get("toml"); key != "" && key != "-" {
			fields[key] = of.Field(i)
		}
	}
	return fields
}

func (d *document) bindKey(at reporter, key string, value any, field reflect.Value) {
	if all, are := field.Interface().(PluginsConfig); are {
		d.bindPlugins(at, key, value, all)
		return
	}
	switch {
	case field.Kind() == reflect.Struct:
		d.bindTable(at, key, value, field)
	case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
		d.bindTables(at, key, value, field)
	case field.Kind() == reflect.Slice:
		d.bindList(at, key, value, field)
	case field.Kind() == reflect.Map:
		d.bindMap(at, key, value, field)
	default:
		d.bindValue(at, key, value, field)
	}
}

func (d *document) bindTable(at reporter, key string, value any, field reflect.Value) {
	table, ok := value.(map[string]any)
	if !ok {
		at.hinted(key, fmt.Sprintf("%s is one table, not %s", key, kindOf(value)), fmt.Sprintf("write [%s]", key))
		at.markBad(key)
		return
	}
	d.bind(table, at.table.keys[key], field)
}

func (d *document) bindTables(at reporter, key string, value any, field reflect.Value) {
	tables, ok := tablesOf(value)
	if !ok {
		at.hinted(key, fmt.Sprintf("there may be several of %s: it is a list of tables, not %s", key, kindOf(value)),
			fmt.Sprintf("write [[%s]]", key))
		at.markBad(key)
		return
	}
	for i, table := range tables {
		element := reflect.New(field.Type().Elem()).Elem()
		d.bind(table, at.table.keys[key].items[i], element)
		field.Set(reflect.Append(field, element))
	}
}

// tablesOf are the tables of [[name]] headers, or of name = [{...}, {...}].
func tablesOf(value any) ([]map[string]any, bool) {
	switch list := value.(type) {
	case []map[string]any:
		return list, true
	case []any:
		tables := make([]map[string]any, len(list))
		for i, item := range list {
			table, ok := item.(map[string]any)
			if !ok {
				return nil, false
			}
			tables[i] = table
		}
		return tables, true
	}
	return nil, false
}

// bindList is for lists of texts: the only lists there are.
func (d *document) bindList(at reporter, key string, value any, field reflect.Value) {
	list, ok := value.([]any)
	if !ok {
		at.problem(key, mismatch(key, `a list of texts such as ["call", "user"]`, value))
		at.markBad(key)
		return
	}
	field.Set(reflect.MakeSlice(field.Type(), 0, len(list))) // an empty list is not one that is missing
	for i, item := range list {
		text := reflect.New(field.Type().Elem()).Elem()
		if err := setValue(text, key, item); err != nil {
			at.problem(fmt.Sprintf("%s[%d]", key, i), err.Error())
			continue
		}
		field.Set(reflect.Append(field, text))
	}
	if field.Len() < len(list) { // or what is said of its items later is said of the wrong ones
		at.markBad(key)
	}
}

// bindMap is for a table whose keys are the administrator's.
func (d *document) bindMap(at reporter, key string, value any, field reflect.Value) {
	table, ok := value.(map[string]any)
	if !ok {
		at.hinted(key, fmt.Sprintf("%s is a table, not %s", key, kindOf(value)), fmt.Sprintf("write %s = { ... }", key))
		at.markBad(key)
		return
	}
	field.Set(reflect.MakeMap(field.Type()))
	inside := d.at(at.table.keys[key])
	for name, value := range table {
		element := reflect.New(field.Type().Elem()).Elem()
		d.bindValue(inside, name, value, element)
		field.SetMapIndex(reflect.ValueOf(name), element)
	}
}

func (d *document) bindValue(at reporter, key string, value any, field reflect.Value) {
	if err := setValue(field, key, value); err != nil {
		at.problem(key, err.Error())
		at.markBad(key)
	}
}

// setValue puts one value into a field. The error shows the value only where it is no secret.
func setValue(field reflect.Value, key string, value any) error {
	if text, ok := value.(string); ok {
		expanded, err := expand(text)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		value = expanded
	}
	switch into := field.Addr().Interface().(type) {
	case *time.Duration:
		return setDuration(into, key, value)
	case *Size:
		return setSize(into, key, value)
	}
	switch given := value.(type) {
	case string:
		if field.Kind() == reflect.String {
			field.SetString(given)
			return nil
		}
	case bool:
		if field.Kind() == reflect.Bool {
			field.SetBool(given)
			return nil
		}
	case int64:
		if field.Kind() == reflect.Int && !field.OverflowInt(given) {
			field.SetInt(given)
			return nil
		}
	}
	return fmt.Errorf("%s", mismatch(key, wanted[field.Kind()], value))
}

// wanted says what a field of a kind takes.
var wanted = map[reflect.Kind]string{
	reflect.String: "a text in quotes",
	reflect.Bool:   "true or false",
	reflect.Int:    "a whole number",
}

func setDuration(into *time.Duration, key string, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%s", mismatch(key, `a duration such as "10s"`, value))
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf(`%s: %q is not a duration such as "500ms", "10s" or "5m"`, key, text)
	}
	*into = duration
	return nil
}

func setSize(into *Size, key string, value any) error {
	switch given := value.(type) {
	case int64:
		if given < 0 {
			return fmt.Errorf("%s must not be negative", key)
		}
		*into = Size(given)
	case string:
		size, err := parseSize(given)
		if err != nil {
			return fmt.Errorf("%s: %q is %w", key, given, err)
		}
		*into = size
	default:
		return fmt.Errorf("%s", mismatch(key, `a size such as "64MiB"`, value))
	}
	return nil
}

func mismatch(key, want string, value any) string {
	return fmt.Sprintf("%s must be %s, not %s", key, want, kindOf(value))
}

// kindOf calls a value what its writer would.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int64:
		return "a whole number"
	case float64:
		return "a number with a fraction"
	case time.Time:
		return "a date"
	case map[string]any:
		return "a table"
	}
	return "a list"
}
