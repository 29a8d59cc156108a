package application

import (
	"context"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// EggsService lists the eggs, the kinds of servers. Each egg belongs to a nest.
// Eggs are created in the admin area only.
type EggsService service

// List returns all eggs of a nest. Their variables are included only with
// [EggIncludeVariables].
//
// Endpoint: GET /api/application/nests/{nest}/eggs
func (s *EggsService) List(ctx context.Context, nest int, include ...EggInclude) ([]*Egg, error) {
	return rest.List[Egg](s.api.ApplicationListEggs(ctx, nest,
		&applicationapi.ApplicationListEggsParams{Include: include},
		rest.ID("nest", nest), rest.Includes("include", include...)))
}

// Get returns one egg. Its variables are included only with
// [EggIncludeVariables]. An egg of another nest gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/nests/{nest}/eggs/{egg}
func (s *EggsService) Get(ctx context.Context, nest, egg int, include ...EggInclude) (*Egg, error) {
	return rest.Item[Egg](s.api.ApplicationGetEgg(ctx, nest, egg,
		&applicationapi.ApplicationGetEggParams{Include: include},
		rest.ID("nest", nest), rest.ID("egg", egg), rest.Includes("include", include...)))
}
