package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// choose finds the item that somebody means by a text: the one whose id or name
// it is, else the only one with a key that begins with it. keys returns what an
// item may be called, its id first.
func choose[T any](kind, text string, items []T, keys func(T) []string, command string) (T, error) {
	var none T
	for _, matches := range []func(key string) bool{
		func(key string) bool { return key == text },
		func(key string) bool { return strings.EqualFold(key, text) },
		func(key string) bool {
			return len(key) >= len(text) && text != "" && strings.EqualFold(key[:len(text)], text)
		},
	} {
		var found []T
		for _, item := range items {
			if slices.ContainsFunc(keys(item), matches) {
				found = append(found, item)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		names := make([]string, 0, len(found))
		for _, item := range found {
			names = append(names, strings.Join(keys(item)[:min(2, len(keys(item)))], " "))
		}
		return none, &failure{
			code: exitUsage, err: fmt.Errorf("%q means more than one %s", text, kind),
			hint: "Say which one by its identifier:\n  " + strings.Join(names, "\n  "),
		}
	}
	var known []string
	for _, item := range items {
		known = append(known, keys(item)...)
	}
	return none, notFound(kind, text, known, command)
}

// closest returns the known name that was probably meant, or "".
func closest(name string, known []string) string {
	best, distance := "", max(1, len(name)/3)+1
	for _, candidate := range known {
		d := editDistance(strings.ToLower(name), strings.ToLower(candidate))
		if len(name) >= 3 && strings.Contains(strings.ToLower(candidate), strings.ToLower(name)) {
			d = min(d, 2)
		}
		if d < distance && d < len(name) {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete, replace or swap to get from
// one text to the other.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			replace := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// plainWord matches what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[\pL\pN_@%+=:,./-]+$`)

// quote makes a name fit to be copied from a hint into a shell.
func quote(name string) string {
	if plainWord.MatchString(name) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
