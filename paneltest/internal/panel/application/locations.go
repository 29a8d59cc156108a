package application

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// locationFields are what a location is made of.
func (c *call) locationFields(except *model.Location) []laravel.Field {
	return []laravel.Field{
		{
			Name: "short", Rules: "required|string|between:1,60|unique", Label: "Location Identifier",
			Checks: map[string]func(any) bool{"unique": func(value any) bool {
				return c.State.Locations.First(func(l *model.Location) bool { return l != except && strings.EqualFold(l.Short, laravel.TextOf(value)) }) == nil
			}},
		},
		{Name: "long", Rules: "string|nullable|between:1,191", Label: "Location Description"},
	}
}

// ApplicationListLocations implements the operation.
func (a API) ApplicationListLocations(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *call) (*laravel.Answer, error) {
		locations, err := laravel.FilterBy(c.Input, c.State.Locations.All(),
			laravel.Partial("short", func(l *model.Location) string { return l.Short }),
			laravel.Partial("long", func(l *model.Location) string { return model.Deref(l.Long) }),
		)
		if err != nil {
			return nil, err
		}
		if locations, err = laravel.SortBy(c.Input, locations, laravel.SortOn("id", func(a, b *model.Location) int { return a.ID - b.ID })); err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, locations, applicationPages, func(l *model.Location) laravel.Object { return c.showLocation(l, included) })
	})
}

// ApplicationGetLocation implements the operation.
func (a API) ApplicationGetLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *model.Location) (*laravel.Answer, error) {
		return laravel.OK(c.showLocation(l, c.Input.Includes())), nil
	})
}

// ApplicationCreateLocation implements the operation.
func (a API) ApplicationCreateLocation(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightLocations, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.locationFields(nil)...); err != nil {
			return nil, err
		}
		now := time.Now()
		l := &model.Location{ID: c.State.Locations.Next(), Short: c.Input.Text("short"), Long: c.Input.Optional("long"), Created: now, Updated: now}
		c.State.Locations.Add(l.ID, l)
		return c.created(c.showLocation(l, nil), "locations/"+strconv.Itoa(l.ID))
	})
}

// ApplicationUpdateLocation implements the operation.
func (a API) ApplicationUpdateLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *model.Location) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.locationFields(l)...); err != nil {
			return nil, err
		}
		l.Short, l.Updated = c.Input.Text("short"), time.Now()
		if c.Input.Has("long") {
			l.Long = c.Input.Optional("long")
		}
		return laravel.OK(c.showLocation(l, c.Input.Includes())), nil
	})
}

// ApplicationDeleteLocation implements the operation.
func (a API) ApplicationDeleteLocation(w http.ResponseWriter, r *http.Request, locationID int) {
	on(a, w, r, rightLocations, byID(locationsOf, locationID), func(c *call, l *model.Location) (*laravel.Answer, error) {
		if len(c.nodesIn(l)()) > 0 {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveNodesException",
				"Cannot delete a location that has active nodes attached to it.")
		}
		c.State.Locations.Remove(l.ID)
		return laravel.NoContent, nil
	})
}
