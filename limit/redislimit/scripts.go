package redislimit

import (
	"context"
	_ "embed" // the scripts
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ptero-go/ptero/client"
)

var (
	//go:embed state.lua
	stateScript string
	//go:embed take.lua
	takeSource string
	//go:embed give.lua
	giveSource string
	//go:embed read.lua
	readSource string

	takeScript = redis.NewScript(stateScript + takeSource)
	giveScript = redis.NewScript(stateScript + giveSource)
	readScript = redis.NewScript(stateScript + readSource)
)

// turn is the answer of Redis to a request for a turn.
type turn struct {
	granted bool
	wait    time.Duration // if not granted; 0 if an answer to another request may come first

	// What the answer is given back with.
	window, probe, before int64
}

// take asks whether a request may pass.
func (l *Limiter) take(ctx context.Context, call client.Call, id string) (turn, error) {
	reply, err := l.run(ctx, call, takeScript, call.Operation, id)
	if err != nil {
		return turn{}, err
	}
	switch {
	case len(reply) == 4 && reply[0] == 1:
		return turn{granted: true, window: reply[1], probe: reply[2], before: reply[3]}, nil
	case len(reply) == 2 && reply[0] == 0:
		return turn{wait: time.Duration(reply[1]) * time.Millisecond}, nil
	}
	return turn{}, fmt.Errorf("the script answered %v", reply)
}

// give passes on the answer to a request that had a turn.
func (l *Limiter) give(ctx context.Context, call client.Call, id string, t turn, answer client.Answer) error {
	_, err := l.run(ctx, call, giveScript, call.Operation, id, t.window, t.probe, t.before,
		answer.Status, answer.Limit, answer.Remaining, answer.RetryAfter.Milliseconds())
	return err
}

// keys are the names of what the scripts work on.
func (l *Limiter) keys(api string) []string {
	return []string{l.prefix + api, l.prefix + api + ":flight"}
}

func (l *Limiter) run(ctx context.Context, call client.Call, script *redis.Script, args ...any) ([]int64, error) {
	if l.redis == nil {
		return nil, errNoClient
	}
	reply, err := script.Run(ctx, l.redis, l.keys(call.API), args...).Slice()
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(reply))
	for i, element := range reply {
		number, ok := element.(int64)
		if !ok {
			return nil, fmt.Errorf("the script answered %q where a number belongs", fmt.Sprint(element))
		}
		numbers[i] = number
	}
	return numbers, nil
}
