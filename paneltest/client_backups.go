package paneltest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ClientListBackups implements the operation.
func (a clientAPI) ClientListBackups(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.read", func(c *serverCall) (*answer, error) {
		all := c.server.liveBackups()
		reply, err := paginated(c.call, all, backupPages, showBackup)
		if err != nil {
			return nil, err
		}
		reply.body.(object)["meta"].(object)["backup_count"] = c.server.countedBackups() //nolint:forcetypeassert // made just here
		return reply, nil
	})
}

// countedBackups are those that count against the limit.
func (s *server) countedBackups() int {
	n := 0
	for _, b := range s.liveBackups() {
		if !b.failed() {
			n++
		}
	}
	return n
}

// newBackup adds a backup that is about to run.
func (p *Panel) newBackup(s *server, name string, ignored []string, locked bool) *backup {
	now := time.Now()
	if name == "" {
		name = "Backup at " + now.UTC().Format("2006-01-02 15:04:05")
	}
	b := &backup{uuid: randomID(), name: name, ignored: ignored, locked: locked, created: now}
	s.backups = append(s.backups, b)
	return b
}

// ClientCreateBackup implements the operation.
func (a clientAPI) ClientCreateBackup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "backup.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "name", rules: "nullable|string|max:191"},
			field{name: "is_locked", rules: "nullable|boolean"},
			field{name: "ignored", rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		if err := c.throttleBackups(c.server); err != nil {
			return nil, err
		}
		if limit := c.server.backupLimit; c.server.countedBackups() >= limit {
			return nil, refuse(http.StatusBadRequest, "TooManyBackupsException",
				"Cannot create a new backup, this server has reached its limit of "+strconv.Itoa(limit)+" backups.")
		}
		if !c.server.node.up() {
			return nil, errNodeDown
		}
		var ignored []string
		for line := range strings.SplitSeq(c.in.text("ignored"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				ignored = append(ignored, line)
			}
		}
		locked := c.in.boolean("is_locked") && c.may(c.server, "backup.delete")
		b := c.p.newBackup(c.server, c.in.text("name"), ignored, locked)
		c.p.runBackup(c.server, c.p.machine(c.server), b)
		c.note("server:backup.start", with("name", b.name), with("locked", locked))
		return ok(showBackup(b)), nil
	})
}

// onBackup is onServer for an operation on a backup.
func (a clientAPI) onBackup(w http.ResponseWriter, r *http.Request, id, uuid, permission string, handle func(*serverCall, *backup) (*answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*answer, error) {
		for _, b := range c.server.liveBackups() {
			if b.uuid == uuid {
				return handle(c, b)
			}
		}
		return nil, errNotFound
	})
}

// ClientGetBackup implements the operation.
func (a clientAPI) ClientGetBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.read", func(_ *serverCall, b *backup) (*answer, error) { return ok(showBackup(b)), nil })
}

// ClientToggleBackupLock implements the operation.
func (a clientAPI) ClientToggleBackupLock(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *backup) (*answer, error) {
		event := "server:backup.lock"
		if b.locked {
			event = "server:backup.unlock"
		}
		b.locked = !b.locked
		c.note(event, with("name", b.name))
		return ok(showBackup(b)), nil
	})
}

// ClientDeleteBackup implements the operation.
func (a clientAPI) ClientDeleteBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.delete", func(c *serverCall, b *backup) (*answer, error) {
		if b.locked && b.successful {
			return nil, refuse(http.StatusBadRequest, "BackupLockedException", "Cannot delete a backup that is marked as locked.")
		}
		if err := c.onDaemon(c.server, func(m *machine) error {
			m.removeBackup(b.uuid)
			return nil
		}); err != nil {
			return nil, err
		}
		b.deleted = true
		c.note("server:backup.delete", with("name", b.name), with("failed", !b.successful))
		return none, nil
	})
}

// ClientGetBackupDownload implements the operation.
func (a clientAPI) ClientGetBackupDownload(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.download", func(c *serverCall, b *backup) (*answer, error) {
		c.note("server:backup.download", with("name", b.name))
		return c.signedURL(c.server, signedBackup, map[string]any{"backup_uuid": b.uuid}), nil
	})
}

// ClientRestoreBackup implements the operation.
func (a clientAPI) ClientRestoreBackup(w http.ResponseWriter, r *http.Request, id, backupID string) {
	a.onBackup(w, r, id, backupID, "backup.restore", func(c *serverCall, b *backup) (*answer, error) {
		if err := c.in.validate(field{name: "truncate", rules: "required|boolean"}); err != nil {
			return nil, err
		}
		s, truncate := c.server, c.in.boolean("truncate")
		switch {
		case s.status != "":
			return nil, badRequest("This server is not currently in a state that allows for a backup to be restored.")
		case !b.successful:
			return nil, badRequest("This backup cannot be restored at this time: not completed or failed.")
		case !s.node.up():
			return nil, errNodeDown
		}
		s.status = statusRestoring
		c.note("server:backup.restore", with("name", b.name), with("truncate", truncate))
		p := c.p
		p.machine(s).restore(b.uuid, truncate, func(done bool) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if s.status == statusRestoring {
				s.status = ""
			}
			event := "server:backup.restore-complete"
			if !done {
				event = "server.backup.restore-failed" // as the Panel misspells it
			}
			p.note(nil, event, s, nil, with("name", b.name))
		})
		return none, nil
	})
}

// backupPages is how the list of backups is cut.
var backupPages = paging{size: 20, most: 50}
