// Package conversation reads recorded conversations with a real Wings over its
// WebSocket, frame by frame. It is for tests alone, and imports none of the
// packages that they test.
package conversation

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/testdata"
)

// Conversation is what was said in one scene, over one or more connections.
type Conversation struct {
	// Name is that of the recording's file, without ".jsonl".
	Name string

	// Entries are in the order in which they were recorded, that of their time
	// for each connection. Between connections it may be off by microseconds.
	Entries []Entry
}

// Kind says what an [Entry] records.
type Kind string

// The kinds of an [Entry].
const (
	Open       Kind = "open"        // a connection was opened
	DialFailed Kind = "dial-failed" // a connection was refused, see Status
	In         Kind = "in"          // Wings sent a message
	Out        Kind = "out"         // the client sent a message
	Closed     Kind = "closed"      // a connection ended
	HTTP       Kind = "http"        // the Panel was asked meanwhile
	Note       Kind = "note"        // what the recorder did besides, such as killing a connection
)

// Entry is one step of a conversation.
type Entry struct {
	Kind Kind `json:"dir"`

	// MS is the time since the beginning in milliseconds.
	MS float64 `json:"ms"`

	// Clock is the time of day, such as 22:42:14.418753. The conversations of
	// Wings 1.12 do not have it.
	Clock string `json:"t"`

	// Conn numbers the connection, 0 stands for none.
	Conn int `json:"conn"`

	// Event is the name of what Wings sent, for [In].
	Event string `json:"event"`

	// Raw is the message, for [In] and [Out]. It is shorter than Length where
	// the recorder left something out, such as a token.
	Raw    string `json:"raw"`
	Length int    `json:"len"`

	// Type is MessageText or MessageBinary, for [Out]. Empty means text.
	Type string `json:"type"`

	// Origin is the header of the dial. Status is what was answered to that, or
	// to a request, 0 where nothing was. Body is what came with it; for [HTTP]
	// it is what was sent.
	Origin string `json:"origin"`
	Status int    `json:"status"`
	Body   string `json:"body"`

	// Code is the code of the close frame, -1 without one. Error is what the
	// client made of the end, or of a dial that failed.
	Code  int    `json:"code"`
	Error string `json:"error"`

	// Request and Response belong to [HTTP]: "POST http://…" and a body.
	Request  string `json:"req"`
	Response string `json:"resp"`

	// Note is a remark of the recorder.
	Note string `json:"note"`
}

// At returns the time since the beginning of the conversation.
func (e *Entry) At() time.Duration { return time.Duration(e.MS * float64(time.Millisecond)) }

// Whole reports whether Raw is the message as it went over the wire.
func (e *Entry) Whole() bool { return len(e.Raw) == e.Length }

// Connections returns the entries of each connection, in the order in which they
// were opened. Those of no connection are left out.
func (c *Conversation) Connections() [][]Entry {
	var all [][]Entry
	places := make(map[int]int)
	for _, entry := range c.Entries {
		if entry.Conn == 0 {
			continue
		}
		place, known := places[entry.Conn]
		if !known {
			place = len(all)
			places[entry.Conn] = place
			all = append(all, nil)
		}
		all[place] = append(all[place], entry)
	}
	return all
}

// Set names conversations that were recorded with one Wings.
type Set string

// The sets.
const (
	Wings111 Set = "console-1.11"
	Wings112 Set = "console-1.12"
	Pelican  Set = "console-pelican"

	// Further is the folder that PTERO_RECORDINGS names, and the folder console
	// in it. It is empty without that.
	Further Set = "further"
)

var sets = []struct {
	name Set
	load func() ([]*Conversation, error)
}{
	{Wings111, sync.OnceValues(func() ([]*Conversation, error) { return Read(testdata.Console()) })},
	{Wings112, sync.OnceValues(func() ([]*Conversation, error) { return Read(testdata.Console112()) })},
	{Pelican, sync.OnceValues(func() ([]*Conversation, error) { return Read(testdata.ConsolePelican()) })},
	{Further, sync.OnceValues(further)},
}

func further() ([]*Conversation, error) {
	dir := os.Getenv("PTERO_RECORDINGS")
	if dir == "" {
		return nil, nil
	}
	var all []*Conversation
	for _, folder := range []string{dir, filepath.Join(dir, "console")} {
		some, err := Read(os.DirFS(folder))
		if err != nil && !errors.Is(err, errNone) {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Load reads some sets of conversations, without any named all. The caller owns
// the slice, but shares the conversations.
func Load(of ...Set) ([]*Conversation, error) {
	var all []*Conversation
	for _, set := range sets {
		if len(of) > 0 && !slices.Contains(of, set.name) {
			continue
		}
		some, err := set.load()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

var errNone = errors.New("conversation: there are no recordings (*.jsonl)")

// Read reads all conversations in a folder, *.jsonl, in the order of their names.
// An unknown kind of entry and a recording without any entry are errors.
func Read(folder fs.FS) ([]*Conversation, error) {
	names, err := fs.Glob(folder, "*.jsonl")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errNone
	}
	all := make([]*Conversation, 0, len(names))
	for _, name := range names {
		entries, err := readEntries(folder, name)
		if err != nil {
			return nil, fmt.Errorf("conversation: %s: %w", name, err)
		}
		all = append(all, &Conversation{Name: strings.TrimSuffix(name, ".jsonl"), Entries: entries})
	}
	return all, nil
}

func readEntries(folder fs.FS, name string) ([]Entry, error) {
	recording, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	lines := bufio.NewScanner(bytes.NewReader(recording))
	lines.Buffer(nil, 8<<20) // the longest line that can be read
	for lines.Scan() {
		entry, err := readEntry(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(entries)+1, err)
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 && lines.Err() == nil {
		return nil, errors.New("it is empty")
	}
	return entries, lines.Err()
}

// readEntry reads a line of any of the recorders. Those of 1.12 say "close" and
// "err", and "open" for a dial that was refused.
func readEntry(line []byte) (Entry, error) {
	var said struct {
		Entry
		Err string `json:"err"`
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return Entry{}, err
	}
	entry := said.Entry
	entry.Error = cmp.Or(entry.Error, said.Err)
	switch {
	case entry.Kind == "close":
		entry.Kind = Closed
	case entry.Kind == Open && entry.Status != http.StatusSwitchingProtocols:
		entry.Kind = DialFailed
	}
	if !slices.Contains([]Kind{Open, DialFailed, In, Out, Closed, HTTP, Note}, entry.Kind) {
		return Entry{}, fmt.Errorf("unknown kind %q", entry.Kind)
	}
	return entry, nil
}
