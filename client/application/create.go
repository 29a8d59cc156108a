package application

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/rest"
)

// Create creates a server and starts its installation, which goes on after the
// answer; [ServersService.WaitReady] waits for its end. Name the allocations,
// which also determines the node, or let the Panel choose them with Deploy.
//
// Memory, Disk and CPU must be given, as [Unlimited] for no limit: a 0 is
// refused before anything is sent. Swap, databases, backups and allocations that
// are left out are none, and IO is then 500.
//
// Variables of the egg that Environment does not name get the egg's default
// values; the Panel itself would store them empty. An empty DockerImage or
// Startup, which the Panel would refuse, becomes that of the egg. For that
// Create reads the egg and, the first time, the list of nests to find it: the
// key needs to read nests and eggs. An EggID that is in no nest gives an
// [*client.ArgumentError]. [ServersService.CreateExact] does none of this.
//
// Values that break a rule give [client.ErrValidation]; the field is
// environment.NAME for a variable, and allocation.default for an allocation that
// is in use. If the Panel finds no room, the error has status 400 and code
// "NoViableNodeException" or "NoViableAllocationException". If the daemon cannot
// be reached, the error matches [client.ErrDaemon], and the Panel keeps no
// server. The request is never sent twice.
//
// In Pelican the egg is read by its number, and one that does not exist gives
// [client.ErrNotFound]. OOMDisabled is sent as Pelican takes it, and tags choose the
// nodes in place of Locations.
//
// Endpoint: POST /api/application/servers
func (s *ServersService) Create(ctx context.Context, req CreateServerRequest) (*Server, error) {
	if _, err := s.createBody(req); err != nil {
		return nil, err // before the egg is asked for
	}
	egg, err := s.egg(ctx, req.EggID)
	if err != nil {
		return nil, err
	}
	req.Environment = withDefaults(req.Environment, egg.Variables())
	req.DockerImage = cmp.Or(req.DockerImage, egg.DockerImage)
	if req.Startup == "" && egg.Startup != nil {
		req.Startup = *egg.Startup
	}
	return s.CreateExact(ctx, req)
}

// CreateExact is [ServersService.Create] without the egg: it sends the request
// as it is. Variables that Environment does not name are stored empty, or
// refused if they must have a value.
func (s *ServersService) CreateExact(ctx context.Context, req CreateServerRequest) (*Server, error) {
	body, err := s.createBody(req)
	return rest.Item[Server](s.api.ApplicationCreateServerWithBody(ctx, "application/json", body, rest.Fail(err)))
}

// withDefaults returns an environment in which no variable is missing. It does
// not modify its argument.
func withDefaults(environment envelope.Map[string], variables []*EggVariable) envelope.Map[string] {
	filled := make(envelope.Map[string], len(variables))
	for _, variable := range variables {
		filled[variable.EnvVariable] = ""
		if variable.DefaultValue != nil {
			filled[variable.EnvVariable] = *variable.DefaultValue
		}
	}
	maps.Copy(filled, environment)
	return filled
}

// egg returns an egg as it is now, with its variables.
func (s *ServersService) egg(ctx context.Context, egg int) (*Egg, error) {
	if s.core.Flavor() == rest.Pelican {
		found, err := (*EggsService)(s).GetByID(ctx, egg, EggIncludeVariables)
		return withVariables(found, err, "applicationGetEggById", fmt.Sprintf("/api/application/eggs/%d", egg))
	}
	if nest, known := s.nestOfEgg.Load(egg); known {
		found, err := s.eggIn(ctx, nest.(int), egg) //nolint:forcetypeassert // the map holds nothing else
		if !errors.Is(err, rest.ErrNotFound) {
			return found, err
		}
		// It is there no more, so look anew.
	}
	nest, err := s.findNest(ctx, egg)
	if err != nil {
		return nil, err
	}
	return s.eggIn(ctx, nest, egg)
}

// eggIn returns an egg of a nest, with its variables.
func (s *ServersService) eggIn(ctx context.Context, nest, egg int) (*Egg, error) {
	found, err := (*EggsService)(s).Get(ctx, nest, egg, EggIncludeVariables)
	return withVariables(found, err, "applicationGetEgg", fmt.Sprintf("/api/application/nests/%d/eggs/%d", nest, egg))
}

// withVariables refuses an egg, which an operation read from a path, that came
// without its variables.
func withVariables(found *Egg, err error, operation, path string) (*Egg, error) {
	if err != nil {
		return nil, err
	}
	if found.Relationships == nil || found.Relationships.Variables.IsNull() {
		return nil, &rest.Error{
			Operation:  operation,
			Method:     http.MethodGet,
			Path:       path,
			StatusCode: http.StatusOK,
			Problem:    "the egg came without the variables that were asked for; a proxy may drop the query",
			Attempts:   1,
		}
	}
	return found, nil
}

// findNest searches the nests for an egg, and remembers the eggs of those that
// it has seen.
func (s *ServersService) findNest(ctx context.Context, egg int) (int, error) {
	if egg > 0 {
		for nest, err := range (*NestsService)(s).All(ctx, NestListOptions{Include: []NestInclude{NestIncludeEggs}}) {
			if err != nil {
				return 0, err
			}
			eggs, err := s.eggsOf(ctx, nest)
			if err != nil {
				return 0, err
			}
			isHere := false
			for _, found := range eggs {
				s.nestOfEgg.Store(found.ID, nest.ID)
				isHere = isHere || found.ID == egg
			}
			if isHere {
				return nest.ID, nil
			}
		}
	}
	return 0, &rest.ArgumentError{
		Operation: "applicationCreateServer", Argument: "EggID", Problem: fmt.Sprintf("is %d, which is in no nest", egg),
	}
}

// eggsOf returns the eggs that were included in a nest. For a key that may not
// read eggs they are missing; a request for the eggs alone returns the Panel's
// reason.
func (s *ServersService) eggsOf(ctx context.Context, nest *Nest) ([]*Egg, error) {
	if nest.Relationships == nil || nest.Relationships.Eggs.IsNull() {
		return (*EggsService)(s).List(ctx, nest.ID)
	}
	return nest.Eggs(), nil
}
