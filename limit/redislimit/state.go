package redislimit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ptero-go/ptero/client"
)

// State returns what all processes together know, by API and limit. Waiting
// counts the requests of this process only. While Redis is unavailable, it
// returns an error.
func (l *Limiter) State(ctx context.Context) ([]client.LimiterState, error) {
	var states []client.LimiterState
	for _, api := range []string{"application", "client"} {
		shared, err := within(ctx, l.timeout, func(ctx context.Context) ([]client.LimiterState, error) {
			return l.read(ctx, api)
		}, func([]client.LimiterState) {})
		if err != nil {
			return nil, err
		}
		states = append(states, shared...)
	}
	return states, nil
}

// read returns what Redis knows of an API.
func (l *Limiter) read(ctx context.Context, api string) ([]client.LimiterState, error) {
	if l.redis == nil {
		return nil, errNoClient
	}
	text, err := readScript.Run(ctx, l.redis, l.keys(api)).Text()
	if err != nil {
		return nil, err
	}
	var windows []struct {
		Limit, Room, Flight int
		Left                int64
		Operations          []string
	}
	if err := json.Unmarshal([]byte(text), &windows); err != nil {
		return nil, fmt.Errorf("the script answered %q: %w", text, err)
	}
	states := make([]client.LimiterState, 0, len(windows))
	for _, w := range windows {
		state := client.LimiterState{API: api, Operations: w.Operations, Limit: w.Limit, Remaining: w.Room, InFlight: w.Flight}
		if w.Room >= 0 {
			state.Remaining = max(0, w.Room-w.Flight)
		}
		if w.Left > 0 {
			state.Resets = time.Now().Add(time.Duration(w.Left) * time.Millisecond)
		}
		slices.Sort(state.Operations)
		for _, operation := range state.Operations {
			state.Waiting += l.waiting(api, operation)
		}
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b client.LimiterState) int { return cmp.Compare(b.Limit, a.Limit) })
	return states, nil
}

var errNoClient = errors.New("redislimit.New was given no Redis client")
