package console

import "time"

// How a console recovers.
const (
	// MinBackoff is the longest wait before the first attempt to connect again.
	MinBackoff = 50 * time.Millisecond

	// MaxBackoff is the longest wait before any attempt to connect again. In
	// between the wait is at most a tenth of the time since the connection
	// failed. A connection that was live for less than a second counts as a
	// failed attempt if the one before it did not last either.
	MaxBackoff = time.Minute

	// DialPatience is how long an attempt to connect may go without an answer
	// before another is made.
	DialPatience = 1500 * time.Millisecond

	// DialLimit is how long a connection may take at most.
	DialLimit = 30 * time.Second

	// PanelPatience is how long the Panel may take to give credentials before it
	// is asked again. While it goes on failing it gets a tenth of that time if
	// that is more, and up to DialLimit.
	PanelPatience = 5 * time.Second

	// RunningSilence is how long a running server may send nothing before the
	// daemon is asked whether it is there: it sends its use each second.
	RunningSilence = 3 * time.Second

	// KeepAlive is how long any other server may send nothing, see
	// [WithKeepAlive].
	KeepAlive = 20 * time.Second

	// Patience is how long the daemon may take to answer that, see
	// [WithKeepAlive].
	Patience = 2 * time.Second

	// GroupDials is how many consoles of a [Group] connect to the same node at the
	// same time, and how many ask the same Panel.
	GroupDials = 8
)

// What is kept and sent.
const (
	// LogLines is how many lines the daemon's log has, unless the operator of the
	// node has set another number.
	LogLines = 150

	// BufferEvents and BufferBytes are what is kept for the reader of
	// [Console.Events], unless [WithPolicy] says otherwise.
	BufferEvents = 4096
	BufferBytes  = 8 << 20

	// CommandSpacing is the least time between two commands. Wings carries out
	// commands that come together in any order.
	CommandSpacing = 10 * time.Millisecond

	// CommandBurst is how many messages are sent at once, and CommandInterval the
	// time between further commands: Wings drops what is beyond its limits.
	CommandBurst    = 8
	CommandInterval = 1100 * time.Millisecond

	// CommandBytes is the longest command. The server's terminal would silently
	// cut a longer one.
	CommandBytes = 4095

	// RunQuiet is the silence that ends the answer to a command, and RunLimit the
	// longest answer, for [Console.Run] without an end.
	RunQuiet = 500 * time.Millisecond
	RunLimit = 5 * time.Second
)

// What is not for users to know.
const (
	logLines     = LogLines
	longLine     = 64 << 10 // bytes, where the daemon cuts a line
	messageLimit = 4096     // bytes, at which Wings 1.12 closes the socket

	// readLimit is the longest message taken, in bytes. The longest line, all of
	// it escaped, has 384 KiB.
	readLimit = 8 << 20

	backoffShare    = 10
	mostDials       = 4 // of one console at once
	dialPatience    = DialPatience
	connectLimit    = DialLimit
	runningSilence  = RunningSilence
	steady          = time.Second     // a connection that was live for less counts as a failed attempt
	authPatience    = 3 * time.Second // for the answer to a token
	renewPause      = 2200 * time.Millisecond
	revokedPause    = time.Second      // tokens of the second of the refusal are refused, too
	suspensionPause = 30 * time.Second // between two questions whether it is over
	writeLimit      = 5 * time.Second  // for a message to be written
	politeness      = 250 * time.Millisecond
	statusFresh     = 1500 * time.Millisecond // samples may be older than the last status
	baselineAfter   = 500 * time.Millisecond
	shortestRun     = time.Second // from a start to the next
	crashPause      = 2 * time.Second
	doubtful        = time.Second // a message may take so long to be read
	mostDoubtful    = 64
)
