package application

import (
	"fmt"

	"github.com/ptero-go/ptero/internal/rest"
)

// onlyIn are the relations that one kind of Panel has alone, and what serves in the
// other one. That ignores them in silence, or fails.
var onlyIn = map[any]struct {
	flavor  rest.Flavor
	instead string
}{
	ServerIncludeNest:     {rest.Pterodactyl, "Pelican has no nests."},
	ServerIncludeLocation: {rest.Pterodactyl, "Pelican has no locations; a node has Tags."},
	ServerIncludePack:     {rest.Pterodactyl, "Pelican has no packs."},
	NodeIncludeLocation:   {rest.Pterodactyl, "Pelican has no locations; a node has Tags."},
	EggIncludeNest:        {rest.Pterodactyl, "Pelican has no nests."},
	EggIncludeConfig:      {rest.Pterodactyl, "an egg of Pelican has its whole Config."},
	EggIncludeScript:      {rest.Pterodactyl, "an egg of Pelican has its whole Script."},
	UserIncludeRoles:      {rest.Pelican, "RootAdmin says whether a user is an administrator."},
}

// includes refuses relations that the API, or this kind of Panel, does not know.
func includes[E interface {
	~string
	Valid() bool
}](core *rest.Core, argument string, values []E) rest.Editor {
	for _, value := range values {
		if only, limited := onlyIn[value]; limited && only.flavor != core.Flavor() {
			return core.Unsupported(fmt.Sprintf("%s %q", argument, value), only.instead)
		}
	}
	return rest.Includes(argument, values...)
}
