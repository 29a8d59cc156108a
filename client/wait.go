package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ptero-go/ptero/internal/rest"
)

// Outcomes that end a wait, to be tested with errors.Is.
var (
	// ErrInstallFailed: the installation of the server failed.
	ErrInstallFailed = errors.New("the installation failed")

	// ErrSuspended: the server is suspended.
	ErrSuspended = errors.New("the server is suspended")

	// ErrBackupFailed: the backup has ended and is not good.
	ErrBackupFailed = errors.New("the backup failed")
)

// WaitOptions tells how to wait. The zero value asks the Panel every 2 seconds.
// The context bounds the wait.
type WaitOptions struct {
	// Interval is the time between two questions to the Panel. 0 means 2
	// seconds.
	Interval time.Duration

	// Console tells of power states as they change, so that the Panel need not
	// be asked: a console of the same server, see package console. It may be
	// nil.
	Console PowerWaiter
}

// PowerWaiter waits for a power state. Consoles implement it.
type PowerWaiter interface {
	// WaitPower returns when the server is in the state, or with an error.
	WaitPower(ctx context.Context, state PowerState) error
}

// WaitPower waits until a server is in a power state, such as
// [PowerStateRunning] after a start. The Panel keeps what it says of a server
// for 20 seconds, so without a console a state may be noticed that late, and a
// short one be missed. An error of the Panel ends the wait.
func (s *ServersService) WaitPower(ctx context.Context, server string, state PowerState, opts WaitOptions) error {
	if opts.Console != nil {
		return opts.Console.WaitPower(ctx, state)
	}
	return rest.Poll(ctx, opts.Interval, func() (bool, error) {
		stats, err := s.Resources(ctx, server)
		return err == nil && stats.CurrentState == state, err
	})
}

// WaitReady waits until nothing keeps a server from being used: until an
// installation, a restoration or a transfer is over. It returns the server, or
// an error matching [ErrInstallFailed] or [ErrSuspended]. An error of the Panel
// ends the wait.
func (s *ServersService) WaitReady(ctx context.Context, server string, opts WaitOptions) (*ServerAccess, error) {
	var found *ServerAccess
	err := rest.Poll(ctx, opts.Interval, func() (ready bool, err error) {
		if found, err = s.Get(ctx, server); err != nil {
			return false, err
		}
		if found.Status == nil {
			return !found.IsTransferring, nil
		}
		switch *found.Status {
		case ServerStatusInstallFailed, ServerStatusReinstallFailed:
			err = fmt.Errorf("server %s: %w", server, ErrInstallFailed)
		case ServerStatusSuspended:
			err = fmt.Errorf("server %s: %w", server, ErrSuspended)
		case ServerStatusInstalling, ServerStatusRestoringBackup:
		}
		return false, err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Wait waits until a backup has ended and returns it. One that is not good
// gives an error matching [ErrBackupFailed]. An error of the Panel ends the
// wait.
func (s *BackupsService) Wait(ctx context.Context, server, backup string, opts WaitOptions) (*Backup, error) {
	var found *Backup
	err := rest.Poll(ctx, opts.Interval, func() (ended bool, err error) {
		if found, err = s.Get(ctx, server, backup); err != nil {
			return false, err
		}
		if found.CompletedAt != nil && !found.IsSuccessful {
			err = fmt.Errorf("backup %q of server %s: %w", found.Name, server, ErrBackupFailed)
		}
		return found.CompletedAt != nil, err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
