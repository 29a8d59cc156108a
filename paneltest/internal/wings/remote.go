package wings

import "github.com/ptero-go/ptero/paneltest/internal/protocol"

// noRemote is for a daemon without a Panel.
type noRemote struct{}

// ServerWanted implements [protocol.Remote].
func (noRemote) ServerWanted(string) {}

// InstallFinished implements [protocol.Remote].
func (noRemote) InstallFinished(string, bool) {}

// BackupFinished implements [protocol.Remote].
func (noRemote) BackupFinished(string, protocol.BackupResult) {}

// RestoreFinished implements [protocol.Remote].
func (noRemote) RestoreFinished(string, string, bool) {}
