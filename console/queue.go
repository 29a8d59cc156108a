package console

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// errEnded ends the reading of a queue whose writer ended without an error.
var errEnded = errors.New("no more events")

// queue hands values from any number of writers to a reader. A writer never
// waits. The reader takes all there is at once, so that a fast stream costs
// one lock for many values.
type queue[T any] struct {
	limit int // of values kept; 0 means none

	mu      sync.Mutex
	values  []T // those before first were dropped
	first   int
	dropped int
	err     error // set when no more values come
	wake    chan struct{}
}

func newQueue[T any](limit int) *queue[T] {
	return &queue[T]{limit: limit, wake: make(chan struct{}, 1)}
}

// put appends a value, in place of the oldest if the queue is full.
func (q *queue[T]) put(v T) {
	q.mu.Lock()
	if q.err != nil {
		q.mu.Unlock()
		return
	}
	if q.limit > 0 && len(q.values)-q.first >= q.limit {
		q.values[q.first] = *new(T)
		q.first++
		q.dropped++
		if q.first == q.limit { // move the values down, once in as many drops
			q.values = slices.Delete(q.values, 0, q.first)
			q.first = 0
		}
	}
	q.values = append(q.values, v)
	waiting := len(q.values)-q.first == 1
	q.mu.Unlock()
	if waiting {
		q.signal()
	}
}

// end lets the reader read what is there, and then err. The first end counts.
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

// take waits for values and returns all of them, with the number of values
// dropped before them. It reuses the memory of spent, which may be nil.
func (q *queue[T]) take(ctx context.Context, spent []T) (values []T, dropped int, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		q.mu.Lock()
		if len(q.values) > q.first {
			values, dropped = q.values[q.first:], q.dropped
			if cap(spent) > 64 && cap(spent) > 8*len(values) {
				spent = nil // a flood is over
			}
			q.values, q.first, q.dropped = spent[:0], 0, 0
			q.mu.Unlock()
			return values, dropped, nil
		}
		err = q.err
		q.mu.Unlock()
		if err != nil {
			q.signal() // another reader may wait
			return nil, 0, err
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// unread puts values back to the front of the queue.
func (q *queue[T]) unread(values []T) {
	if len(values) == 0 {
		return
	}
	q.mu.Lock()
	q.values = slices.Concat(values, q.values[q.first:])
	q.first = 0
	q.mu.Unlock()
	q.signal()
}

// each hands out values until the queue has ended, ctx ends or yield has
// enough. A value that stands for dropped ones is made by lost.
func (q *queue[T]) each(ctx context.Context, lost func(int) T, yield func(T, error) bool) {
	var batch []T
	for {
		values, dropped, err := q.take(ctx, batch)
		if err != nil {
			if !errors.Is(err, errEnded) {
				yield(*new(T), err)
			}
			return
		}
		if dropped > 0 && !yield(lost(dropped), nil) {
			q.unread(values)
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
