// Package redislimit lets workers on several machines share one rate limit of
// the Panel. The Panel counts requests per user, not per program: workers that
// use one key, or keys of one user, exhaust each other's quota. A [Limiter]
// keeps the count in Redis, so that what one worker learns from an answer is
// known to all. It takes one line:
//
//	c, err := client.New(panelURL, key,
//		client.WithLimiter(redislimit.New(redisClient, redislimit.Options{Budget: key})))
//
// The count follows the Panel's own: a window begins with its first request and
// allows as many as X-RateLimit-Limit says. The script that maintains it is the
// shared form of [client.LocalLimiter]. The rate package of go-redis is not
// suitable here: it must be told the limit, and spreads requests evenly where
// the Panel counts windows.
//
// While Redis is unavailable, each process paces itself with a limiter of its
// own and logs that once; it uses Redis again as soon as that is back. No call
// fails because of it.
//
// It requires Redis 5 or later, or Valkey. A cluster works: all keys of a budget
// are in one slot.
package redislimit
