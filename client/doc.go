// Package client is the Client API of the Pterodactyl Panel: what the people who
// use servers may do with them. Package application beside it is the API of
// those who run the panel.
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
// The methods of a service carry the Panel's own words. Each names its endpoint
// in its comment; api/openapi.yaml in the module describes all of them. Models
// and enums are aliases of those in gen/clientapi, where their fields are
// listed.
//
// # Null
//
// A field of an answer that the Panel may send as null is a pointer, nil for null;
// [Or] reads it with a fallback. A model prints what its pointers point to. A field
// of a request that may be left out is a pointer too, and [Ptr] makes one. Where
// the Panel tells leaving out from null, the field is a [Nullable].
//
// # Errors
//
// A method returns one of two kinds of errors. An [*ArgumentError]: an
// argument cannot be right, and nothing was sent. An [*Error]: the Panel refused
// or failed, answered with nonsense, or did not answer. Test it for a kind,
//
//	if errors.Is(err, client.ErrNotFound) {
//
// or take it apart with errors.As. Where the context ended the call, the *Error
// wraps the context's error.
//
// # Lists
//
// List gets one page, All walks all of them and asks for a page when it is
// needed. An error ends the walk and is the last thing that All hands out.
//
// A page is an offset into a list that may change during the walk. An item that
// moves to a later page is handed out once. Where the list has become shorter, All
// reads the pages before again, as items may have moved there. But where one item
// was deleted and another created between two pages, the list is as long as
// before, and All misses the item that moved over the boundary: no walk by offsets
// can tell. Walk twice where none may be missed.
//
// # Retries
//
// A request that is answered with 429 is sent again when the Panel allows it. A
// request that failed on the way is sent again only where it may safely arrive
// twice, or where it provably did not leave: a command, a power signal or a
// create is never carried out twice. What only reads is sent again, too, where its
// answer broke off or did not come in time. What cannot get better, such as a bad
// certificate, is not tried again. [WithRetries], [WithRetryBudget] and the
// context bound the time that this takes.
//
// # Contexts
//
// Every call ends with its context, whatever a reader or callback of yours does
// meanwhile. If it is blocked then, it is left to itself, in a goroutine that ends
// with it.
//
// # Safety
//
// The API key goes to the Panel's host alone, never to another one by a redirect
// or a signed URL, and never into an error or a log.
package client
