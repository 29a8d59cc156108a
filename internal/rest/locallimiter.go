package rest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// LocalLimiter is a [Limiter] for one process. It learns the Panel's limit from
// the answers: the Panel counts requests in a fixed window that begins with the
// first of them, so the limiter passes as many as the window allows, in the order
// in which they ask, and holds back the rest until it ends. The Panel names the
// length of a window only in a 429, so the first window that is used up costs one
// refused request, rarely two.
//
// Operations with a limit of their own, such as clientPullFile, are recognized
// by the limit that their answers name.
//
// Every client has a LocalLimiter of its own unless it is created with another
// limiter. To read the state of one, create it with NewLimiter, or use the zero
// value, and give it to the client.
type LocalLimiter struct {
	mu   sync.Mutex
	apis map[string]*apiLimits
}

// apiLimits are the counts of the Panel for one API.
type apiLimits struct {
	general     *window // the one with the largest limit, for operations not seen yet
	byLimit     map[int]*window
	byOperation map[string]*window
}

// window is one count of the Panel. What remains of it is at least room less
// what is in flight, since that may or may not be counted already.
type window struct {
	limit    int          // unknownLimit before the first answer that names one
	room     int          // the least that the Panel said remains
	inFlight []*admission // the oldest first
	sent     int          // in all windows

	began  time.Time     // at the latest; zero if unknown
	length time.Duration // 0 if unknown
	ends   time.Time     // when it will have ended; zero if unknown

	// probing says that one request is on its way to open a new window. The
	// others wait for its answer.
	probing bool

	queue []*waiter
	timer *time.Timer // looks after the queue; nil before there was one
}

// waiter is a request that waits its turn.
type waiter struct {
	window   *window
	deadline time.Time // of its context; zero for none
	turn     chan turn // holds one
}

// turn is what a waiter gets in the end: it is let pass, or there is no room
// before its deadline.
type turn struct {
	admitted *admission
	err      error
}

// admission is a request that was let pass.
type admission struct {
	window *window
	probe  bool
	before int // how many requests had been answered when it was sent
	at     time.Time
}

const (
	unknownLimit = -1

	// firstBurst bounds the requests in flight before the first answer.
	firstBurst = 10

	// longestFlight is how long an answer is waited for. By then the Panel has counted the
	// request, even if it takes minutes to answer it.
	longestFlight = 10 * time.Second

	// shortestWait is that after a refusal: the Panel rounds down to seconds.
	shortestWait = 250 * time.Millisecond

	// longestWait bounds for how long a refusal holds back the others. Then one
	// asks again, whatever the Panel said.
	longestWait = time.Hour
)

// NewLocalLimiter returns a limiter that knows nothing yet.
func NewLocalLimiter() *LocalLimiter {
	return new(LocalLimiter)
}

// Wait implements [Limiter].
func (l *LocalLimiter) Wait(ctx context.Context, call Call) (done func(Answer), err error) {
	l.mu.Lock()
	w := l.api(call.API).window(call.Operation)
	admitted := (*admission)(nil)
	if len(w.queue) == 0 {
		admitted = w.admit(time.Now())
	}
	if admitted != nil {
		l.mu.Unlock()
		return func(answer Answer) { l.done(call, admitted, answer) }, nil
	}
	waiting := &waiter{window: w, turn: make(chan turn, 1)}
	waiting.deadline, _ = ctx.Deadline()
	w.queue = append(w.queue, waiting)
	l.dispatch(w)
	l.mu.Unlock()

	select {
	case turn := <-waiting.turn:
		if turn.err != nil {
			return nil, turn.err
		}
		return func(answer Answer) { l.done(call, turn.admitted, answer) }, nil
	case <-ctx.Done():
		l.leave(waiting)
		return nil, context.Cause(ctx)
	}
}

