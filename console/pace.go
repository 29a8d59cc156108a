package console

import "time"

// kind is what a message to the daemon is for. Messages of a kind keep their
// order; of those that wait, the lower kind goes first.
type kind int

const (
	kindAuth kind = iota
	kindPower
	kindCommand
	kindLogs
	kindStats
	kinds // their number
)

// bucket allows some messages at once, and then one in every so often.
type bucket struct {
	burst int
	every time.Duration
	full  time.Time // when all of the burst is there again
}

// at returns when the next message is allowed, at the earliest now.
func (b *bucket) at(now time.Time) time.Time {
	at := b.full.Add(-time.Duration(b.burst-1) * b.every)
	if at.Before(now) {
		return now
	}
	return at
}

func (b *bucket) take(now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
}

// window allows so many questions to the Panel in a minute: Panel 1.12 allows five,
// one of which is left to others.
type window struct {
	asked [4]time.Time // the oldest first
}

// at returns when the next is allowed, at the earliest now.
func (w *window) at(now time.Time) time.Time {
	if at := w.asked[0].Add(time.Minute); at.After(now) {
		return at
	}
	return now
}

func (w *window) take(now time.Time) {
	copy(w.asked[:], w.asked[1:])
	w.asked[len(w.asked)-1] = now
}

// give takes the last one back, which the Panel did not count.
func (w *window) give() {
	copy(w.asked[1:], w.asked[:])
	w.asked[0] = time.Time{}
}

// pacer keeps the messages of one socket below the limits of Wings 1.12, which
// drops what is above them. Networks deliver messages closer together than they
// were sent, so it stays a little further below.
type pacer struct {
	global bucket
	kinds  [kinds]*bucket
}

func newPacer() *pacer {
	others := &bucket{burst: 3, every: 1100 * time.Millisecond} // of 4, 1 s
	return &pacer{
		global: bucket{burst: CommandBurst, every: 220 * time.Millisecond}, // of 10, 200 ms
		kinds: [kinds]*bucket{
			kindAuth:    {burst: 2, every: 6 * time.Second},            // of 2, 5 s
			kindLogs:    {burst: 2, every: 6 * time.Second},            // of 2, 5 s
			kindCommand: {burst: CommandBurst, every: CommandInterval}, // of 10, 1 s
			kindPower:   others,
			kindStats:   others,
		},
	}
}

// at returns when the next message of a kind is allowed, at the earliest now.
func (p *pacer) at(k kind, now time.Time) time.Time {
	at := p.global.at(now)
	if own := p.kinds[k].at(now); own.After(at) {
		return own
	}
	return at
}

func (p *pacer) take(k kind, now time.Time) {
	p.global.take(now)
	p.kinds[k].take(now)
}
