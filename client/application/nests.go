package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NestsService lists the nests, groups of eggs. Nests are created in the admin
// area only.
type NestsService service

// NestListOptions selects a page of a list of nests. The zero value asks for the
// first page of all nests.
type NestListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of nests in a page. 0 means 50 for List and 100 for
	// All. There is no maximum.
	PerPage int

	// Include names the relations to include.
	Include []NestInclude
}

func (o *NestListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// List returns one page of nests.
//
// Endpoint: GET /api/application/nests
func (s *NestsService) List(ctx context.Context, opts NestListOptions) (*Page[Nest], error) {
	return rest.PageOf[Nest](s.api.ApplicationListNests(ctx, &applicationapi.ApplicationListNestsParams{
		Page:    rest.Optional(opts.Page),
		PerPage: rest.Optional(opts.PerPage),
		Include: opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.Includes("Include", opts.Include...)))
}

// All iterates over the nests on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the comment of package client.
func (s *NestsService) All(ctx context.Context, opts NestListOptions) iter.Seq2[*Nest, error] {
	return rest.AllOf(ctx, s.core, opts, (*NestListOptions).paging, func(x *Nest) int { return x.ID }, s.List)
}

// Get returns one nest. An unknown number gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/nests/{nest}
func (s *NestsService) Get(ctx context.Context, nest int, include ...NestInclude) (*Nest, error) {
	return rest.Item[Nest](s.api.ApplicationGetNest(ctx, nest,
		&applicationapi.ApplicationGetNestParams{Include: include},
		rest.ID("nest", nest), rest.Includes("include", include...)))
}
