package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ptero-go/ptero/internal/rest"
)

// Outcomes that end a wait, to be tested with errors.Is.
var (
	// ErrInstallFailed: the installation of the server failed.
	ErrInstallFailed = rest.ErrInstallFailed

	// ErrSuspended: the server is suspended.
	ErrSuspended = rest.ErrSuspended

	// ErrBackupFailed: the backup has ended and is not usable.
	ErrBackupFailed = errors.New("the backup failed")
)

// WaitOptions sets how to wait. The zero value asks the Panel every 2 seconds.
//
// The context bounds a wait. A failure that may pass does not end it: a 5xx or a
// 429, an answer that is not the Panel's or broke off, a connection that was
// refused or timed out. While it lasts, the questions come up to 10 seconds
// apart; if all of them fail for 5 minutes, the wait ends with the last error.
// Any other error ends it at once.
type WaitOptions struct {
	// Interval is the time between two questions to the Panel. 0 means 2
	// seconds.
	Interval time.Duration

	// Console reports power states as they change, so that the Panel need not be
	// asked: a console of the same server, see package console. It may be nil.
	Console PowerWaiter
}

// PowerWaiter waits for a power state. Consoles implement it.
type PowerWaiter interface {
	// WaitPower returns when the server is in the state, or with an error.
	WaitPower(ctx context.Context, state PowerState) error
}

// resourcesAge is how old an answer of the resources endpoint may be: the Panel
// keeps it for 20 seconds. The second on top is for the way from the node and for
// caches that count whole seconds.
const resourcesAge = 21 * time.Second

// WaitPower waits until a server is in a power state, such as
// [PowerStateRunning] after a start. Call it after the signal: it believes no
// answer that may be older than the call.
//
// The Panel keeps what it knows of a server's power for 20 seconds. If the first
// answer is already the state that is waited for, it may date from before the
// signal, so the wait goes on until the answer changes or 21 seconds have passed.
// A state that lasts for less than that may be missed. A console has neither
// limit: set it in the options, or use Start, Stop and Restart of package
// console, which also notice that a server failed to start.
//
// Without a console, see [WaitOptions] for what it does when the Panel fails.
func (s *ServersService) WaitPower(ctx context.Context, server string, state PowerState, opts WaitOptions) error {
	if !state.Valid() {
		return &ArgumentError{
			Operation: "clientGetServerResources", Argument: "state", Problem: fmt.Sprintf("is %q, which no server is ever in", string(state)),
		}
	}
	if opts.Console != nil {
		return opts.Console.WaitPower(ctx, state)
	}
	began := newFreshness()
	_, err := rest.Poll(ctx, opts.Interval, func() (*Stats, bool, error) {
		asked := time.Now()
		stats, err := s.Resources(ctx, server)
		if err != nil {
			return nil, false, err
		}
		return stats, began.after(asked, stats) && stats.CurrentState == state, nil
	})
	return err
}

// freshness decides which answers of a cache were made after a certain moment.
// Answers that it gets later were made later, or at the same time.
//
// An answer that differs from an earlier one proves that the cache was filled
// between the two. A small uptime proves nothing: a server that had started a
// second before the signal has one, too.
type freshness struct {
	since time.Time
	first *Stats // the first answer since then, which may be older
	fresh bool
}

func newFreshness() *freshness { return &freshness{since: time.Now()} }

// after reports whether an answer, which was asked for at a time since, was made
// after the moment.
func (f *freshness) after(asked time.Time, answer *Stats) bool {
	if f.first == nil {
		f.first = answer
	}
	// Whether a server is suspended is not cached.
	changed := answer.CurrentState != f.first.CurrentState || !reflect.DeepEqual(answer.Resources, f.first.Resources)
	f.fresh = f.fresh || changed || asked.Sub(f.since) >= resourcesAge
	return f.fresh
}

// WaitReady waits until nothing keeps a server from being used, such as an
// installation, a restoration or a transfer. It returns the server, or an error
// that matches [ErrInstallFailed] or [ErrSuspended]. See [WaitOptions] for what
// it does when the Panel fails.
func (s *ServersService) WaitReady(ctx context.Context, server string, opts WaitOptions) (*ServerAccess, error) {
	return rest.Poll(ctx, opts.Interval, func() (*ServerAccess, bool, error) {
		found, err := s.Get(ctx, server)
		if err != nil {
			return nil, false, err
		}
		ready, err := rest.Ready(server, found.Status, !found.IsTransferring)
		return found, ready, err
	})
}

// Wait waits until a backup has ended and returns it. One that is not usable
// gives [ErrBackupFailed]. See [WaitOptions] for what it does when the Panel
// fails.
func (s *BackupsService) Wait(ctx context.Context, server, backup string, opts WaitOptions) (*Backup, error) {
	return rest.Poll(ctx, opts.Interval, func() (*Backup, bool, error) {
		found, err := s.Get(ctx, server, backup)
		if err != nil {
			return nil, false, err
		}
		ended := found.CompletedAt != nil
		if ended && !found.IsSuccessful {
			err = fmt.Errorf("backup %q of server %s: %w", found.Name, server, ErrBackupFailed)
		}
		return found, ended, err
	})
}
