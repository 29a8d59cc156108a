package application

import (
	"context"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// EggsService are the eggs, the kinds of servers. Each is in a nest. This API
// shows them; they are made in the admin area alone.
type EggsService service

// List gets all eggs of a nest. Their variables come with [EggIncludeVariables]
// alone.
//
// Endpoint: GET /api/application/nests/{nest}/eggs
func (s *EggsService) List(ctx context.Context, nest int, include ...EggInclude) ([]*Egg, error) {
	return rest.List[Egg](s.api.ApplicationListEggs(ctx, nest,
		&applicationapi.ApplicationListEggsParams{Include: include},
		rest.ID("nest", nest), rest.Includes("include", include...)))
}

// Get shows one egg. The variables come with [EggIncludeVariables] alone. An egg
// of another nest gives [client.ErrNotFound].
//
// Endpoint: GET /api/application/nests/{nest}/eggs/{egg}
func (s *EggsService) Get(ctx context.Context, nest, egg int, include ...EggInclude) (*Egg, error) {
	return rest.Item[Egg](s.api.ApplicationGetEgg(ctx, nest, egg,
		&applicationapi.ApplicationGetEggParams{Include: include},
		rest.ID("nest", nest), rest.ID("egg", egg), rest.Includes("include", include...)))
}
