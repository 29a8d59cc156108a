package panel

import (
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// remote is the Panel as a node reports to it. It implements [protocol.Remote].
type remote struct {
	*Panel
	node *model.Node
}

// Remote returns what the Wings of a node reports to.
func (p *Panel) Remote(n *model.Node) protocol.Remote { return remote{p, n} }

// about does something to a server of the node, if there is one.
func (r remote) about(uuid string, do func(*model.Server)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.State.ServersByUUID[uuid]; s != nil && s.Node == r.node {
		do(s)
	}
}

// ServerWanted implements [protocol.Remote].
func (r remote) ServerWanted(uuid string) {
	r.about(uuid, func(s *model.Server) { r.OnNode(s) })
}

// InstallFinished implements [protocol.Remote].
func (r remote) InstallFinished(uuid string, successful bool) {
	r.about(uuid, func(s *model.Server) {
		successful = successful && !s.Egg.CannotStart
		if s.Status == model.StatusInstalling {
			switch {
			case successful:
				s.Status, s.Installed = "", true
			case s.Installed:
				s.Status = model.StatusReinstallFailed
			default:
				s.Status = model.StatusInstallFailed
			}
		}
		if successful && s.StartAfter {
			_ = r.Power(s, r.OnNode(s), "start") // which may be refused, as that of anybody
		}
	})
}

// BackupFinished implements [protocol.Remote].
func (r remote) BackupFinished(uuid string, result protocol.BackupResult) {
	r.about(uuid, func(s *model.Server) {
		b := s.Backup(result.UUID)
		if b == nil {
			return
		}
		now := time.Now()
		if b.Completed == nil {
			b.Completed = &now
			event := "server:backup.complete"
			if !result.Successful {
				event = "server:backup.fail"
			}
			r.Note(nil, event, s, nil, model.With("name", b.Name))
		}
		b.Successful, b.Size = result.Successful, result.Size
		if result.Successful {
			b.Checksum = model.Nullable(result.ChecksumType + ":" + result.Checksum)
		}
	})
}

// RestoreFinished implements [protocol.Remote].
func (r remote) RestoreFinished(uuid, backup string, successful bool) {
	r.about(uuid, func(s *model.Server) {
		if s.Status == model.StatusRestoring {
			s.Status = ""
		}
		event := "server:backup.restore-complete"
		if !successful {
			event = "server.backup.restore-failed" // as the Panel misspells it
		}
		if b := s.Backup(backup); b != nil {
			r.Note(nil, event, s, nil, model.With("name", b.Name))
		}
	})
}
