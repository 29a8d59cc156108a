// Package rest is the one HTTP core that both API clients stand on: keys,
// retries, decoding, errors and pages.
//
// A call passes through it in this order:
//
//  1. a wrapper calls a method of a generated client;
//  2. [Core.Edit], an editor of that client, finds the operation and sets the
//     headers, the key among them; the editors made by [ID], [Enum] and
//     [NotEmpty] refuse bad arguments;
//  3. [Core.Do] sends the request, again where it must and may ([retrier]);
//  4. one of the decoders ([Item], [List], [None], …) reads the answer or turns
//     it into an [*Error].
//
// The key is set by an editor and never by a RoundTripper, so that net/http
// would take it off on a redirect to another host; redirects are not followed
// at all.
package rest
