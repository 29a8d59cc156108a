package console

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// errEnded ends the reading of a queue whose writer ended without an error.
var errEnded = errors.New("no more events")

// queue hands values from any number of writers to any number of readers. A
// writer never waits. A reader takes all there is at once, so that a fast stream
// costs one lock for many values.
type queue[T any] struct {
	policy Policy
	size   func(T) int         // in bytes
	of     func(T) string      // whose value it is: drops are counted apart
	lost   func(string, int) T // the value that stands for dropped ones

	mu     sync.Mutex
	values []T // those before first were dropped
	first  int
	bytes  int
	drops  []drop
	err    error // set when no more values come
	wake   chan struct{}
}

// drop is how many values of somebody were dropped.
type drop struct {
	of    string
	count int
}

// put appends values, in place of the oldest if the queue is full.
func (q *queue[T]) put(values ...T) {
	if len(values) == 0 {
		return
	}
	q.mu.Lock()
	if q.err != nil {
		q.mu.Unlock()
		return
	}
	waiting := len(q.values) == q.first
	q.values = append(q.values, values...)
	if limit := q.policy; limit.events > 0 {
		for _, v := range values {
			q.bytes += q.size(v)
		}
		for kept := len(q.values) - q.first; kept > limit.events || q.bytes > limit.bytes && kept > 1; kept-- {
			q.drop()
		}
		if q.first >= limit.events || q.first > 0 && q.first == len(q.values) { // move the values down, once in as many drops
			q.values = slices.Delete(q.values, 0, q.first)
			q.first = 0
		}
	}
	q.mu.Unlock()
	if waiting {
		q.signal()
	}
}

// drop drops the oldest value. q.mu is held.
func (q *queue[T]) drop() {
	v := q.values[q.first]
	q.values[q.first] = *new(T)
	q.first++
	q.bytes -= q.size(v)
	of := q.of(v)
	i := slices.IndexFunc(q.drops, func(d drop) bool { return d.of == of })
	if i < 0 {
		i = len(q.drops)
		q.drops = append(q.drops, drop{of: of})
	}
	q.drops[i].count++
}

// end lets the readers read what is there, and then err. The first end counts.
func (q *queue[T]) end(err error) {
	q.mu.Lock()
	if q.err == nil {
		q.err = err
	}
	q.mu.Unlock()
	q.signal()
}

func (q *queue[T]) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for values and returns all of them, those first that stand for
// dropped ones. It reuses the memory of spent, which may be nil.
func (q *queue[T]) take(ctx context.Context, spent []T) ([]T, error) {
	for {
		if err := ctx.Err(); err != nil {
			q.signal() // which may have been for another reader
			return nil, err
		}
		q.mu.Lock()
		if len(q.values) > q.first {
			values := q.values[q.first:]
			if len(q.drops) > 0 {
				marks := make([]T, 0, len(q.drops)+len(values))
				for _, d := range q.drops {
					marks = append(marks, q.lost(d.of, d.count))
				}
				values = append(marks, values...)
			}
			if cap(spent) > 64 && cap(spent) > 8*len(values) {
				spent = nil // a flood is over
			}
			q.values, q.first, q.bytes, q.drops = spent[:0], 0, 0, nil
			q.mu.Unlock()
			return values, nil
		}
		err := q.err
		q.mu.Unlock()
		if err != nil {
			q.signal() // another reader may wait
			return nil, err
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
}

// unread puts values back to the front of the queue.
func (q *queue[T]) unread(values []T) {
	if len(values) == 0 {
		return
	}
	q.mu.Lock()
	for _, v := range values {
		q.bytes += q.size(v)
	}
	q.values = slices.Concat(values, q.values[q.first:])
	q.first = 0
	q.mu.Unlock()
	q.signal()
}

// each hands out values until the queue has ended, ctx ends or yield has
// enough.
func (q *queue[T]) each(ctx context.Context, yield func(T, error) bool) {
	var batch []T
	for {
		values, err := q.take(ctx, batch)
		if err != nil {
			if !errors.Is(err, errEnded) {
				yield(*new(T), err)
			}
			return
		}
		for i, v := range values {
			if !yield(v, nil) {
				q.unread(values[i+1:])
				return
			}
			if ctx.Err() != nil {
				q.unread(values[i+1:])
				break
			}
		}
		clear(values)
		batch = values
	}
}
