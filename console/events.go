package console

import (
	"errors"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Event is something that a console heard from the daemon, or tells of itself:
// one of the types of this package that have this method. A type switch tells
// them apart; do have a default, as later versions may add types.
type Event interface{ kind() eventKind }

// Output is a line of the server's console.
type Output struct {
	// Line is the line as the daemon sent it, with ANSI codes and without a line
	// break at its end. A progress line may hold carriage returns. The daemon
	// cuts lines longer than 65,536 bytes in pieces, see [Gap].
	Line string

	// Time is when it came.
	Time time.Time

	// FromLog reports whether it comes from the daemon's log, so that it was
	// printed before that time, perhaps long before.
	FromLog bool
}

// Status is the power state of the server, after each connection and at each
// change. It may come before or after the line that goes with it.
type Status struct {
	// State is the power state.
	State client.PowerState

	// Previous is the one known before. It is empty at first, and the same as
	// State after a connection that changed nothing.
	Previous client.PowerState
}

// Crash tells that the server's process ended without having been told to. It
// comes when it is known what follows, at the latest two seconds later.
type Crash struct {
	// ExitCode is that of the process, -1 if the daemon did not say.
	ExitCode int

	// OutOfMemory reports whether the process was killed for want of memory.
	OutOfMemory bool

	// Restarts reports whether the daemon is starting the server again.
	Restarts bool

	// Lines are what the daemon said, without its name and without ANSI codes.
	Lines []string
}

// CommandsLost tells that commands or power signals that were sent may not have
// reached the server: the token was not in force any more, or the connection
// failed soon after. None of them is sent again.
type CommandsLost struct {
	// Commands are the lost ones, in the order in which they were sent.
	Commands []string

	// Err is what happened.
	Err error
}

// Stats is what the server uses, about once a second while it runs and at each
// change of its power state.
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

// DaemonMessage is a word of the daemon on an installation or a restored file.
type DaemonMessage struct {
	Text string
}

// DaemonError tells that the daemon refused or failed, for example that another
// power action is under way. Only administrators get to know more than that
// something failed.
type DaemonError struct {
	Text string
}

// InstallStarted tells that the installation of the server began.
type InstallStarted struct{}

// InstallOutput is a line of the installation. Only administrators get them.
type InstallOutput struct {
	Line string
}

// InstallCompleted tells that the installation ended, well or not;
// [client.ServersService.WaitReady] tells which.
type InstallCompleted struct{}

// BackupCompleted tells that a backup ended.
type BackupCompleted struct {
	// UUID names the backup.
	UUID string

	// Successful tells whether it is good.
	Successful bool

	// Checksum is that of the archive, made by ChecksumType, such as "sha1".
	Checksum, ChecksumType string

	// SizeBytes is the size of the archive.
	SizeBytes int64
}

// RestoreCompleted tells that a backup was restored.
type RestoreCompleted struct{}

// TransferLog is a line about the transfer to another node. Only administrators
// get them.
type TransferLog struct {
	Line string
}

// TransferStatus is how far a transfer to another node is, in words that differ
// between versions of Wings, such as pending, processing, failed or completed.
type TransferStatus struct {
	Status string
}

// TokenExpiring tells that the token has a minute left. The console has mostly
// renewed it before.
type TokenExpiring struct{}

// TokenExpired tells that the token has expired. Wings mostly sends a
// [JWTError] in its place. The console renews the token.
type TokenExpired struct{}

// JWTError tells that the daemon did not take a token, or takes it no longer.
// The console does what there is to do.
type JWTError struct {
	Text string
}

// Deleted tells that the server was deleted. The console ends.
type Deleted struct{}

// Throttled tells that the daemon dropped messages because they came too fast.
// As the console keeps to the limits, this is not to be expected.
type Throttled struct {
	// Limit is the event whose limit was passed, or "global".
	Limit string
}

// Unknown is a message that this version of the SDK does not know, or one that
// makes no sense. The console goes on.
type Unknown struct {
	// Name is the event's name, empty if the message is not of the usual form.
	Name string

	// Args are its arguments. One that is not a string is given as JSON.
	Args []string

	// Raw is the whole message.
	Raw string
}

// State is where a console stands.
type State string

// States of a console.
const (
	// StateFetching: it asks the Panel for the address and a token.
	StateFetching State = "fetching credentials"

	// StateDialing: it opens the socket.
	StateDialing State = "dialing"

	// StateAuthenticating: the socket is open, the token not proved yet.
	StateAuthenticating State = "authenticating"

	// StateLive: events come and requests are sent.
	StateLive State = "live"

	// StateRenewing: it is live and renews its token.
	StateRenewing State = "renewing"

	// StateWaiting: the connection failed; it waits before it tries again.
	StateWaiting State = "waiting"

	// StateClosed: it has ended for good.
	StateClosed State = "closed"
)

// StateChange tells that the console stands elsewhere.
type StateChange struct {
	From, To State

	// Err is what went wrong, for To StateWaiting and StateClosed. It is nil
	// where the console was closed on request.
	Err error

	// Delay is how long it waits, for To StateWaiting.
	Delay time.Duration
}

// Gap tells that the console cannot be sure of its lines at this place: some may
// be missing, and some of those that follow may have come before.
type Gap struct {
	Reason GapReason
}

// GapReason is why the console cannot be sure of its lines.
type GapReason string

// Reasons of a gap.
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

	// GapNoLog: the daemon did not send its log.
	GapNoLog GapReason = "the daemon did not send its log"

	// GapUnknown: no line had come before the connection failed, so that it
	// cannot be told which of the log are new. None of them is handed out.
	GapUnknown GapReason = "no line is known from before the connection failed"

	// GapAmbiguous: lines that repeat leave more than one way to continue. Those
	// that follow may have come before.
	GapAmbiguous GapReason = "repeated lines leave more than one way to continue"

	// GapThrottled: the server prints faster than the daemon passes on.
	GapThrottled GapReason = "the daemon dropped lines, as the server prints too fast"

	// GapLongLine: a line reached 65,536 bytes, where the daemon cuts it and
	// loses up to 4,096 bytes.
	GapLongLine GapReason = "the daemon cut a long line and may have lost a part of it"
)

// Dropped tells that a reader was too slow for its buffer.
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
