package model

import (
	"slices"
	"time"
)

// Backup is a backup of a server.
type Backup struct {
	UUID       string
	Name       string
	Ignored    []string
	Successful bool
	Locked     bool
	Scheduled  bool // a schedule made it
	Checksum   *string
	Size       int64
	Created    time.Time
	Completed  *time.Time
	Deleted    bool // it still counts for the throttle
}

// Failed reports whether the backup ended badly; such ones do not count.
func (b *Backup) Failed() bool { return b.Completed != nil && !b.Successful }

// Backup returns a backup of the server, deleted ones included, nil for none.
func (s *Server) Backup(uuid string) *Backup {
	for _, b := range s.Backups {
		if b.UUID == uuid {
			return b
		}
	}
	return nil
}

// LiveBackups are the backups of a server that were not deleted.
func (s *Server) LiveBackups() []*Backup {
	return slices.DeleteFunc(slices.Clone(s.Backups), func(b *Backup) bool { return b.Deleted })
}

// CountedBackups are those that count against the limit.
func (s *Server) CountedBackups() int {
	n := 0
	for _, b := range s.LiveBackups() {
		if !b.Failed() {
			n++
		}
	}
	return n
}
