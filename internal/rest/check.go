package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Editor changes a request before it is sent, or refuses it with an error. The
// generated clients take any number of them with each call.
type Editor = func(ctx context.Context, req *http.Request) error

// ErrArgument matches every [*ArgumentError].
var ErrArgument = errors.New("invalid argument")

// ArgumentError reports an argument that cannot be right, such as an empty
// identifier or an unknown include. Nothing was sent. It matches ErrArgument.
type ArgumentError struct {
	// Operation is the operationId, such as "clientGetServer". It is empty if
	// the argument made the request match no operation.
	Operation string

	// Argument names the argument at fault, such as "server".
	Argument string

	// Problem says what is wrong with it.
	Problem string
}

// Error implements error.
func (e *ArgumentError) Error() string {
	return Printable(strings.TrimPrefix(e.Operation+": ", ": ") + "argument " + e.Argument + " " + e.Problem)
}

// Is matches [ErrArgument].
func (e *ArgumentError) Is(target error) bool { return target == ErrArgument }

// ID refuses an identifier that would lead to another path: one that is empty,
// is a dot or two, or holds a slash; or a number below 1. On a real Panel an
// empty segment in a DELETE path deletes the wrong thing.
func ID[T string | int](argument string, id T) Editor {
	problem := ""
	switch id := any(id).(type) {
	case string:
		problem = pathProblem(id)
	case int:
		if id < 1 {
			problem = fmt.Sprintf("is %d, but ids begin at 1", id)
		}
	}
	return Refuse(argument, problem)
}

func pathProblem(segment string) string {
	switch {
	case segment == "":
		return "is empty"
	case segment == "." || segment == "..":
		return fmt.Sprintf("is %q, which is not an identifier", segment)
	case strings.ContainsAny(segment, `/\`):
		return fmt.Sprintf("is %q, but an identifier holds no slash", segment)
	}
	for _, r := range segment {
		if r < ' ' || r == 0x7f {
			return fmt.Sprintf("is %q, but an identifier holds no control character", segment)
		}
	}
	return ""
}

// Enum refuses values that the API does not know: the Panel would silently
// ignore an unknown include.
func Enum[E interface {
	~string
	Valid() bool
}](argument string, values ...E) Editor {
	for _, v := range values {
		if !v.Valid() {
			return Refuse(argument, fmt.Sprintf("is %q, which the API does not know", string(v)))
		}
	}
	return Refuse(argument, "")
}

// OptionalEnum is Enum for a value that may also be empty.
func OptionalEnum[E interface {
	~string
	Valid() bool
}](argument string, value E) Editor {
	if value == "" {
		return Refuse(argument, "")
	}
	return Enum(argument, value)
}

// Includes is Enum for relations, some of which have relations of their own: of
// "egg.variables", only the part before the dot is in the contract.
func Includes[E interface {
	~string
	Valid() bool
}](argument string, values ...E) Editor {
	for _, v := range values {
		first, second, nested := strings.Cut(string(v), ".")
		if !E(first).Valid() || nested && (second == "" || strings.Trim(second, "abcdefghijklmnopqrstuvwxyz") != "") {
			return Refuse(argument, fmt.Sprintf("is %q, which the API does not know", string(v)))
		}
	}
	return Refuse(argument, "")
}

// Checks combines several checks; the first that fails counts.
func Checks(checks ...Editor) Editor {
	return func(ctx context.Context, req *http.Request) error {
		for _, check := range checks {
			if err := check(ctx, req); err != nil {
				return err
			}
		}
		return nil
	}
}

// NotEmpty refuses an empty text.
func NotEmpty(argument, text string) Editor {
	if text == "" {
		return Refuse(argument, "is empty")
	}
	return Refuse(argument, "")
}

// NoComma refuses a text with a comma, where the Panel would answer 500.
func NoComma(argument, text string) Editor {
	if strings.Contains(text, ",") {
		return Refuse(argument, "holds a comma, which the Panel does not take here")
	}
	return Refuse(argument, "")
}

// NotNegative refuses a number below 0; the Panel answers some with 500.
func NotNegative(argument string, n int) Editor {
	if n < 0 {
		return Refuse(argument, fmt.Sprintf("is %d, but must not be negative", n))
	}
	return Refuse(argument, "")
}

// Refuse returns an editor that fails if there is a problem; "" means none.
func Refuse(argument, problem string) Editor {
	if problem == "" {
		return accept
	}
	return func(_ context.Context, req *http.Request) error {
		return &ArgumentError{callOf(req.Context()).id(), argument, problem}
	}
}

func accept(context.Context, *http.Request) error { return nil }

// Fail returns an editor that fails with err, if it is not nil.
func Fail(err error) Editor {
	return func(context.Context, *http.Request) error { return err }
}

// Optional returns nil for the zero value and a pointer to any other: the form
// in which the generated clients take optional parameters.
func Optional[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
