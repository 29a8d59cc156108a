package application

import (
	"fmt"
	"iter"
	"strings"

	"github.com/ptero-go/ptero/internal/rest"
)

// lookup returns the only thing of a walk that fits. The walk may hold others:
// the Panel's filters keep what only holds a text. It goes to the end, as two
// things that fit must not be taken for one.
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

// filterFor returns a filter that keeps all that hold a value: the longest part of
// it in which the Panel finds no meaning. A comma means or, a percent sign, an
// underscore and a backslash are for its database, true and false become 1 and 0,
// and spaces at the ends are taken off.
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
