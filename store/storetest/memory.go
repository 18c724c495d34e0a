package storetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/store"
)

// Memory is a Store that forgets everything at its end. The zero Memory is empty and ready.
type Memory struct {
	mu     sync.Mutex
	tables map[string]map[string]string
	fail   error
	writes int
}

// Fail makes every write end in err from now on, with nothing changed; nil ends that.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Writes is how many writes have succeeded.
func (m *Memory) Writes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// Read implements store.Store.
func (m *Memory) Read(ctx context.Context, f func(store.Reader) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return f(memory{m.tables})
}

// Write implements store.Store.
func (m *Memory) Write(ctx context.Context, f func(store.Writer) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := make(map[string]map[string]string, len(m.tables))
	for name, table := range m.tables {
		changed[name] = maps.Clone(table)
	}
	if err := f(memory{changed}); err != nil {
		return err
	}
	if m.fail != nil {
		return m.fail
	}
	m.tables = changed
	m.writes++
	return nil
}

type memory struct{ tables map[string]map[string]string }

func (m memory) Get(table, key string) (value string, found bool, err error) {
	value, found = m.tables[table][key]
	return value, found, nil
}

func (m memory) All(table string) (all []store.Entry, err error) {
	for key, value := range m.tables[table] {
		all = append(all, store.Entry{Key: key, Value: value})
	}
	slices.SortFunc(all, func(a, b store.Entry) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

func (m memory) Put(table, key, value string) error {
	if m.tables[table] == nil {
		m.tables[table] = map[string]string{}
	}
	m.tables[table][key] = value
	return nil
}

func (m memory) Delete(table, key string) error {
	delete(m.tables[table], key)
	return nil
}
