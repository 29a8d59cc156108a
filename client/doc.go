// Package client is a client for the Client API of the Pterodactyl Panel, which
// is for the users of servers. Package application is for the administrators of
// a Panel.
//
// A [Client] needs the Panel's address and an API key:
//
//	c, err := client.New("https://panel.example.org", os.Getenv("PTERODACTYL_KEY"))
//	if err != nil {
//		log.Fatal(err)
//	}
//	for server, err := range c.Servers.All(ctx, client.ServerListOptions{}) {
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println(server.Identifier, server.Name)
//	}
//
// # Names
//
// Methods and fields use the Panel's own terms. The comment of a method names its
// endpoint; api/openapi.yaml in the module describes all endpoints. Models and
// enums are aliases of generated types; the comment of each alias lists its
// fields.
//
// # Null
//
// A field of an answer that the Panel may send as null is a pointer, nil for null;
// [Or] reads it with a fallback. A model prints the values that its pointers point
// to. An optional field of a request is a pointer too; [Ptr] returns one. Where the
// Panel distinguishes null from a field that is left out, the field is a
// [Nullable].
//
// # Errors
//
// A method returns one of two kinds of errors. An [*ArgumentError] says that an
// argument cannot be right; nothing was sent. An [*Error] says that the Panel
// refused or failed, that its answer made no sense, or that none came. Test its
// kind with errors.Is,
//
//	if errors.Is(err, client.ErrNotFound) {
//
// or inspect it with errors.As. Comments that say "gives [ErrNotFound]" mean an
// error that matches it (see errors.Is). If the context ended the call, the *Error
// wraps the context's error.
//
// # Lists
//
// List returns one page. All iterates over all pages and requests them as needed.
// An error ends the iteration and is the last value that All yields.
//
// A page is an offset into a list that may change meanwhile. An item that moves to
// a later page is yielded once. If the list has become shorter, All reads the
// preceding pages again, as items may have moved there. But if one item was deleted
// and another created between two pages, the list is as long as before, and All
// misses the item that moved across the boundary; with offsets this cannot be
// detected. Iterate twice where no item may be missed.
//
// # Updates
//
// The Panel's updates replace: a field that is left out is cleared. Methods called
// Replace or Set do just that. Methods called Update read the thing, call a function
// of the caller with a request that holds all that was read, and send that. An error
// of the function ends the update and is returned; if the function changes nothing,
// nothing is sent. Concurrent changes by others are overwritten.
//
// # Pelican
//
// Pelican is a fork of the Panel with much the same API. A Client recognizes it by
// the key, which begins with pacc_ or papp_; [WithFlavor] overrides that. A call that
// the panel does not serve gives an error that matches [ErrUnsupported] and says what
// to use instead; nothing is sent. So does a field that the panel would ignore, unless
// the other panel requires it. Methods and fields that only one of the two has say so
// in their comments, and docs/guides/pelican.md in the module lists all differences.
//
// # Retries
//
// A request that is answered with 429 is sent again when the Panel allows it. A
// request that failed on the way is sent again only if it may safely arrive twice,
// or if it provably did not leave: a command, a power signal or a create is never
// carried out twice. A GET is also sent again if its answer was cut short or did not
// arrive in time. Permanent failures, such as a bad certificate, are not retried.
// [WithRetries], [WithRetryBudget] and the context bound the time that this takes.
//
// # Contexts
//
// Every call ends with its context, whatever a reader or callback of the caller
// does. If that is blocked, it is left running on a goroutine that ends when it
// returns.
//
// # Safety
//
// The API key is sent to the Panel's host only, never to another host by a redirect
// or a signed URL, and never appears in an error or a log.
package client
