package wings

import "github.com/ptero-go/ptero/paneltest/internal/protocol"

// The events that Wings sends.
const (
	eventAuthSuccess      = "auth success"
	eventStatus           = "status"
	eventStats            = "stats"
	eventOutput           = "console output"
	eventDaemonMessage    = "daemon message"
	eventInstallStarted   = "install started"
	eventInstallOutput    = "install output"
	eventInstallCompleted = "install completed"
	eventBackupCompleted  = "backup completed"
	eventRestoreCompleted = "backup restore completed"
	eventTransferLogs     = "transfer logs"
	eventDeleted          = "deleted"
	eventTokenExpiring    = "token expiring" //nolint:gosec // no credentials
	eventTokenError       = "jwt error"
	eventDaemonError      = "daemon error"
	eventFeatureMatch     = "feature match" // of Pelican
)

// eventGrants are the permissions that some events need.
var eventGrants = map[string]string{
	eventInstallOutput:   protocol.PermitInstall,
	eventBackupCompleted: protocol.PermitBackups,
	eventTransferLogs:    protocol.PermitTransfer,
}
