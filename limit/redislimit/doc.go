// Package redislimit lets workers on several machines share one budget of the
// Panel. The Panel counts requests for each user, not for each program: workers
// that use one key, or keys of one user, run into each other's limit. A
// [Limiter] keeps the count in Redis, so that what one worker learns from an
// answer all of them know. It takes one line:
//
//	c, err := client.New(panelURL, key,
//		client.WithLimiter(redislimit.New(redisClient, redislimit.Options{Budget: key})))
//
// The count follows the Panel's own: a window begins with its first request and
// allows as many as the answers' X-RateLimit-Limit says. The script that keeps
// it is the shared form of [client.LocalLimiter]. The rate package of go-redis
// does not fit here: it must be told the limit, and spreads requests evenly
// where the Panel counts windows.
//
// While Redis is away each process paces itself with a limiter of its own, says
// so once to the logger, and comes back when Redis does. No call fails for it.
//
// It needs Redis 5 or later, or Valkey. A cluster is fine: all keys of a budget
// lie in one slot.
package redislimit
