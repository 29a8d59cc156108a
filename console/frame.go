package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/jsontext"
)

// decoder turns messages of the daemon into events. It reuses its memory.
type decoder struct {
	now     time.Time // of the messages
	strings jsontext.Strings
}

// decode never fails: what it cannot make sense of becomes [Unknown].
func (d *decoder) decode(message []byte) Event {
	if name, arg, has, ok := d.scan(message); ok {
		if string(name) == "console output" && has { // nearly all of them
			return Output{Line: string(arg), Time: d.now}
		}
		var args []string
		if has {
			args = []string{string(arg)}
		}
		return d.newEvent(string(name), args, message)
	}
	return d.decodeSlowly(message)
}

// scan reads a message of the exact form in which Wings writes them, with at
// most one argument. Anything else is not ok and left to encoding/json.
func (d *decoder) scan(message []byte) (name, arg []byte, hasArg, ok bool) {
	rest, ok := bytes.CutPrefix(message, []byte(`{"event":"`))
	if !ok {
		return nil, nil, false, false
	}
	end := bytes.IndexByte(rest, '"')
	if end <= 0 {
		return nil, nil, false, false
	}
	name, rest = rest[:end], rest[end+1:]
	for _, c := range name {
		if c < ' ' || c >= utf8.RuneSelf || c == '\\' {
			return nil, nil, false, false
		}
	}
	if after, found := bytes.CutPrefix(rest, []byte(`,"args":[`)); found {
		size := 0
		if arg, size, hasArg = d.strings.Unquote(after); !hasArg {
			return nil, nil, false, false
		}
		if rest, ok = bytes.CutPrefix(after[size:], []byte("]")); !ok {
			return nil, nil, false, false
		}
	}
	tail := string(rest)
	return name, arg, hasArg, tail == "}\n" || tail == "}"
}

func (d *decoder) decodeSlowly(message []byte) Event {
	var frame struct {
		Event string            `json:"event"`
		Args  []json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(message, &frame); err != nil || frame.Event == "" {
		return Unknown{Raw: trim(message)}
	}
	var args []string
	if len(frame.Args) > 0 {
		args = make([]string, len(frame.Args))
	}
	for i, arg := range frame.Args {
		if json.Unmarshal(arg, &args[i]) != nil { // null is ""
			return Unknown{frame.Event, textOf(frame.Args), trim(message)}
		}
	}
	return d.newEvent(frame.Event, args, message)
}

func trim(message []byte) string { return strings.TrimSuffix(string(message), "\n") }

// textOf returns arguments as strings; others than strings stay JSON.
func textOf(args []json.RawMessage) []string {
	texts := make([]string, len(args))
	for i, arg := range args {
		if json.Unmarshal(arg, &texts[i]) != nil {
			texts[i] = string(arg)
		}
	}
	return texts
}

// newEvent returns the event of a name. Several arguments are one text: Wings
// joins them, too.
func (d *decoder) newEvent(name string, args []string, message []byte) Event {
	text := strings.Join(args, "")
	switch name {
	case "console output":
		return Output{Line: text, Time: d.now}
	case "auth success":
		return authSuccess{}
	case "status":
		return Status{State: client.PowerState(text)}
	case "stats":
		if stats, ok := parseStats(text); ok {
			return stats
		}
	case "daemon message":
		return DaemonMessage{text}
	case "daemon error":
		return DaemonError{text}
	case "install started":
		return InstallStarted{}
	case "install output":
		return InstallOutput{text}
	case "install completed":
		return InstallCompleted{}
	case "backup restore completed":
		return RestoreCompleted{}
	case "transfer logs":
		return TransferLog{text}
	case "transfer status":
		return TransferStatus{text}
	case "token expiring":
		return TokenExpiring{}
	case "token expired":
		return TokenExpired{}
	case "jwt error":
		return JWTError{text}
	case "deleted":
		return Deleted{}
	case "throttled":
		return Throttled{text}
	case "feature match":
		if match, ok := parseFeatureMatch(text); ok {
			return match
		}
	default:
		// Wings up to 1.5.0 appends the UUID.
		if name == "backup completed" || strings.HasPrefix(name, "backup completed:") {
			if backup, ok := parseBackup(text); ok {
				return backup
			}
		}
	}
	return Unknown{name, args, trim(message)}
}

func parseStats(text string) (Stats, bool) {
	var s struct {
		Memory      int64   `json:"memory_bytes"`
		MemoryLimit int64   `json:"memory_limit_bytes"`
		CPU         float64 `json:"cpu_absolute"`
		Network     struct {
			Received int64 `json:"rx_bytes"`
			Sent     int64 `json:"tx_bytes"`
		} `json:"network"`
		DiskIO struct {
			Read    int64 `json:"read_bytes"`
			Written int64 `json:"write_bytes"`
		} `json:"disk_io"`
		Uptime int64             `json:"uptime"` // ms
		State  client.PowerState `json:"state"`
		Disk   int64             `json:"disk_bytes"`
	}
	if json.Unmarshal([]byte(text), &s) != nil {
		return Stats{}, false
	}
	return Stats{
		s.State, s.Memory, s.MemoryLimit, s.CPU, s.Disk, s.Network.Received, s.Network.Sent,
		time.Duration(s.Uptime) * time.Millisecond, s.DiskIO.Read, s.DiskIO.Written,
	}, true
}

func parseFeatureMatch(text string) (FeatureMatch, bool) {
	var m struct{ Key, Line, Pattern string }
	if json.Unmarshal([]byte(text), &m) != nil || m.Key == "" {
		return FeatureMatch{}, false
	}
	return FeatureMatch{m.Key, m.Line, m.Pattern}, true
}

func parseBackup(text string) (BackupCompleted, bool) {
	var b struct {
		UUID         string `json:"uuid"`
		Successful   bool   `json:"is_successful"`
		Checksum     string `json:"checksum"`
		ChecksumType string `json:"checksum_type"`
		Size         int64  `json:"file_size"`
	}
	if json.Unmarshal([]byte(text), &b) != nil || b.UUID == "" {
		return BackupCompleted{}, false
	}
	return BackupCompleted{b.UUID, b.Successful, b.Checksum, b.ChecksumType, b.Size}, true
}
