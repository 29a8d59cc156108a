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

// BackupsService are the backups of a server. A backup is named by its UUID.
type BackupsService service

// BackupListOptions chooses what a list of backups holds.
type BackupListOptions struct {
	// Page is the page to get, and the one that All begins at. 0 means 1.
	Page int

	// PerPage is the number of backups in a page, at most 50. 0 means 20 for
	// List and 50 for All. Panels before 1.2.0 always send 20.
	PerPage int
}

func (o *BackupListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// BackupPage is one page of a list of backups.
type BackupPage struct {
	Page[Backup]

	// Counted is the number of backups that count against the server's limit,
	// on all pages together: those that run and those that succeeded.
	Counted int
}

// List gets one page of backups.
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

// maxBackupsPerPage is what the Panel sends at most.
const maxBackupsPerPage = 50

// All walks the backups over all pages. It can miss an item if others are
// deleted and created meanwhile: see Lists in the package comment.
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

// Get shows one backup. It is done when CompletedAt is set, and good if
// IsSuccessful is true then.
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

// Create begins a backup; the node works on after the answer. The zero request
// backs up all files under a name that holds the date. A server that has as many
// backups as it may gives an error with code "TooManyBackupsException". A panel
// allows few of these calls, two in ten minutes unless it is set up otherwise,
// and then gives [ErrRateLimited] with the code "TooManyRequestsHttpException".
//
// Endpoint: POST /api/client/servers/{server}/backups
func (s *BackupsService) Create(ctx context.Context, server string, req CreateBackupRequest) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientCreateBackup(ctx, server, req, rest.ID("server", server)))
}

// ToggleLock locks a backup, or unlocks one that is locked. A locked backup
// cannot be deleted. It is never sent twice. Panels before 1.4.2 know no locks
// and give [ErrNotFound].
//
// Endpoint: POST /api/client/servers/{server}/backups/{backup}/lock
func (s *BackupsService) ToggleLock(ctx context.Context, server, backup string) (*Backup, error) {
	return rest.Item[Backup](s.api.ClientToggleBackupLock(ctx, server, backup,
		rest.ID("server", server), rest.ID("backup", backup)))
}

// Lock keeps a backup from deletion: it reads the backup and toggles the lock if
// that is open.
func (s *BackupsService) Lock(ctx context.Context, server, backup string) (*Backup, error) {
	return s.setLock(ctx, server, backup, true)
}

// Unlock lets a backup be deleted: it reads the backup and toggles the lock if
// that is closed.
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

// RestoreMode says what a restoration does to the files that a server has.
type RestoreMode string

const (
	// RestoreOver unpacks the backup over the files: those that are in it are
	// replaced, others stay.
	RestoreOver RestoreMode = "over"

	// RestoreTruncate deletes all files of the server first.
	RestoreTruncate RestoreMode = "truncate"
)

func (m RestoreMode) check() rest.Editor {
	if m != RestoreOver && m != RestoreTruncate {
		return rest.Refuse("mode", fmt.Sprintf("is %q, but must be RestoreOver or RestoreTruncate", string(m)))
	}
	return rest.Refuse("mode", "")
}

// Restore puts the files of a backup back onto the server; the node works on
// after the answer. There is no default mode: one of them deletes files. Until
// it is done the server's status is [ServerStatusRestoringBackup] and nearly all
// calls about it give [ErrConflict]. A server that has a status already, and a
// backup that is not complete and successful, give an error with status 400.
// Panel 1.12 allows three of these calls in 15 minutes.
//
// Endpoint: POST /api/client/servers/{server}/backups/{backup}/restore
func (s *BackupsService) Restore(ctx context.Context, server, backup string, mode RestoreMode) error {
	return rest.None(s.api.ClientRestoreBackup(ctx, server, backup, clientapi.RestoreBackupRequest{Truncate: mode == RestoreTruncate},
		rest.ID("server", server), rest.ID("backup", backup), mode.check()))
}

// Delete deletes a backup. A locked one gives an error with code
// "BackupLockedException", unless it failed.
//
// Endpoint: DELETE /api/client/servers/{server}/backups/{backup}
func (s *BackupsService) Delete(ctx context.Context, server, backup string) error {
	return rest.None(s.api.ClientDeleteBackup(ctx, server, backup, rest.ID("server", server), rest.ID("backup", backup)))
}
