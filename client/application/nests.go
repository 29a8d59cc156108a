package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// NestsService are the nests, groups of eggs. This API shows them; they are
// made in the admin area alone.
type NestsService service

// NestListOptions chooses what a list of nests holds. The zero value asks for
// the first page of all.
type NestListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of nests in a page. 0 means 50 for List and 100 for
	// All. There is no maximum.
	PerPage int

	// Include names relations to send along.
	Include []NestInclude
}

// List gets one page of nests.
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

// All walks nests over all pages. It can miss an item if others are deleted and
// created meanwhile: see Lists in the package comment.
func (s *NestsService) All(ctx context.Context, opts NestListOptions) iter.Seq2[*Nest, error] {
	return rest.All(ctx, s.core, opts.Page, opts.PerPage, func(x *Nest) int { return x.ID },
		func(ctx context.Context, page, perPage int) (*Page[Nest], error) {
			opts := opts
			opts.Page, opts.PerPage = page, perPage
			return s.List(ctx, opts)
		})
}

// Get shows one nest. A number that no nest has gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/nests/{nest}
func (s *NestsService) Get(ctx context.Context, nest int, include ...NestInclude) (*Nest, error) {
	return rest.Item[Nest](s.api.ApplicationGetNest(ctx, nest,
		&applicationapi.ApplicationGetNestParams{Include: include},
		rest.ID("nest", nest), rest.Includes("include", include...)))
}
