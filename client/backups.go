package client

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// BackupsService manages the backups of a server. A backup is named by its UUID.
type BackupsService service

// BackupListOptions selects a page of a list of backups.
type BackupListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of backups in a page, at most 50. 0 means 20 for
	// List and 50 for All. Panels before 1.2.0 always return 20.
	PerPage int
}

func (o *BackupListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// BackupPage is one page of a list of backups.
type BackupPage struct {
	Page[Backup]

	// Counted is the number of backups on all pages that count against the
	// server's limit: those in progress and those that succeeded.
	Counted int
}

// List returns one page of backups.
//
// Endpoint: GET /api/client/servers/{server}/backups
func (s *BackupsService) List(ctx context.Context, server string, opts BackupListOptions) (*BackupPage, error) {
	decode := rest.PageWith[Backup](func(m *clientapi.BackupListMeta) *envelope.Pagination { return &m.Pagination })
	page, meta, err := decode(s.api.ClientListBackups(ctx, server,
		&clientapi.ClientListBackupsParams{Page: rest.Optional(opts.Page), PerPage: rest.Optional(opts.PerPage)},
		rest.ID("server", server), rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage)))
	if err != nil {
		return nil, err
	}
	return &BackupPage{*page, meta.BackupCount}, nil
}

// maxBackupsPerPage is the most that the Panel returns.
const maxBackupsPerPage = 50

// All iterates over the backups on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the package comment.
func (s *BackupsService) All(ctx context.Context, server string, opts BackupListOptions) iter.Seq2[*Backup, error] {
	opts.PerPage = cmp.Or(opts.PerPage, maxBackupsPerPage)
	return rest.AllOf(ctx, s.core, opts, (*BackupListOptions).paging, func(x *Backup) string { return x.UUID },
		func(ctx context.Context, opts BackupListOptions) (*Page[Backup], error) {
			list, err := s.List(ctx, server, opts)
			if err != nil {
				return nil, err
			}
			return &list.Page, nil
		})
}

// Get returns one backup. It has ended when CompletedAt is set, and is usable if
// IsSuccessful is true by then.
//
// Endpoint: GET /api/client/servers/{server}/backups/{backup}
func (s *BackupsService) Get(ctx context.Context, server, backup string) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientGetBackup(ctx, server, backup, rest.ID("server", server), rest.ID("backup", backup)))
}

// Rename gives a backup another name. It needs the permission to delete backups.
// Pelican only.
//
// Endpoint: PUT /api/client/servers/{server}/backups/{backup}/rename
func (s *BackupsService) Rename(ctx context.Context, server, backup, name string) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientRenameBackup(ctx, server, backup, clientapi.RenameBackupRequest{Name: name},
		rest.ID("server", server), rest.ID("backup", backup), rest.NotEmpty("name", name)))
}

// Create starts a backup, which goes on after the answer; [BackupsService.Wait]
// waits for its end. The zero request backs up all files under a name that
// contains the date. A server that has reached its limit gives an error with
// code "TooManyBackupsException". A Panel allows two of these calls in ten
// minutes unless it is configured otherwise, and beyond that gives
// [ErrRateLimited] with code "TooManyRequestsHttpException".
//
// Endpoint: POST /api/client/servers/{server}/backups
func (s *BackupsService) Create(ctx context.Context, server string, req CreateBackupRequest) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientCreateBackup(ctx, server, req, rest.ID("server", server)))
}

// ToggleLock locks a backup, or unlocks a locked one. A locked backup cannot be
// deleted. The request is never sent twice. Panels before 1.4.2 have no locks
// and give [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/backups/{backup}/lock
func (s *BackupsService) ToggleLock(ctx context.Context, server, backup string) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientToggleBackupLock(ctx, server, backup,
		rest.ID("server", server), rest.ID("backup", backup)))
}

// Lock protects a backup from deletion: it reads the backup, and toggles the
// lock if the backup is not locked.
func (s *BackupsService) Lock(ctx context.Context, server, backup string) (*Backup, error) {
	return s.setLock(ctx, server, backup, true)
}

// Unlock allows a backup to be deleted: it reads the backup, and toggles the
// lock if the backup is locked.
func (s *BackupsService) Unlock(ctx context.Context, server, backup string) (*Backup, error) {
	return s.setLock(ctx, server, backup, false)
}

func (s *BackupsService) setLock(ctx context.Context, server, backup string, locked bool) (*Backup, error) {
	found, err := s.Get(ctx, server, backup)
	if err != nil || found.IsLocked == locked {
		return found, err
	}
	found, err = s.ToggleLock(ctx, server, backup)
	if err != nil || found.IsLocked == locked {
		return found, err
	}
	return s.ToggleLock(ctx, server, backup) // somebody else had toggled it in between
}

// RestoreMode says what a restoration does to the existing files of a server.
type RestoreMode string

const (
	// RestoreOver unpacks the backup over the existing files: it replaces those
	// that the backup holds and keeps the others.
	RestoreOver RestoreMode = "over"

	// RestoreTruncate first deletes all files of the server.
	RestoreTruncate RestoreMode = "truncate"
)

func (m RestoreMode) check() rest.Editor {
	if m != RestoreOver && m != RestoreTruncate {
		return rest.Refuse("mode", fmt.Sprintf("is %q, but must be RestoreOver or RestoreTruncate", string(m)))
	}
	return rest.Refuse("mode", "")
}

// Restore restores the files of a backup, which goes on after the answer;
// [ServersService.WaitReady] waits for its end. There is no default mode, as one
// of them deletes files. Until the end the server's status is
// [ServerStatusRestoringBackup], and nearly all calls about it give
// [ErrConflict]. A server that already has a status, and a backup that is not
// complete and successful, give an error with status 400. Panel 1.12 allows
// three of these calls in 15 minutes.
//
// Endpoint: POST /api/client/servers/{server}/backups/{backup}/restore
func (s *BackupsService) Restore(ctx context.Context, server, backup string, mode RestoreMode) error {
	return rest.None(s.api.ClientRestoreBackup(ctx, server, backup, clientapi.RestoreBackupRequest{Truncate: mode == RestoreTruncate},
		rest.ID("server", server), rest.ID("backup", backup), mode.check()))
}

// Delete deletes a backup. A locked backup gives an error with code
// "BackupLockedException", unless the backup failed.
//
// Endpoint: DELETE /api/client/servers/{server}/backups/{backup}
func (s *BackupsService) Delete(ctx context.Context, server, backup string) error {
	return rest.None(s.api.ClientDeleteBackup(ctx, server, backup, rest.ID("server", server), rest.ID("backup", backup)))
}
