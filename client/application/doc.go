// Package application is a client for the Application API of the Pterodactyl
// Panel, which is for the administrators of a Panel, and for programs such as
// billing systems that create users and servers. Package client is for the users of
// servers; it also has the options and errors of both.
//
// A [Client] needs the Panel's address and an application API key, created in the
// admin area; the client API key of a root administrator works too:
//
//	admin, err := application.New("https://panel.example.org", os.Getenv("PTERODACTYL_KEY"))
//
// Users, nodes, servers and so on are named by their numbers. Models and enums are
// aliases of generated types; the comment of each alias lists its fields. Memory and
// disk space are in MiB throughout.
//
// For Pelican, a fork of the Panel whose keys begin with papp_, see the comment of
// package client. It has no nests and locations; it alone has roles, mounts, plugins,
// database hosts and transfers.
//
// # Lists
//
// List returns one page and All iterates over all pages, as in package client. All
// misses an item that moves across the boundary of two pages because another one
// was deleted and a third created meanwhile.
//
// # Updates
//
// The Panel's updates replace: a field that is left out may be cleared. Methods
// called Replace send what they are given. Methods called Update read the thing,
// call a function of the caller with a request that holds all that was read, and
// send that, so what the function leaves alone stays:
//
//	node, err := admin.Nodes.Update(ctx, 3, func(req *application.UpdateNodeRequest) error {
//		req.Memory = 32768
//		return nil
//	})
//
// An error of the function ends the update and is returned; if the function changes
// nothing, nothing is sent. Concurrent changes by others are overwritten.
package application
