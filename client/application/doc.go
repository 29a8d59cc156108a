// Package application is the Application API of the Pterodactyl Panel: what
// those who run a panel may do, such as a billing system that creates users and
// servers. Package client is the API of the people who use servers; the options
// and errors of both are there.
//
// A [Client] needs the Panel's address and an application API key, made in the
// admin area; the client API key of a root administrator works too:
//
//	admin, err := application.New("https://panel.example.org", os.Getenv("PTERODACTYL_KEY"))
//
// Users, nodes, servers and the rest are named by their numbers. Models and
// enums are aliases of those in gen/applicationapi, where their fields are
// listed. Memory and disk space are in MiB throughout.
//
// # Lists
//
// List gets one page, All walks all of them, as in package client: an item that
// moves over the boundary of two pages, because another one was deleted and a
// third created between them, is missed.
//
// # Updates
//
// The Panel's updates replace: a field that is left out may be cleared. Replace
// and its kin send what they are given. Update and its kin read the thing, let a
// function of yours change a request that holds all that was read, and send
// that, so that what the function leaves alone stays:
//
//	node, err := admin.Nodes.Update(ctx, 3, func(req *application.UpdateNodeRequest) {
//		req.Memory = 32768
//	})
//
// What somebody else changes between the two is overwritten.
package application
