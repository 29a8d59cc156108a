package console

import (
	"errors"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Event is a message of the daemon or a change in the console itself. It is one of
// the types of this package that have this method; use a type switch. Keep a
// default case, as later versions may add types.
type Event interface{ kind() eventKind }

// Output is a line of the server's console.
type Output struct {
	// Line is the line as the daemon sent it, with ANSI codes and without a line
	// break at its end. A progress line may hold carriage returns. The daemon
	// cuts lines longer than 65,536 bytes in pieces, see [Gap].
	Line string

	// Time is when it came.
	Time time.Time

	// FromLog reports whether the line was read from the daemon's log, so that it
	// was printed before Time, perhaps long before.
	FromLog bool
}

// Status is the power state of the server. It is sent after each connection and
// at each change, before or after the console line that belongs to the change.
type Status struct {
	// State is the power state.
	State client.PowerState

	// Previous is the power state known before. It is empty at first, and equal
	// to State if a new connection shows no change.
	Previous client.PowerState
}

// Crash reports that the server's process ended without a stop signal. It is sent
// once it is known whether the daemon restarts the server, at most two seconds
// after the crash.
type Crash struct {
	// ExitCode is the exit code of the process, -1 if the daemon did not give it.
	ExitCode int

	// OutOfMemory reports whether the process was killed because it ran out of
	// memory.
	OutOfMemory bool

	// Restarts reports whether the daemon is starting the server again.
	Restarts bool

	// Lines are the daemon's own lines about the crash, without their prefix and
	// without ANSI codes.
	Lines []string
}

// CommandsLost lists commands and power signals that were sent but may not have
// reached the server, because the token was no longer in force or the connection
// failed soon after. They are not sent again.
type CommandsLost struct {
	// Commands are the texts of the commands and the names of the signals, in the
	// order in which they were sent.
	Commands []string

	// Err is the reason.
	Err error
}

// Stats is a sample of the server's resource use. A running server sends about one
// a second, and one at each change of its power state.
type Stats struct {
	// State is the power state.
	State client.PowerState

	// MemoryBytes is the memory in use.
	MemoryBytes int64

	// MemoryLimitBytes is the memory allowed. It is 0 in the first samples after
	// a start.
	MemoryLimitBytes int64

	// CPUPercent is in percent of one core: 200 is two cores fully in use.
	CPUPercent float64

	// DiskBytes is the disk space in use.
	DiskBytes int64

	// ReceivedBytes and SentBytes count the network traffic since the start.
	ReceivedBytes, SentBytes int64

	// Uptime is the time since the start. Wings before 1.5.2 leaves it 0.
	Uptime time.Duration

	// DiskReadBytes and DiskWrittenBytes count the disk access since the start.
	// Wings of Pelican only.
	DiskReadBytes, DiskWrittenBytes int64
}

// FeatureMatch is a line of the console that a feature of the egg waits for, such
// as the demand to accept an agreement. It can come twice, for the echo of a
// command and for the output. Wings of Pelican only.
type FeatureMatch struct {
	// Feature is the name of the feature, such as "eula".
	Feature string

	// Line is the line, Pattern what was looked for in it, in lower case.
	Line, Pattern string
}

// DaemonMessage is a notice of the daemon about an installation or a restored
// file.
type DaemonMessage struct {
	Text string
}

// DaemonError reports that the daemon refused or failed to do something, e.g.
// because another power action is under way. Only administrators see the details.
type DaemonError struct {
	Text string
}

// InstallStarted reports that the installation of the server began.
type InstallStarted struct{}

// InstallOutput is a line printed by the installation. Only administrators get it.
type InstallOutput struct {
	Line string
}

// InstallCompleted reports that the installation ended, whether or not it
// succeeded; see [client.ServersService.WaitReady].
type InstallCompleted struct{}

// BackupCompleted reports that a backup ended.
type BackupCompleted struct {
	// UUID is that of the backup.
	UUID string

	// Successful reports whether the backup succeeded.
	Successful bool

	// Checksum is the checksum of the archive. ChecksumType is its algorithm, such
	// as "sha1".
	Checksum, ChecksumType string

	// SizeBytes is the size of the archive in bytes.
	SizeBytes int64
}

// RestoreCompleted reports that a backup was restored.
type RestoreCompleted struct{}

// TransferLog is a line about the transfer to another node. Only administrators
// get it.
type TransferLog struct {
	Line string
}

// TransferStatus is the state of a transfer to another node. The words differ
// between versions of Wings; examples are pending, processing, failed and
// completed.
type TransferStatus struct {
	Status string
}

// TokenExpiring reports that the token expires in a minute. The console has usually
// renewed it by then.
type TokenExpiring struct{}

// TokenExpired reports that the token has expired. Wings usually sends a [JWTError]
// instead. The console renews the token.
type TokenExpired struct{}

// JWTError reports that the daemon refused a token. The console fetches another
// one.
type JWTError struct {
	Text string
}

// Deleted reports that the daemon no longer has the server: it was deleted or moved
// to another node. The console asks the Panel which, and ends or connects there.
type Deleted struct{}

// Throttled reports that the daemon dropped messages because they came too fast.
// It is rare, because the console keeps to the limits.
type Throttled struct {
	// Limit is the name of the event whose limit was exceeded, or "global".
	Limit string
}

// Unknown is a message that this version of the SDK does not know or cannot parse.
// The console ignores it.
type Unknown struct {
	// Name is the event's name, empty if the message has none.
	Name string

	// Args are its arguments. An argument that is not a string is kept as JSON.
	Args []string

	// Raw is the whole message.
	Raw string
}

// State is the state of a console's connection.
type State string

// States of a console.
const (
	// StateFetching: the console is asking the Panel for the address and a token.
	StateFetching State = "fetching credentials"

	// StateDialing: the console is opening the socket.
	StateDialing State = "dialing"

	// StateAuthenticating: the socket is open, and the daemon has yet to take the
	// token.
	StateAuthenticating State = "authenticating"

	// StateLive: events come and requests are sent.
	StateLive State = "live"

	// StateRenewing: the console is live and is renewing its token.
	StateRenewing State = "renewing"

	// StateWaiting: the connection failed, and the console waits before it tries
	// again.
	StateWaiting State = "waiting"

	// StateClosed: the console has ended for good.
	StateClosed State = "closed"
)

// StateChange reports a change of the connection's state.
type StateChange struct {
	From, To State

	// Err is the reason for StateWaiting and StateClosed. It is nil if the console
	// was closed on request.
	Err error

	// Delay is the length of the wait in StateWaiting, else 0.
	Delay time.Duration
}

// Gap marks a place at which lines may be missing. Some of the lines that follow,
// those with FromLog set, may have come before.
type Gap struct {
	Reason GapReason
}

// GapReason is the reason for a [Gap].
type GapReason string

// Reasons for a gap.
const (
	// GapLost: more was printed than the daemon's log holds, or may have been.
	GapLost GapReason = "the daemon's log does not reach back to the last line"

	// GapRestarted: the server was started anew while the connection was down,
	// which empties the daemon's log. The lines that follow are all new.
	GapRestarted GapReason = "the server was started anew, which emptied the daemon's log"

	// GapOffline: the server went offline while the connection was down, and the
	// daemon keeps no log of it. A server that was offline before as well gives
	// no gap: that it ran in between leaves no trace.
	GapOffline GapReason = "the server is offline, and the daemon keeps no log of it"

	// GapNoLog: the daemon did not send its log, e.g. because the server has as
	// many sockets open as the daemon allows.
	GapNoLog GapReason = "the daemon did not send its log"

	// GapUnknown: no line had come before the connection failed, so nothing shows
	// which lines of the log are new. None of them is handed out.
	GapUnknown GapReason = "no line is known from before the connection failed"

	// GapAmbiguous: repeated lines leave more than one way to continue.
	GapAmbiguous GapReason = "repeated lines leave more than one way to continue"

	// GapThrottled: the server printed faster than the daemon forwards lines.
	GapThrottled GapReason = "the daemon dropped lines, as the server prints too fast"

	// GapLongLine: a line reached 65,536 bytes, where the daemon cuts it and
	// loses up to 4,096 bytes.
	GapLongLine GapReason = "the daemon cut a long line and may have lost a part of it"
)

// Dropped reports that a reader was too slow and its buffer dropped events.
type Dropped struct {
	// Count is how many events were dropped at this place.
	Count int
}

// authSuccess answers auth. It is not handed out: a change of state is.
type authSuccess struct{}

// eventKind tells the types of events apart.
type eventKind uint8

const (
	eventAuthSuccess eventKind = iota
	eventOutput
	eventStatus
	eventStats
	eventDaemonMessage
	eventDaemonError
	eventInstallStarted
	eventInstallOutput
	eventInstallCompleted
	eventBackupCompleted
	eventRestoreCompleted
	eventTransferLog
	eventTransferStatus
	eventTokenExpiring
	eventTokenExpired
	eventJWTError
	eventDeleted
	eventThrottled
	eventUnknown
	eventStateChange
	eventGap
	eventDropped
	eventCrash
	eventCommandsLost
	eventFeatureMatch
)

func (authSuccess) kind() eventKind      { return eventAuthSuccess }
func (Output) kind() eventKind           { return eventOutput }
func (Status) kind() eventKind           { return eventStatus }
func (Stats) kind() eventKind            { return eventStats }
func (DaemonMessage) kind() eventKind    { return eventDaemonMessage }
func (DaemonError) kind() eventKind      { return eventDaemonError }
func (InstallStarted) kind() eventKind   { return eventInstallStarted }
func (InstallOutput) kind() eventKind    { return eventInstallOutput }
func (InstallCompleted) kind() eventKind { return eventInstallCompleted }
func (BackupCompleted) kind() eventKind  { return eventBackupCompleted }
func (RestoreCompleted) kind() eventKind { return eventRestoreCompleted }
func (TransferLog) kind() eventKind      { return eventTransferLog }
func (TransferStatus) kind() eventKind   { return eventTransferStatus }
func (TokenExpiring) kind() eventKind    { return eventTokenExpiring }
func (TokenExpired) kind() eventKind     { return eventTokenExpired }
func (JWTError) kind() eventKind         { return eventJWTError }
func (Deleted) kind() eventKind          { return eventDeleted }
func (Throttled) kind() eventKind        { return eventThrottled }
func (Unknown) kind() eventKind          { return eventUnknown }
func (StateChange) kind() eventKind      { return eventStateChange }
func (Gap) kind() eventKind              { return eventGap }
func (Dropped) kind() eventKind          { return eventDropped }
func (Crash) kind() eventKind            { return eventCrash }
func (CommandsLost) kind() eventKind     { return eventCommandsLost }
func (FeatureMatch) kind() eventKind     { return eventFeatureMatch }

// eventSet is a set of types of events.
type eventSet uint32

// eventsOf returns the set of the types of events, or of all types if there are
// none.
func eventsOf(events []Event) (eventSet, error) {
	if len(events) == 0 {
		return ^eventSet(0), nil
	}
	set := eventSet(0)
	for _, e := range events {
		if e == nil {
			return 0, errors.New("an event is nil; give values of the types that are wanted, such as Output{}")
		}
		set |= 1 << e.kind()
	}
	return set, nil
}

func (s eventSet) has(e Event) bool { return s&(1<<e.kind()) != 0 }

// sizeOf is about how many bytes of memory an event takes.
func sizeOf(e Event) int {
	const fixed = 96
	switch e := e.(type) {
	case Output:
		return fixed + len(e.Line)
	case InstallOutput:
		return fixed + len(e.Line)
	case TransferLog:
		return fixed + len(e.Line)
	case DaemonMessage:
		return fixed + len(e.Text)
	case FeatureMatch:
		return fixed + len(e.Line) + len(e.Pattern)
	case Unknown:
		return fixed + 2*len(e.Raw)
	}
	return fixed
}