// LimiterState is what a [LocalLimiter] knows of one of the Panel's counts.
type LimiterState struct {
	// API is "client", "application", or "wings" for signed URLs.
	API string

	// Operations are the operations that are known to count here; the Panel has
	// limits of their own for some. An operation that is in no state's list counts
	// in the one with the largest limit.
	Operations []string

	// Limit is the number of requests that a window allows, -1 before the first
	// answer that says so.
	Limit int

	// Remaining is the number of requests that may be sent now without a wait, as
	// far as is known. It is -1 where the Panel does not count.
	Remaining int

	// InFlight is the number of requests that wait for their answers.
	InFlight int

	// Waiting is the number of requests that the limiter holds back.
	Waiting int

	// Resets is the time at which the window ends and all of Limit is available
	// again; zero if it is not known. The Panel names it only when a window is used
	// up.
	Resets time.Time
}

// State returns what the limiter knows, by API and limit.
func (l *LocalLimiter) State() []LimiterState {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	var states []LimiterState
	for _, name := range slices.Sorted(maps.Keys(l.apis)) {
		api := l.apis[name]
		windows := slices.Collect(maps.Values(api.byLimit))
		if len(windows) == 0 {
			windows = []*window{api.general}
		}
		slices.SortFunc(windows, func(a, b *window) int { return cmp.Compare(b.limit, a.limit) })
		for _, w := range windows {
			state := LimiterState{API: name, Limit: w.limit, InFlight: len(w.inFlight), Waiting: len(w.queue)}
			for operation, counted := range api.byOperation {
				if counted == w {
					state.Operations = append(state.Operations, operation)
				}
			}
			slices.Sort(state.Operations)
			switch {
			case !w.ends.IsZero() && !now.Before(w.ends):
				state.Remaining = w.limit - len(w.inFlight) // a new window
			case w.room == math.MaxInt:
				state.Remaining = unknownLimit
			default:
				state.Remaining = max(0, w.room-len(w.inFlight))
			}
			if now.Before(w.ends) {
				state.Resets = w.ends
			}
			states = append(states, state)
		}
	}
	return states
}

// noRoomError says that the rate limit leaves no room before a deadline. It
// matches ErrRateLimited and context.DeadlineExceeded.
type noRoomError time.Duration

func (e noRoomError) Error() string {
	wait := max(time.Second, time.Duration(e).Round(time.Second))
	return fmt.Sprintf("the Panel's rate limit is used up for another %s, beyond the deadline", wait)
}

func (e noRoomError) Is(target error) bool {
	return target == ErrRateLimited || target == context.DeadlineExceeded
}

func (l *LocalLimiter) api(name string) *apiLimits {
	api := l.apis[name]
	if api == nil {
		api = &apiLimits{
			general:     &window{limit: unknownLimit, room: firstBurst},
			byLimit:     make(map[int]*window),
			byOperation: make(map[string]*window),
		}
		if l.apis == nil {
			l.apis = make(map[string]*apiLimits)
		}
		l.apis[name] = api
	}
	return api
}

// window returns the one that an operation was last counted in.
func (a *apiLimits) window(operation string) *window {
	if w := a.byOperation[operation]; w != nil {
		return w
	}
	return a.general
}

// admit lets a request pass, or returns nil.
func (w *window) admit(now time.Time) *admission {
	for len(w.inFlight) > 0 && now.Sub(w.inFlight[0].at) >= longestFlight {
		w.land(w.inFlight[0])
		if w.room != math.MaxInt {
			w.room--
		}
	}
	probe := false
	switch {
	case w.room > len(w.inFlight):
	case len(w.inFlight) > 0, w.probing, now.Before(w.ends):
		return nil
	default:
		w.probing, probe = true, true
	}
	admitted := &admission{window: w, probe: probe, before: w.sent - len(w.inFlight), at: now}
	w.sent++
	w.inFlight = append(w.inFlight, admitted)
	return admitted
}

// land takes a request out of those in flight, if it is still one of them.
func (w *window) land(a *admission) {
	if i := slices.Index(w.inFlight, a); i >= 0 {
		w.inFlight = slices.Delete(w.inFlight, i, i+1)
		w.probing = w.probing && !a.probe
	}
}

