package application

import (
	"context"

	"github.com/ptero-go/ptero/internal/rest"
)

// update is [rest.Update] for a thing that is named by a number.
func update[T, R, I any](ctx context.Context, id int,
	get func(context.Context, int, ...I) (*T, error), keep func(*T) R, change func(*R) error,
	replace func(context.Context, int, R) (*T, error),
) (*T, error) {
	return rest.Update(change,
		func() (*T, error) { return get(ctx, id) }, keep,
		func(req R) (*T, error) { return replace(ctx, id, req) })
}
