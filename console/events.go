package console

import (
	"regexp"
	"time"

	"github.com/ptero-go/ptero/client"
)

// Event is something that a console heard from the daemon, or tells of itself:
// one of the types of this package that have this method. A type switch tells
// them apart; do have a default, as later versions may add types.
type Event interface{ event() }

// Output is a line of the server's console.
type Output struct {
	// Line is the line as the daemon sent it, with ANSI codes and without a line
	// break at its end. A progress line may hold carriage returns. The daemon
	// cuts lines longer than 65,536 bytes in pieces, see [Gap].
	Line string
}

// ansi matches control sequences, operating system commands and other escapes.
var ansi = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\a\x1b]*(?:\a|\x1b\\\\)?|[ -/]*[0-Z\\\\^-~])")

// Text is the line without ANSI codes.
func (o Output) Text() string { return ansi.ReplaceAllString(o.Line, "") }

// Status is the power state of the server, after each connection and at each
// change. It may come before or after the line that goes with it.
type Status struct {
	State client.PowerState
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
	// GapLost: more was printed than the daemon's log holds, or the log that
	// came is not a continuation.
	GapLost GapReason = "the daemon's log does not reach back to the last line"

	// GapRestarted: the server was started anew meanwhile, which empties the
	// daemon's log. The lines that follow are all new.
	GapRestarted GapReason = "the server was started anew, which emptied the daemon's log"

	// GapOffline: the server is offline, and so is the daemon's log.
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

func (authSuccess) event()      {}
func (Output) event()           {}
func (Status) event()           {}
func (Stats) event()            {}
func (DaemonMessage) event()    {}
func (DaemonError) event()      {}
func (InstallStarted) event()   {}
func (InstallOutput) event()    {}
func (InstallCompleted) event() {}
func (BackupCompleted) event()  {}
func (RestoreCompleted) event() {}
func (TransferLog) event()      {}
func (TransferStatus) event()   {}
func (TokenExpiring) event()    {}
func (TokenExpired) event()     {}
func (JWTError) event()         {}
func (Deleted) event()          {}
func (Throttled) event()        {}
func (Unknown) event()          {}
func (StateChange) event()      {}
func (Gap) event()              {}
func (Dropped) event()          {}