// dispatch lets those pass who wait for a window, as far as it has room, and sends
// those away who cannot wait until it ends. For the rest it comes back when the
// window ends, or when it has waited for an answer for too long.
func (l *LocalLimiter) dispatch(w *window) {
	now := time.Now()
	for len(w.queue) > 0 {
		admitted := w.admit(now)
		if admitted == nil {
			break
		}
		w.queue[0].turn <- turn{admitted: admitted}
		w.queue = w.queue[1:]
	}
	w.queue = slices.DeleteFunc(w.queue, func(waiting *waiter) bool {
		if waiting.deadline.IsZero() || !waiting.deadline.Before(w.ends) {
			return false
		}
		waiting.turn <- turn{err: noRoomError(w.ends.Sub(now))}
		return true
	})
	if len(w.queue) == 0 {
		return
	}
	next := w.ends
	if len(w.inFlight) > 0 {
		next = w.inFlight[0].at.Add(longestFlight)
	}
	if w.timer != nil {
		w.timer.Reset(next.Sub(now))
		return
	}
	w.timer = time.AfterFunc(next.Sub(now), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatch(w)
	})
}

// leave takes a waiter out of the queue, or gives back what it was let have.
func (l *LocalLimiter) leave(waiting *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := waiting.window
	w.queue = slices.DeleteFunc(w.queue, func(other *waiter) bool { return other == waiting })
	select {
	case turn := <-waiting.turn:
		if turn.admitted != nil {
			w = turn.admitted.window
			w.land(turn.admitted)
			l.dispatch(w)
		}
	default:
	}
}

// done takes the answer to a request that was let pass.
func (l *LocalLimiter) done(call Call, admitted *admission, answer Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := admitted.window
	overlapping := w.sent - admitted.before - 1 // requests that were in flight at the same time
	w.land(admitted)
	if answer.Limit >= 0 {
		counted := l.api(call.API).counted(call.Operation, answer.Limit)
		counted.learn(time.Now(), answer, admitted.probe, overlapping)
		l.dispatch(counted)
	} else if w.limit == unknownLimit && answer.Status/100 == 2 {
		w.room = math.MaxInt // the Panel does not count
	}
	l.dispatch(w)
}

// counted notes that the Panel counts an operation in the window with a limit.
func (a *apiLimits) counted(operation string, limit int) *window {
	w := a.byLimit[limit]
	switch {
	case w != nil:
	case a.general.limit == unknownLimit:
		w = a.general // with what is in flight
		w.limit, w.room = limit, math.MaxInt
	default:
		w = &window{limit: limit, room: math.MaxInt}
	}
	a.byLimit[limit] = w
	a.byOperation[operation] = w
	if limit > a.general.limit {
		a.general = w
	}
	return w
}

// learn takes what the Panel says about this window.
func (w *window) learn(now time.Time, answer Answer, probe bool, overlapping int) {
	switch {
	case answer.Status == http.StatusTooManyRequests:
		if answer.Remaining <= 0 { // else another throttle refused
			w.usedUp(now, answer.RetryAfter)
		}
	case probe, w.room == math.MaxInt, answer.Remaining-overlapping > w.room:
		// A new window. Within one, answers come out of order only as far as
		// the requests overlap.
		w.began, w.ends, w.room = now, time.Time{}, answer.Remaining
		if w.length > 0 {
			w.ends = now.Add(w.length)
		}
	default:
		w.room = min(w.room, answer.Remaining)
	}
}

// usedUp notes that the window has no room, as a 429 told.
func (w *window) usedUp(now time.Time, wait time.Duration) {
	w.room = 0
	wait = min(wait, longestWait)
	w.ends = now.Add(max(wait, shortestWait))
	if w.began.IsZero() {
		return
	}
	// A window is some whole seconds long. The wait is rounded, so two lengths
	// may fit; with the shorter one a longer is found out by one more refusal.
	w.length = max(time.Second, now.Sub(w.began).Truncate(time.Second)+wait.Truncate(time.Second))
	if ends := w.began.Add(w.length); ends.After(now) {
		w.ends = ends
	}
}
