package paneltest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// locationFields are what a location is made of.
func (c *applicationCall) locationFields(except *location) []laravel.Field {
	return []laravel.Field{
		{
			Name: "short", Rules: "required|string|between:1,60|unique", Label: "Location Identifier",
			Checks: map[string]func(any) bool{"unique": func(value any) bool {
				return c.state.locations.first(func(l *location) bool { return l != except && strings.EqualFold(l.short, laravel.TextOf(value)) }) == nil
			}},
		},
		{Name: "long", Rules: "string|nullable|between:1,191", Label: "Location Description"},
	}
}

// ApplicationListLocations implements the operation.
func (a applicationAPI) ApplicationListLocations(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *applicationCall) (*laravel.Answer, error) {
		locations, err := laravel.FilterBy(c.in, c.state.locations.all(),
			laravel.Partial("short", func(l *location) string { return l.short }),
			laravel.Partial("long", func(l *location) string { return deref(l.long) }),
		)
		if err != nil {
			return nil, err
		}
		if locations, err = laravel.SortBy(c.in, locations, laravel.SortOn("id", func(a, b *location) int { return a.id - b.id })); err != nil {
			return nil, err
		}
		included := c.in.Includes()
		return paginated(c.call, locations, applicationPages, func(l *location) laravel.Object { return c.showLocation(l, included) })
	})
}

// ApplicationGetLocation implements the operation.
func (a applicationAPI) ApplicationGetLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *applicationCall, l *location) (*laravel.Answer, error) {
		return laravel.OK(c.showLocation(l, c.in.Includes())), nil
	})
}

// ApplicationCreateLocation implements the operation.
func (a applicationAPI) ApplicationCreateLocation(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(c.locationFields(nil)...); err != nil {
			return nil, err
		}
		now := time.Now()
		l := &location{id: c.state.locations.next(), short: c.in.Text("short"), long: c.in.Optional("long"), created: now, updated: now}
		c.state.locations.add(l.id, l)
		return c.created(c.showLocation(l, nil), "locations/"+strconv.Itoa(l.id))
	})
}

// ApplicationUpdateLocation implements the operation.
func (a applicationAPI) ApplicationUpdateLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *applicationCall, l *location) (*laravel.Answer, error) {
		if err := c.in.Validate(c.locationFields(l)...); err != nil {
			return nil, err
		}
		l.short, l.updated = c.in.Text("short"), time.Now()
		if c.in.Has("long") {
			l.long = c.in.Optional("long")
		}
		return laravel.OK(c.showLocation(l, c.in.Includes())), nil
	})
}

// ApplicationDeleteLocation implements the operation.
func (a applicationAPI) ApplicationDeleteLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *applicationCall, l *location) (*laravel.Answer, error) {
		if len(c.nodesIn(l)()) > 0 {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveNodesException",
				"Cannot delete a location that has active nodes attached to it.")
		}
		c.state.locations.remove(l.id)
		return laravel.NoContent, nil
	})
}
