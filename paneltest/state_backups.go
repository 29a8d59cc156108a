package paneltest

import (
	"slices"
	"time"
)

type backup struct {
	uuid       string
	name       string
	ignored    []string
	successful bool
	locked     bool
	checksum   *string
	size       int64
	created    time.Time
	completed  *time.Time
	deleted    bool // it still counts for the throttle
}

// failed tells that the backup ended badly; such ones do not count.
func (b *backup) failed() bool { return b.completed != nil && !b.successful }

// backup returns a backup of the server, deleted ones included, nil for none.
func (s *server) backup(uuid string) *backup {
	for _, b := range s.backups {
		if b.uuid == uuid {
			return b
		}
	}
	return nil
}

// liveBackups are the backups of a server that were not deleted.
func (s *server) liveBackups() []*backup {
	return slices.DeleteFunc(slices.Clone(s.backups), func(b *backup) bool { return b.deleted })
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
