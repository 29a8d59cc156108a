package client

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// ClientListBackups implements the operation.
func (a API) ClientListBackups(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.read", func(c *serverCall) (*laravel.Answer, error) {
		all := c.server.LiveBackups()
		reply, err := panel.Paginated(c.Call, all, backupPages, c.showBackup)
		if err != nil {
			return nil, err
		}
		reply.Body.(laravel.Object)["meta"].(laravel.Object)["backup_count"] = c.server.CountedBackups() //nolint:forcetypeassert // made just here
		return reply, nil
	})
}

// ClientCreateBackup implements the operation.
func (a API) ClientCreateBackup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "name", Rules: "nullable|string|max:" + c.Traits.MaxText()},
			laravel.Field{Name: "is_locked", Rules: "nullable|boolean"},
			laravel.Field{Name: "ignored", Rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		if err := c.ThrottleBackups(c.server); err != nil {
			return nil, err
		}
		if limit := c.server.BackupLimit; c.server.CountedBackups() >= limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "TooManyBackupsException",
				"Cannot create a new backup, this server has reached its limit of "+strconv.Itoa(limit)+" backups.")
		}
		if !c.server.Node.Up() {
			return nil, c.NodeDown()
		}
		var ignored []string
		for line := range strings.SplitSeq(c.Input.Text("ignored"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				ignored = append(ignored, line)
			}
		}
		locked := c.Input.Boolean("is_locked") && c.may(c.server, "backup.delete")
		b := c.NewBackup(c.server, c.Input.Text("name"), ignored, locked)
		c.note("server:backup.start", model.With("name", b.Name), model.With("locked", locked))
		return laravel.OK(c.showBackup(b)), nil
	})
}

// onBackup is onServer for an operation on a backup.
func (a API) onBackup(w http.ResponseWriter, r *http.Request, id, uuid, permission string, handle func(*serverCall, *model.Backup) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		for _, b := range c.server.LiveBackups() {
			if b.UUID == uuid {
				return handle(c, b)
			}
		}
		return nil, c.NotFound(c.State.Servers.First(func(s *model.Server) bool { return s.Backup(uuid) != nil }) != nil)
	})
}

// ClientGetBackup implements the operation.
func (a API) ClientGetBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.read", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) { return laravel.OK(c.showBackup(b)), nil })
}

// ClientToggleBackupLock implements the operation.
func (a API) ClientToggleBackupLock(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) {
		event := "server:backup.lock"
		if b.Locked {
			event = "server:backup.unlock"
		}
		b.Locked = !b.Locked
		c.note(event, model.With("name", b.Name))
		return laravel.OK(c.showBackup(b)), nil
	})
}

// ClientDeleteBackup implements the operation.
func (a API) ClientDeleteBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) {
		if b.Locked && b.Successful {
			return nil, laravel.Refuse(http.StatusBadRequest, "BackupLockedException", "Cannot delete a backup that is marked as locked.")
		}
		if err := c.AskNode(c.server, func(srv protocol.Server) error {
			srv.DeleteBackup(b.UUID)
			return nil
		}); err != nil {
			return nil, err
		}
		b.Deleted = true
		c.note("server:backup.delete", model.With("name", b.Name), model.With("failed", !b.Successful))
		return laravel.NoContent, nil
	})
}

// ClientGetBackupDownload implements the operation.
func (a API) ClientGetBackupDownload(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.download", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) {
		c.note("server:backup.download", model.With("name", b.Name))
		return c.signedURL(c.server, protocol.DownloadBackup, map[string]any{"backup_uuid": b.UUID}), nil
	})
}

// ClientRenameBackup implements the operation of Pelican.
func (a API) ClientRenameBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "name", Rules: "required|string|max:255"}); err != nil {
			return nil, err
		}
		old, name := b.Name, c.Input.Text("name")
		if b.Name = name; name != old {
			c.note("server:backup.rename", model.With("old_name", old), model.With("new_name", name))
		}
		return laravel.OK(c.showBackup(b)), nil
	})
}

// ClientRestoreBackup implements the operation.
func (a API) ClientRestoreBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.restore", func(c *serverCall, b *model.Backup) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "truncate", Rules: "required|boolean"}); err != nil {
			return nil, err
		}
		s, truncate := c.server, c.Input.Boolean("truncate")
		switch {
		case s.Status != "":
			return nil, laravel.BadRequest("This server is not currently in a state that allows for a backup to be restored.")
		case !b.Successful:
			return nil, laravel.BadRequest("This backup cannot be restored at this time: not completed or failed.")
		case !s.Node.Up():
			return nil, c.NodeDown()
		}
		s.Status = model.StatusRestoring
		c.note("server:backup.restore", model.With("name", b.Name), model.With("truncate", truncate))
		c.OnNode(s).Restore(b.UUID, truncate)
		return laravel.NoContent, nil
	})
}

// backupPages is how the list of backups is cut.
var backupPages = laravel.Paging{Size: 20, Most: 50}
