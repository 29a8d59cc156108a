package paneltest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// ClientListBackups implements the operation.
func (a clientAPI) ClientListBackups(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.read", func(c *serverCall) (*laravel.Answer, error) {
		all := c.server.liveBackups()
		reply, err := paginated(c.call, all, backupPages, showBackup)
		if err != nil {
			return nil, err
		}
		reply.Body.(laravel.Object)["meta"].(laravel.Object)["backup_count"] = c.server.countedBackups() //nolint:forcetypeassert // made just here
		return reply, nil
	})
}

// ClientCreateBackup implements the operation.
func (a clientAPI) ClientCreateBackup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.create", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "name", Rules: "nullable|string|max:191"},
			laravel.Field{Name: "is_locked", Rules: "nullable|boolean"},
			laravel.Field{Name: "ignored", Rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		if err := c.throttleBackups(c.server); err != nil {
			return nil, err
		}
		if limit := c.server.backupLimit; c.server.countedBackups() >= limit {
			return nil, laravel.Refuse(http.StatusBadRequest, "TooManyBackupsException",
				"Cannot create a new backup, this server has reached its limit of "+strconv.Itoa(limit)+" backups.")
		}
		if !c.server.node.up() {
			return nil, errNodeDown
		}
		var ignored []string
		for line := range strings.SplitSeq(c.in.Text("ignored"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				ignored = append(ignored, line)
			}
		}
		locked := c.in.Boolean("is_locked") && c.may(c.server, "backup.delete")
		b := c.newBackup(c.server, c.in.Text("name"), ignored, locked)
		c.note("server:backup.start", with("name", b.name), with("locked", locked))
		return laravel.OK(showBackup(b)), nil
	})
}

// onBackup is onServer for an operation on a backup.
func (a clientAPI) onBackup(w http.ResponseWriter, r *http.Request, id, uuid, permission string, handle func(*serverCall, *backup) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		for _, b := range c.server.liveBackups() {
			if b.uuid == uuid {
				return handle(c, b)
			}
		}
		return nil, laravel.ErrNotFound
	})
}

// ClientGetBackup implements the operation.
func (a clientAPI) ClientGetBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.read", func(_ *serverCall, b *backup) (*laravel.Answer, error) { return laravel.OK(showBackup(b)), nil })
}

// ClientToggleBackupLock implements the operation.
func (a clientAPI) ClientToggleBackupLock(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *backup) (*laravel.Answer, error) {
		event := "server:backup.lock"
		if b.locked {
			event = "server:backup.unlock"
		}
		b.locked = !b.locked
		c.note(event, with("name", b.name))
		return laravel.OK(showBackup(b)), nil
	})
}

// ClientDeleteBackup implements the operation.
func (a clientAPI) ClientDeleteBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *backup) (*laravel.Answer, error) {
		if b.locked && b.successful {
			return nil, laravel.Refuse(http.StatusBadRequest, "BackupLockedException", "Cannot delete a backup that is marked as locked.")
		}
		if err := c.onDaemon(c.server, func(m protocol.Server) error {
			m.DeleteBackup(b.uuid)
			return nil
		}); err != nil {
			return nil, err
		}
		b.deleted = true
		c.note("server:backup.delete", with("name", b.name), with("failed", !b.successful))
		return laravel.NoContent, nil
	})
}

// ClientGetBackupDownload implements the operation.
func (a clientAPI) ClientGetBackupDownload(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.download", func(c *serverCall, b *backup) (*laravel.Answer, error) {
		c.note("server:backup.download", with("name", b.name))
		return c.signedURL(c.server, protocol.DownloadBackup, map[string]any{"backup_uuid": b.uuid}), nil
	})
}

// ClientRestoreBackup implements the operation.
func (a clientAPI) ClientRestoreBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.restore", func(c *serverCall, b *backup) (*laravel.Answer, error) {
		if err := c.in.Validate(laravel.Field{Name: "truncate", Rules: "required|boolean"}); err != nil {
			return nil, err
		}
		s, truncate := c.server, c.in.Boolean("truncate")
		switch {
		case s.status != "":
			return nil, laravel.BadRequest("This server is not currently in a state that allows for a backup to be restored.")
		case !b.successful:
			return nil, laravel.BadRequest("This backup cannot be restored at this time: not completed or failed.")
		case !s.node.up():
			return nil, errNodeDown
		}
		s.status = statusRestoring
		c.note("server:backup.restore", with("name", b.name), with("truncate", truncate))
		c.machine(s).Restore(b.uuid, truncate)
		return laravel.NoContent, nil
	})
}

// backupPages is how the list of backups is cut.
var backupPages = laravel.Paging{Size: 20, Most: 50}
