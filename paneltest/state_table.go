package paneltest

import "slices"

// table holds rows by their ids, in the order of the ids.
type table[T any] struct {
	rows map[int]*T
	ids  []int // ascending
	last int   // the highest id ever given
}

// next returns the id of a new row, which is used up even if the row is not
// added, as in a transaction that is rolled back.
func (t *table[T]) next() int {
	t.last++
	return t.last
}

func (t *table[T]) add(id int, row *T) {
	if t.rows == nil {
		t.rows = make(map[int]*T)
	}
	t.rows[id] = row
	t.last = max(t.last, id)
	if i, found := slices.BinarySearch(t.ids, id); !found {
		t.ids = slices.Insert(t.ids, i, id)
	}
}

func (t *table[T]) get(id int) *T { return t.rows[id] }

func (t *table[T]) remove(id int) {
	delete(t.rows, id)
	if i, found := slices.BinarySearch(t.ids, id); found {
		t.ids = slices.Delete(t.ids, i, i+1)
	}
}

func (t *table[T]) all() []*T {
	rows := make([]*T, len(t.ids))
	for i, id := range t.ids {
		rows[i] = t.rows[id]
	}
	return rows
}

// where returns the rows that fit.
func (t *table[T]) where(fits func(*T) bool) []*T {
	var rows []*T
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// first returns the first row that fits, nil for none.
func (t *table[T]) first(fits func(*T) bool) *T {
	for _, id := range t.ids {
		if row := t.rows[id]; fits(row) {
			return row
		}
	}
	return nil
}

// deref returns a text that may be null, "" for null.
func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// nullable returns a value that may be null, which it is not.
func nullable[T any](value T) *T { return &value }

// planted returns the id of a row of a seed.
func (t *table[T]) planted(id int) int {
	if id == 0 {
		return t.next()
	}
	t.last = max(t.last, id)
	return id
}
