package application

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// EggsService manages the eggs, the kinds of servers.
//
// In Pterodactyl each egg belongs to a nest, and the API only reads them:
// [EggsService.List] and [EggsService.Get]. Pelican has no nests; the other
// methods are for Pelican.
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

// ListAll returns all eggs of the panel. Pelican only.
//
// Endpoint: GET /api/application/eggs
func (s *EggsService) ListAll(ctx context.Context, include ...EggInclude) ([]*Egg, error) {
	return rest.List[Egg](s.api.ApplicationListAllEggs(ctx,
		&applicationapi.ApplicationListAllEggsParams{Include: include}, includes(s.core, "include", include)))
}

// GetByID returns one egg. Its variables are included only with
// [EggIncludeVariables]. Pelican only.
//
// Endpoint: GET /api/application/eggs/{egg}
func (s *EggsService) GetByID(ctx context.Context, egg int, include ...EggInclude) (*Egg, error) {
	return rest.Item[Egg](s.api.ApplicationGetEggByID(ctx, egg,
		&applicationapi.ApplicationGetEggByIDParams{Include: include}, rest.ID("egg", egg), includes(s.core, "include", include)))
}

// Export returns an egg in the form in which panels exchange eggs, JSON or, with
// [EggFormatYAML], YAML. Pelican only.
//
// Endpoint: GET /api/application/eggs/{egg}/export
func (s *EggsService) Export(ctx context.Context, egg int, format EggFormat) ([]byte, error) {
	text, err := rest.Text(s.api.ApplicationExportEgg(ctx, egg,
		&applicationapi.ApplicationExportEggParams{Format: rest.Optional(format)},
		rest.ID("egg", egg), rest.OptionalEnum("format", format)))
	if err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// Import creates an egg from what [EggsService.Export] returned, JSON or YAML. An
// egg with the same UUID is replaced. The request is never sent twice. Pelican only.
//
// Endpoint: POST /api/application/eggs/import
func (s *EggsService) Import(ctx context.Context, exported []byte) (*Egg, error) {
	media := "application/yaml"
	if json.Valid(exported) {
		media = "application/json"
	}
	return rest.Item[Egg](s.api.ApplicationImportEggWithBody(ctx, media, bytes.NewReader(exported),
		rest.NotEmpty("exported", string(exported))))
}

// Delete deletes an egg. One that a server has gives an error with status 400 and
// code "HasActiveServersException". Pelican only.
//
// Endpoint: DELETE /api/application/eggs/{egg}
func (s *EggsService) Delete(ctx context.Context, egg int) error {
	return rest.None(s.api.ApplicationDeleteEgg(ctx, egg, rest.ID("egg", egg)))
}

// DeleteByUUID is [EggsService.Delete] by the UUID of the egg. Pelican only.
//
// Endpoint: DELETE /api/application/eggs/uuid/{egg}
func (s *EggsService) DeleteByUUID(ctx context.Context, uuid string) error {
	return rest.None(s.api.ApplicationDeleteEggByUUID(ctx, uuid, rest.ID("uuid", uuid)))
}
