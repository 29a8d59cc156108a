package wings

import (
	"math/rand/v2"
	"time"
)

// Wings handles each message in a goroutine of its own, so messages that come
// together are handled in any order. Here each one waits for a time that is drawn
// in the order in which messages come, so that a seed always gives the same.

// The bounds of what is drawn, as measured. Commands that come more than
// commandTime apart stay in order.
const (
	messageTime = time.Millisecond     // until an `auth` or `send stats` is handled
	commandTime = 3 * time.Millisecond // the same for all others

	logTime     = 3 * time.Millisecond // to read the log
	logPause    = time.Millisecond     // between two parts of the log
	shortestRun = 5                    // lines of a part
	longestRun  = 80
)

// chance is where a socket draws from. It belongs to one goroutine.
type chance struct{ source *rand.Rand }

// newChance returns the nth series of draws of a seed.
func newChance(seed, n uint64) chance {
	return chance{rand.New(rand.NewPCG(seed, n))}
}

// fork returns a series for another goroutine.
func (c chance) fork() chance { return newChance(c.source.Uint64(), c.source.Uint64()) }

// upTo draws a time below a bound.
func (c chance) upTo(bound time.Duration) time.Duration {
	return time.Duration(c.source.Int64N(int64(bound)))
}

// lines draws how many lines of the log come without a pause.
func (c chance) lines() int { return shortestRun + c.source.IntN(longestRun-shortestRun+1) }
