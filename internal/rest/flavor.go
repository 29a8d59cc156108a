package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// Flavor is a kind of Panel. Its value stands in the contract.
type Flavor string

// The flavors. Package client, where people meet them, says more.
const (
	Pterodactyl Flavor = "pterodactyl"
	Pelican     Flavor = "pelican"
)

// String is the name of the panel.
func (f Flavor) String() string {
	if f == Pelican {
		return "Pelican"
	}
	return "Pterodactyl"
}

// other is the flavor that it is not.
func (f Flavor) other() Flavor {
	if f == Pelican {
		return Pterodactyl
	}
	return Pelican
}

// flavorOf tells the panel by the beginning of a key. A key of old, which has
// none, is one of Pterodactyl.
func flavorOf(key string) Flavor {
	if strings.HasPrefix(key, "pacc_") || strings.HasPrefix(key, "papp_") {
		return Pelican
	}
	return Pterodactyl
}

// Flavor returns the kind of Panel that the client talks to.
func (c *Core) Flavor() Flavor { return c.flavor }

// ErrUnsupported matches the error of what the Panel does not offer.
var ErrUnsupported = errors.New("not supported by this panel")

// unsupportedError says that an operation, or a part of a request, belongs to the
// other panel. Nothing was sent.
type unsupportedError struct {
	operation string
	flavor    Flavor
	argument  string // empty for the whole operation
	instead   string // a sentence
}

// Error implements error.
func (e *unsupportedError) Error() string {
	what := "not supported by " + e.flavor.String()
	if e.argument != "" {
		what = "argument " + e.argument + " is " + what
	}
	return Printable(strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", e.operation, what, strings.TrimSuffix(e.instead, ".")), ": "))
}

// Is matches [ErrUnsupported].
func (e *unsupportedError) Is(target error) bool { return target == ErrUnsupported }

// Unsupported refuses a part of a request that the Panel would ignore in silence.
func (c *Core) Unsupported(argument, instead string) Editor {
	return func(_ context.Context, req *http.Request) error {
		return c.UnsupportedIn(callOf(req.Context()).id(), argument, instead)
	}
}

// UnsupportedIn is the error of [Core.Unsupported] before there is a request.
func (c *Core) UnsupportedIn(operation, argument, instead string) error {
	return &unsupportedError{operation, c.flavor, argument, instead}
}

// checkFlavor refuses an operation that the Panel does not have.
func (c *Core) checkFlavor(operation *Operation) error {
	if operation == nil || operation.Only == "" || operation.Only == c.flavor {
		return nil
	}
	return &unsupportedError{operation: operation.ID, flavor: c.flavor, instead: operation.Instead}
}

// Served refuses a request in which a field is set that the Panel would ignore in
// silence, as its tag panel says.
func (c *Core) Served(request any) Editor {
	v := reflect.ValueOf(request)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if only := Flavor(field.Tag.Get("panel")); only != "" && only != c.flavor && !v.Field(i).IsZero() {
			return c.Unsupported(field.Name, fmt.Sprintf("leave it out, as only %s has it.", only))
		}
	}
	return Refuse("", "")
}
