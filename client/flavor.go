package client

import "github.com/ptero-go/ptero/internal/rest"

// Flavor is a kind of Panel. Most of the API is the same for all; the comments of
// methods say where it differs. A method that the Panel does not serve returns an
// error that matches [ErrUnsupported], and sends nothing.
type Flavor = rest.Flavor

// The flavors.
const (
	// Pterodactyl is the Pterodactyl Panel.
	Pterodactyl = rest.Pterodactyl

	// Pelican is the Pelican Panel, its fork.
	Pelican = rest.Pelican
)

// Flavor returns the kind of Panel that the client talks to, according to
// the key or [WithFlavor]. Nothing is sent to find out.
func (c *Client) Flavor() Flavor { return c.core.Flavor() }
