package console

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
)

// A reader that gives up just when a value comes leaves it to another.
func TestNoWakeUpIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 3000 {
			q := &queue[int]{policy: KeepAll(), wake: make(chan struct{}, 1)}
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			var mu sync.Mutex
			got := 0
			read := func(ctx context.Context) {
				values, err := q.take(ctx, nil)
				mu.Lock()
				defer mu.Unlock()
				got += len(values)
				if err == nil && got == 1 {
					q.end(errEnded)
				}
			}
			all.Go(func() { read(ctx) })
			all.Go(func() { read(t.Context()) })
			synctest.Wait()
			all.Go(cancel)
			all.Go(func() { q.put(1) })
			all.Wait() // a reader that sleeps on is a deadlock
			if got != 1 {
				t.Fatalf("%d values were read", got)
			}
		}
	})
}

// What was not read comes first again.
func TestUnread(t *testing.T) {
	t.Parallel()
	q := &queue[int]{policy: DropOldest(10), size: func(int) int { return 1 }, of: func(int) string { return "" }, wake: make(chan struct{}, 1)}
	q.put(1, 2, 3)
	q.end(errEnded)
	var got []int
	for range 3 {
		q.each(t.Context(), func(v int, err error) bool {
			if err != nil {
				t.Error(err)
			}
			got = append(got, v)
			return false
		})
	}
	if len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 3 {
		t.Errorf("got %v", got)
	}
	if _, err := q.take(t.Context(), nil); !errors.Is(err, errEnded) {
		t.Errorf("err = %v", err)
	}
}
