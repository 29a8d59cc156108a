package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// LocationsService are the places in which nodes stand.
type LocationsService service

// LocationListOptions chooses what a list of locations holds. The zero value asks
// for the first page of all.
type LocationListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of locations in a page. 0 means 50 for List and 100
	// for All. There is no maximum.
	PerPage int

	// Filter keeps the locations that fit.
	Filter LocationFilter

	// Sort orders the list. Empty means by number.
	Sort LocationSort

	// Include names relations to send along.
	Include []LocationInclude
}

// LocationFilter keeps the locations of a list that fit every text in it. A text
// fits a value that holds it; a comma in it means or.
type LocationFilter struct {
	Short, Long string
}

// List gets one page of locations.
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

// All walks locations over all pages.
func (s *LocationsService) All(ctx context.Context, opts LocationListOptions) iter.Seq2[*Location, error] {
	return rest.All(ctx, s.core, opts.Page, opts.PerPage, func(x *Location) int { return x.ID },
		func(ctx context.Context, page, perPage int) (*Page[Location], error) {
			opts := opts
			opts.Page, opts.PerPage = page, perPage
			return s.List(ctx, opts)
		})
}

// Get shows one location.
//
// Endpoint: GET /api/application/locations/{location}
func (s *LocationsService) Get(ctx context.Context, location int, include ...LocationInclude) (*Location, error) {
	return rest.Item[Location](s.api.ApplicationGetLocation(ctx, location,
		&applicationapi.ApplicationGetLocationParams{Include: include},
		rest.ID("location", location), rest.Includes("include", include...)))
}
