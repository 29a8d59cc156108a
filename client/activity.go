package client

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// ActivityListOptions selects the entries of an activity log. The zero value
// asks for the oldest.
type ActivityListOptions struct {
	// Page is the page to get, or the one at which AllActivity begins. 0 means
	// 1.
	Page int

	// PerPage is the number of entries in a page, at most 100. 0 means 25 for
	// ListActivity and 100 for AllActivity.
	PerPage int

	// Filter keeps the entries that match.
	Filter ActivityFilter

	// Sort orders the list. Empty means the oldest first.
	Sort ActivitySort

	// Include names the relations to include.
	Include []ActivityInclude
}

func (o *ActivityListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// ActivityFilter selects entries of an activity log.
type ActivityFilter struct {
	// Event keeps the entries whose event contains the text, such as
	// "server:power". A comma separates alternatives.
	Event string
}

// params returns the parameters of both activity logs: the generated types
// differ in their names only.
func (o *ActivityListOptions) params() *clientapi.ClientListAccountActivityParams {
	return &clientapi.ClientListAccountActivityParams{
		Page:        rest.Optional(o.Page),
		PerPage:     rest.Optional(o.PerPage),
		FilterEvent: rest.Optional(o.Filter.Event),
		Sort:        rest.Optional(o.Sort),
		Include:     o.Include,
	}
}

func (o *ActivityListOptions) checks() rest.Editor {
	return rest.Checks(
		rest.NotNegative("Page", o.Page), rest.NotNegative("PerPage", o.PerPage),
		rest.OptionalEnum("Sort", o.Sort), rest.Enum("Include", o.Include...))
}

// allActivity walks an activity log. Its entries have no id before Panel 1.10.
func allActivity(ctx context.Context, core *rest.Core, opts ActivityListOptions,
	list func(context.Context, ActivityListOptions) (*Page[Activity], error),
) iter.Seq2[*Activity, error] {
	return rest.AllOf(ctx, core, opts, (*ActivityListOptions).paging, func(x *Activity) string { return x.ID }, list)
}
