package paneltest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// locationFields are what a location is made of.
func (p *Panel) locationFields(except *location) []field {
	return []field{
		{
			name: "short", rules: "required|string|between:1,60|unique", label: "Location Identifier",
			checks: map[string]func(any) bool{"unique": func(value any) bool {
				return p.state.locations.first(func(l *location) bool { return l != except && strings.EqualFold(l.short, textOf(value)) }) == nil
			}},
		},
		{name: "long", rules: "string|nullable|between:1,191", label: "Location Description"},
	}
}

// ApplicationListLocations implements the operation.
func (a applicationAPI) ApplicationListLocations(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *call) (*answer, error) {
		locations, err := filterBy(c.in, c.p.state.locations.all(),
			partial("short", func(l *location) string { return l.short }),
			partial("long", func(l *location) string { return deref(l.long) }),
		)
		if err != nil {
			return nil, err
		}
		if locations, err = sortBy(c.in, locations, sortOn("id", func(a, b *location) int { return a.id - b.id })); err != nil {
			return nil, err
		}
		included := c.in.includes()
		return paginated(c, locations, applicationPages, func(l *location) object { return c.showLocation(l, included) })
	})
}

// ApplicationGetLocation implements the operation.
func (a applicationAPI) ApplicationGetLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *location) (*answer, error) {
		return ok(c.showLocation(l, c.in.includes())), nil
	})
}

// ApplicationCreateLocation implements the operation.
func (a applicationAPI) ApplicationCreateLocation(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *call) (*answer, error) {
		if err := c.in.validate(c.p.locationFields(nil)...); err != nil {
			return nil, err
		}
		now := time.Now()
		l := &location{id: c.p.state.locations.next(), short: c.in.text("short"), long: c.in.optional("long"), created: now, updated: now}
		c.p.state.locations.add(l.id, l)
		return c.created(c.showLocation(l, nil), "locations/"+strconv.Itoa(l.id))
	})
}

// ApplicationUpdateLocation implements the operation.
func (a applicationAPI) ApplicationUpdateLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *location) (*answer, error) {
		if err := c.in.validate(c.p.locationFields(l)...); err != nil {
			return nil, err
		}
		l.short, l.updated = c.in.text("short"), time.Now()
		if c.in.has("long") {
			l.long = c.in.optional("long")
		}
		return ok(c.showLocation(l, c.in.includes())), nil
	})
}

// ApplicationDeleteLocation implements the operation.
func (a applicationAPI) ApplicationDeleteLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *location) (*answer, error) {
		if len(c.nodesIn(l)()) > 0 {
			return nil, refuse(http.StatusBadRequest, "HasActiveNodesException",
				"Cannot delete a location that has active nodes attached to it.")
		}
		c.p.state.locations.remove(l.id)
		return none, nil
	})
}
