package rest

import (
	"context"
	"fmt"
	"time"
)

// pollInterval is the time between two questions where the caller names none.
const pollInterval = 2 * time.Second

// Poll asks until the answer is yes, an error, or ctx ends.
func Poll(ctx context.Context, interval time.Duration, ask func() (bool, error)) error {
	if interval < 0 {
		return &ArgumentError{Argument: "Interval", Problem: "must not be negative"}
	}
	if interval == 0 {
		interval = pollInterval
	}
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		if err := sleep(ctx, interval); err != nil {
			return fmt.Errorf("stopped waiting: %w", err)
		}
	}
}
