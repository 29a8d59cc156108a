package console

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
)

// tokenPhase is where the keeper of a link's token stands.
type tokenPhase int

const (
	tokenInForce  tokenPhase = iota // until it is to be renewed
	tokenPlanned                    // a new one is to be fetched
	tokenFetching                   // it is being fetched
	tokenSending                    // it waits for its turn to be sent
	tokenSent                       // the answer is awaited
)

// tokenKeeper keeps a valid token on a link: it sends the first one, and renews
// it in time or when the daemon takes it no longer.
type tokenKeeper struct {
	*link
	phase   tokenPhase
	at      time.Time // when something is due in this phase
	wait    backoff   // between fetches that fail or do not help
	refused int       // tokens in a row that were refused
	barred  bool      // the daemon takes nothing but a new token
	problem string    // of the last refusal
	giveUp  func()    // ends a fetch that is under way; nil before the first

	// Guarded by Console.mu: the outcome of a fetch.
	fetched  *credentials
	fetchErr error
}

// work does what is due, and returns when something is next.
func (t *tokenKeeper) work(now time.Time) (time.Time, error) {
	switch t.phase {
	case tokenInForce:
		if now.Before(t.at) {
			return t.at, nil
		}
		t.renew(now)
		return t.work(now)
	case tokenPlanned:
		if allowed := t.c.fetches.at(now); allowed.After(t.at) {
			t.at = allowed
		}
		if now.Before(t.at) {
			return t.at, nil
		}
		t.phase = tokenFetching
		t.c.fetches.take(now)
		ctx, cancel := context.WithCancel(t.c.ctx)
		t.giveUp = cancel
		t.all.Go(func() {
			defer cancel()
			t.fetch(ctx)
		})
	case tokenFetching:
		return t.fetchedNow(now)
	case tokenSending:
		if at := t.pace.at(kindAuth, now); at.After(now) {
			return at, nil
		}
		t.phase, t.at = tokenSent, now.Add(answerLimit)
		return t.at, t.write(kindAuth, "auth", t.c.creds.token)
	case tokenSent:
		if now.Before(t.at) {
			return t.at, nil
		}
		t.plan(now, t.wait.next())
		return t.at, nil
	}
	return time.Time{}, nil
}

// renew fetches a new token, if that is not under way.
func (t *tokenKeeper) renew(now time.Time) {
	if t.phase == tokenInForce {
		t.plan(now, 0)
	}
}

// plan fetches a new token after a delay.
func (t *tokenKeeper) plan(now time.Time, delay time.Duration) {
	t.phase, t.at = tokenPlanned, now.Add(delay)
	if t.isLive() {
		t.c.enter(StateChange{To: StateRenewing})
	}
}

// fetch runs in a goroutine of its own, so that a slow Panel does not delay what
// is to be sent.
func (t *tokenKeeper) fetch(ctx context.Context) {
	creds, err := t.c.fetch(ctx)
	t.c.mu.Lock()
	t.fetched, t.fetchErr = creds, err
	t.c.mu.Unlock()
	t.c.notify()
}

// fetchedNow takes the outcome of a fetch, if it is there.
func (t *tokenKeeper) fetchedNow(now time.Time) (time.Time, error) {
	t.c.mu.Lock()
	creds, err := t.fetched, t.fetchErr
	t.fetched, t.fetchErr = nil, nil
	t.c.mu.Unlock()
	switch {
	case err != nil && (isFinal(err) || !t.isLive()):
		return now, err
	case err != nil:
		t.c.cfg.logger.Warn("console: the token could not be renewed", "error", err)
		t.plan(now, max(t.wait.next(), retryAfter(err)))
		return t.at, nil
	case creds == nil:
		return time.Time{}, nil
	}
	moved := creds.socket != t.c.creds.socket
	t.c.keepCredentials(creds)
	if moved {
		return now, &Error{Op: "socket", Problem: "the server has moved to another node"}
	}
	t.phase = tokenSending
	return now, nil
}

// succeed notes that the daemon took the token.
func (t *tokenKeeper) succeed() {
	if t.phase != tokenSent {
		return
	}
	t.phase, t.at = tokenInForce, t.c.creds.renewal()
	t.refused, t.barred = 0, false
	t.wait.reset()
	if t.isLive() {
		t.c.enter(StateChange{To: StateLive})
	}
}

// refuse does what a jwt error calls for.
func (t *tokenKeeper) refuse(text string, now time.Time) error {
	why, answersAuth := refusalOf(text)
	t.problem = text
	t.barred = t.barred || !answersAuth
	if why == refusalServer {
		return &Error{Op: "auth", Kind: ErrWrongServer, Problem: text}
	}
	if t.phase != tokenInForce && (t.phase != tokenSent || !answersAuth) {
		return nil // a new token is on its way
	}
	t.c.creds.refused = true
	t.refused++
	if why == refusalNoConnect && t.refused > 1 {
		return &Error{Op: "auth", Kind: ErrPermission, Problem: "the account lacks " + string(client.PermissionWebsocketConnect) + " on this server"}
	}
	delay := time.Duration(0)
	if why == refusalRevoked || t.refused > 1 {
		delay = t.wait.next() // at least 1.1 s: tokens of the same second are refused, too
	}
	t.plan(now, delay)
	return nil
}

// reject is for a token that the daemon could not read, or that is signed by
// another key: it answers that with an error that does not say so.
func (t *tokenKeeper) reject(text string, now time.Time) error {
	t.problem = text
	if t.phase != tokenSent {
		return nil
	}
	t.c.creds.refused = true
	if t.refused++; t.refused > 1 {
		return &Error{Op: "auth", Kind: ErrToken, Problem: "does the node have another token than the Panel knows? " + text}
	}
	t.plan(now, 0)
	return nil
}

// doubt is what is known of a token that was not taken.
func (t *tokenKeeper) doubt() string {
	if t.problem == "" {
		return "no answer"
	}
	return t.problem
}

// refusedCredentials returns the error of a fetch that failed. Only what the
// Panel itself says is taken for the end; a proxy before it may answer anything.
func refusedCredentials(err error) error {
	e := &Error{Op: "credentials", cause: err}
	var answer *client.Error
	if !errors.As(err, &answer) || len(answer.Entries) == 0 {
		return e
	}
	switch {
	case errors.Is(err, client.ErrNotFound):
		e.Kind = ErrDeleted
		e.Problem = "it was deleted, or the account has no part in it any more"
	case errors.Is(err, client.ErrForbidden), errors.Is(err, client.ErrUnauthorized):
		e.Kind = ErrPermission
	case errors.Is(err, client.ErrConflict) && strings.Contains(answer.Entries[0].Detail, "currently suspended"):
		e.Kind = ErrSuspended // an installation, as other conflicts, passes
	}
	return e
}
