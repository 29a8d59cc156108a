package client

import "github.com/ptero-go/ptero/internal/rest"

// Flavor is a kind of Panel. Most of the API is the same in all; what a method
// does not do everywhere, its comment says. A method that the Panel does not serve
// returns an error that matches [ErrUnsupported], and sends nothing.
type Flavor = rest.Flavor

// The flavors.
const (
	// Pterodactyl is the Pterodactyl Panel.
	Pterodactyl = rest.Pterodactyl

	// Pelican is the Pelican Panel, its fork.
	Pelican = rest.Pelican
)

// Flavor returns the kind of Panel that the client talks to, as the key or
// [WithFlavor] says. Nothing is sent for that.
func (c *Client) Flavor() Flavor { return c.core.Flavor() }
