package top

import (
	"cmp"
	"slices"
	"strings"
)

// order is what the rows are sorted by.
type order int

const (
	byName order = iota
	byCPU
	byMemory
)

func (m *Model) sort() {
	slices.SortStableFunc(m.rows, func(a, b *Row) int {
		by := 0
		switch m.order {
		case byCPU:
			by = cmp.Compare(b.stats.CPUPercent, a.stats.CPUPercent)
		case byMemory:
			by = cmp.Compare(b.stats.MemoryBytes, a.stats.MemoryBytes)
		case byName:
		}
		return cmp.Or(by, natural(a.Name, b.Name), cmp.Compare(a.UUID, b.UUID))
	})
}

// natural compares names as people do: without regard to case, and server-2
// before server-10.
func natural(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x == 0 || y == 0 {
			if by := cmp.Compare(a[0], b[0]); by != 0 {
				return by
			}
			a, b = a[1:], b[1:]
			continue
		}
		m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
		if by := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); by != 0 {
			return by
		}
		a, b = a[x:], b[y:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns how many digits a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
