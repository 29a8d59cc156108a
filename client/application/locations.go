package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// LocationsService manages the locations of nodes.
type LocationsService service

// LocationListOptions selects a page of a list of locations. The zero value asks
// for the first page of all locations.
type LocationListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of locations in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the locations that match.
	Filter LocationFilter

	// Sort orders the list. Empty means by number.
	Sort LocationSort

	// Include names the relations to include.
	Include []LocationInclude
}

func (o *LocationListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// LocationFilter selects locations that match all its texts. A text matches a
// value that contains it; a comma separates alternatives.
type LocationFilter struct {
	Short, Long string
}

// List returns one page of locations.
//
// Endpoint: GET /api/application/locations
func (s *LocationsService) List(ctx context.Context, opts LocationListOptions) (*Page[Location], error) {
	return rest.PageOf[Location](s.api.ApplicationListLocations(ctx, &applicationapi.ApplicationListLocationsParams{
		Page:        rest.Optional(opts.Page),
		PerPage:     rest.Optional(opts.PerPage),
		FilterShort: rest.Optional(opts.Filter.Short),
		FilterLong:  rest.Optional(opts.Filter.Long),
		Sort:        rest.Optional(opts.Sort),
		Include:     opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.OptionalEnum("Sort", opts.Sort), rest.Includes("Include", opts.Include...)))
}

// All iterates over the locations on all pages. It can miss an item if others
// are deleted and created meanwhile; see Lists in the comment of package client.
func (s *LocationsService) All(ctx context.Context, opts LocationListOptions) iter.Seq2[*Location, error] {
	return rest.AllOf(ctx, s.core, opts, (*LocationListOptions).paging, func(x *Location) int { return x.ID }, s.List)
}

// Get returns one location. An unknown number gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/locations/{location}
func (s *LocationsService) Get(ctx context.Context, location int, include ...LocationInclude) (*Location, error) {
	return rest.Item[Location](s.api.ApplicationGetLocation(ctx, location,
		&applicationapi.ApplicationGetLocationParams{Include: include},
		rest.ID("location", location), rest.Includes("include", include...)))
}

// Create creates a location. The short name is its identifier, unique in the
// Panel and at most 60 characters long; one that is in use gives
// [client.ErrValidation]. The long name is a description; empty means none. The
// request is never sent twice.
//
// Endpoint: POST /api/application/locations
func (s *LocationsService) Create(ctx context.Context, short, long string) (*Location, error) {
	return rest.Item[Location](s.api.ApplicationCreateLocation(ctx,
		applicationapi.CreateLocationRequest{Short: short, Long: long}, rest.NotEmpty("short", short)))
}

// Replace changes a location. The short name is required, even if unchanged; a
// long name that is left out stays. A short name that is in use gives
// [client.ErrValidation].
//
// Endpoint: PATCH /api/application/locations/{location}
func (s *LocationsService) Replace(ctx context.Context, location int, req UpdateLocationRequest) (*Location, error) {
	return rest.Item[Location](s.api.ApplicationUpdateLocation(ctx, location, req, rest.ID("location", location)))
}

// Update reads a location, calls change with a request that holds all that was
// read, and sends that with [LocationsService.Replace].
func (s *LocationsService) Update(ctx context.Context, location int, change func(*UpdateLocationRequest) error) (*Location, error) {
	return update(ctx, location, s.Get, locationRequest, change, s.Replace)
}

// locationRequest returns the request that leaves a location as it is.
func locationRequest(location *Location) UpdateLocationRequest {
	return UpdateLocationRequest{Short: location.Short, Long: envelope.NullableOf(location.Long)}
}

// Delete deletes a location. One that has nodes gives an error with status 400
// and code "HasActiveNodesException".
//
// Endpoint: DELETE /api/application/locations/{location}
func (s *LocationsService) Delete(ctx context.Context, location int) error {
	return rest.None(s.api.ApplicationDeleteLocation(ctx, location, rest.ID("location", location)))
}
