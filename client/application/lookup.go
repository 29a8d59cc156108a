package application

import (
	"fmt"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/internal/rest"
)

// lookup returns the only item that matches. There may be other items, as the
// Panel's filters match substrings. It reads the list to its end, so that two
// matching items are not mistaken for one.
func lookup[T any](operation, argument, value string, walk iter.Seq2[*T, error], fits func(*T) bool) (*T, error) {
	if value == "" {
		return nil, &rest.ArgumentError{Operation: operation, Argument: argument, Problem: "is empty"}
	}
	var found *T
	for x, err := range walk {
		switch {
		case err != nil:
			return nil, err
		case !fits(x):
		case found != nil:
			return nil, rest.Ambiguous(operation, fmt.Sprintf("more than one has the %s %q", argument, value))
		default:
			found = x
		}
	}
	if found == nil {
		return nil, rest.NotFound(operation, fmt.Sprintf("none has the %s %q", argument, value))
	}
	return found, nil
}

// filterFor returns a filter that keeps all items with a value: the longest part
// of the value in which the Panel finds no special meaning. A comma separates
// alternatives, a percent sign, an underscore and a backslash are special to its
// database, true and false become 1 and 0, and spaces at the ends are trimmed.
func filterFor(value string) string {
	longest := ""
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(`,%_\`, r) }) {
		if part = strings.TrimSpace(part); len(part) > len(longest) {
			longest = part
		}
	}
	if lower := strings.ToLower(longest); lower == "true" || lower == "false" {
		return longest[1:]
	}
	return longest
}
