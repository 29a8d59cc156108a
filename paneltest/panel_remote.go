package paneltest

import (
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// remote is the Panel as a node reports to it. It implements [protocol.Remote].
type remote struct {
	*core
	node *node
}

// remote returns what the Wings of a node reports to.
func (p *core) remote(n *node) protocol.Remote { return remote{p, n} }

// about does something to a server of the node, if there is one.
func (r remote) about(uuid string, do func(*server)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.state.serversByUUID[uuid]; s != nil && s.node == r.node {
		do(s)
	}
}

// ServerWanted implements [protocol.Remote].
func (r remote) ServerWanted(uuid string) {
	r.about(uuid, func(s *server) { r.machine(s) })
}

// InstallFinished implements [protocol.Remote].
func (r remote) InstallFinished(uuid string, successful bool) {
	r.about(uuid, func(s *server) {
		successful = successful && !s.egg.cannotStart
		if s.status == statusInstalling {
			switch {
			case successful:
				s.status, s.installed = "", true
			case s.installed:
				s.status = statusReinstallFailed
			default:
				s.status = statusInstallFailed
			}
		}
		if successful && s.startAfter {
			_ = r.power(s, r.machine(s), "start") // which may be refused, as that of anybody
		}
	})
}

// BackupFinished implements [protocol.Remote].
func (r remote) BackupFinished(uuid string, result protocol.BackupResult) {
	r.about(uuid, func(s *server) {
		b := s.backup(result.UUID)
		if b == nil {
			return
		}
		now := time.Now()
		if b.completed == nil {
			b.completed = &now
			event := "server:backup.complete"
			if !result.Successful {
				event = "server:backup.fail"
			}
			r.note(nil, event, s, nil, with("name", b.name))
		}
		b.successful, b.size = result.Successful, result.Size
		if result.Successful {
			b.checksum = nullable(result.ChecksumType + ":" + result.Checksum)
		}
	})
}

// RestoreFinished implements [protocol.Remote].
func (r remote) RestoreFinished(uuid, backup string, successful bool) {
	r.about(uuid, func(s *server) {
		if s.status == statusRestoring {
			s.status = ""
		}
		event := "server:backup.restore-complete"
		if !successful {
			event = "server.backup.restore-failed" // as the Panel misspells it
		}
		if b := s.backup(backup); b != nil {
			r.note(nil, event, s, nil, with("name", b.name))
		}
	})
}
