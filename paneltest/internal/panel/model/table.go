package model

import "slices"

// Table holds rows by their ids, in the order of the ids.
type Table[T any] struct {
	rows map[int]*T
	ids  []int // ascending
	last int   // the highest id ever given
}

// Next returns the id of a new row, which is used up even if the row is not
// added, as in a transaction that is rolled back.
func (t *Table[T]) Next() int {
	t.last++
	return t.last
}

// Add adds a row, or replaces the one with the id.
func (t *Table[T]) Add(id int, row *T) {
	if t.rows == nil {
		t.rows = make(map[int]*T)
	}
	t.rows[id] = row
	t.last = max(t.last, id)
	if i, found := slices.BinarySearch(t.ids, id); !found {
		t.ids = slices.Insert(t.ids, i, id)
	}
}

// Get returns a row, nil for none.
func (t *Table[T]) Get(id int) *T { return t.rows[id] }

// Remove deletes a row. It may not exist.
func (t *Table[T]) Remove(id int) {
	delete(t.rows, id)
	if i, found := slices.BinarySearch(t.ids, id); found {
		t.ids = slices.Delete(t.ids, i, i+1)
	}
}

// All returns all rows.
func (t *Table[T]) All() []*T {
	rows := make([]*T, len(t.ids))
	for i, id := range t.ids {
		rows[i] = t.rows[id]
	}
	return rows
}

// Where returns the rows that fit.
func (t *Table[T]) Where(fits func(*T) bool) []*T {
	var rows []*T
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// First returns the first row that fits, nil for none.
func (t *Table[T]) First(fits func(*T) bool) *T {
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			return row
		}
	}
	return nil
}

// Deref returns a text that may be null, "" for null.
func Deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// Nullable returns a value that may be null, which it is not.
func Nullable[T any](value T) *T { return &value }

// Planted returns the id of a row of a seed.
func (t *Table[T]) Planted(id int) int {
	if id == 0 {
		return t.Next()
	}
	t.last = max(t.last, id)
	return id
}
