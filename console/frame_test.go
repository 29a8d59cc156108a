package console

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded/conversation"
)

// recordedFrames returns the messages that Wings sent, and that are whole in the
// recording, by conversation.
func recordedFrames(tb testing.TB) map[string][]string {
	tb.Helper()
	found := make(map[string][]string)
	all, err := conversation.Load(conversation.Wings111, conversation.Wings112, conversation.Pelican)
	if err != nil || len(all) == 0 {
		tb.Fatalf("no recordings: %v", err)
	}
	for _, c := range all {
		for _, e := range c.Entries {
			if e.Kind == conversation.In && e.Whole() {
				found[c.Name] = append(found[c.Name], e.Raw)
			}
		}
	}
	return found
}

func TestRecordedFramesAreKnown(t *testing.T) {
	t.Parallel()
	count := 0
	var d decoder
	for name, frames := range recordedFrames(t) {
		for _, frame := range frames {
			event := d.decode([]byte(frame))
			if unknown, is := event.(Unknown); is {
				t.Errorf("%s: %q is unknown: %+v", name, frame, unknown)
			}
			if slow := d.decodeSlowly([]byte(frame)); !reflect.DeepEqual(event, slow) {
				t.Errorf("%s: %q is %+v, by encoding/json %+v", name, frame, event, slow)
			}
			if _, _, _, quick := d.scan([]byte(frame)); !quick {
				t.Errorf("%s: %q is left to encoding/json", name, frame)
			}
			count++
		}
	}
	if count < 500 {
		t.Errorf("only %d recorded frames", count)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]Event{
		`{"event":"console output","args":["\u001b[31mred\u001b[0m \u003c\u0026\u003e \"q\" \\ \t\u0000\u0007é 漢"]}` + "\n": Output{Line: "\x1b[31mred\x1b[0m <&> \"q\" \\ \t\x00\aé 漢"},
		`{"event":"console output","args":["\ud83d\ude00"]}`:                                                                Output{Line: "😀"},
		"{\"event\":\"console output\",\"args\":[\"bad \xff\"]}":                                                            Output{Line: "bad \uFFFD"},
		`{"args":["a","b"],"event":"console output"}`:                                                                       Output{Line: "ab"},
		`{"event":"console output"}`:                                                                                        Output{Line: ""},
		`{"event":"status","args":["running"]}`:                                                                             Status{State: client.PowerStateRunning},
		`{"event":"auth success"}`:                                                                                          authSuccess{},
		`{"event":"install started","args":[""]}`:                                                                           InstallStarted{},
		`{"event":"install output","args":["Reading package lists"]}`:                                                       InstallOutput{Line: "Reading package lists"},
		`{"event":"install completed","args":[""]}`:                                                                         InstallCompleted{},
		`{"event":"backup restore completed","args":[""]}`:                                                                  RestoreCompleted{},
		`{"event":"transfer logs","args":["Streaming"]}`:                                                                    TransferLog{"Streaming"},
		`{"event":"transfer status","args":["archived"]}`:                                                                   TransferStatus{"archived"},
		`{"event":"token expiring"}`:                                                                                        TokenExpiring{},
		`{"event":"token expired"}`:                                                                                         TokenExpired{},
		`{"event":"jwt error","args":["jwt: exp claim is invalid"]}`:                                                        JWTError{"jwt: exp claim is invalid"},
		`{"event":"daemon error","args":["no"]}`:                                                                            DaemonError{"no"},
		`{"event":"daemon message","args":["(restoring): a.txt"]}`:                                                          DaemonMessage{"(restoring): a.txt"},
		`{"event":"deleted","args":["null"]}`:                                                                               Deleted{},
		`{"event":"deleted","args":[null]}`:                                                                                 Deleted{},
		`{"event":"throttled","args":["send stats"]}`:                                                                       Throttled{"send stats"},
		`{"event":"stats","args":["{\"memory_bytes\":1,\"memory_limit_bytes\":2,\"cpu_absolute\":3.5,\"network\":{\"rx_bytes\":4,\"tx_bytes\":5},\"uptime\":6000,\"state\":\"running\",\"disk_bytes\":7}"]}`: Stats{
			State: client.PowerStateRunning, MemoryBytes: 1, MemoryLimitBytes: 2, CPUPercent: 3.5, ReceivedBytes: 4, SentBytes: 5,
			Uptime: 6 * time.Second, DiskBytes: 7,
		},
		`{"event":"backup completed","args":["{\"uuid\":\"u\",\"is_successful\":true,\"checksum\":\"c\",\"checksum_type\":\"sha1\",\"file_size\":9}"]}`: BackupCompleted{"u", true, "c", "sha1", 9},
		`{"event":"backup completed:u","args":["{\"uuid\":\"u\",\"is_successful\":false,\"checksum\":\"\",\"checksum_type\":\"\",\"file_size\":0}"]}`:   BackupCompleted{UUID: "u"},
		// Wings of Pelican.
		`{"event":"feature match","args":["{\"key\":\"eula\",\"line\":\"You need to\",\"pattern\":\"you need\"}"]}`: FeatureMatch{"eula", "You need to", "you need"},
		`{"event":"stats","args":["{\"disk_io\":{\"read_bytes\":5,\"write_bytes\":6},\"state\":\"running\"}"]}`:     Stats{State: client.PowerStateRunning, DiskReadBytes: 5, DiskWrittenBytes: 6},
		`{"event":"feature match","args":["eula"]}`:                                                                 Unknown{"feature match", []string{"eula"}, `{"event":"feature match","args":["eula"]}`},
		`{"event":"feature match","args":["{}"]}`:                                                                   Unknown{"feature match", []string{"{}"}, `{"event":"feature match","args":["{}"]}`},
		// What makes no sense is kept.
		`{"event":"stats","args":["[]"]}`:              Unknown{"stats", []string{"[]"}, `{"event":"stats","args":["[]"]}`},
		`{"event":"status","args":[1,"a"]}`:            Unknown{"status", []string{"1", "a"}, `{"event":"status","args":[1,"a"]}`},
		`{"event":"new","args":["x","y"]}`:             Unknown{"new", []string{"x", "y"}, `{"event":"new","args":["x","y"]}`},
		`{"event":"new"}`:                              Unknown{"new", nil, `{"event":"new"}`},
		`{"event":"console output","args":["cut`:       Unknown{Raw: `{"event":"console output","args":["cut`},
		"{\"event\":\"console output\",\"args\":[\"\n": Unknown{Raw: `{"event":"console output","args":["`},

		`{"event":7}`: Unknown{Raw: `{"event":7}`},
		`null`:        Unknown{Raw: `null`},
		`<html>`:      Unknown{Raw: `<html>`},
		``:            Unknown{},
	} {
		if got := new(decoder).decode([]byte(message)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %#v\nwant %#v", message, got, want)
		}
	}
}

// FuzzDecode holds the scanner against encoding/json: whatever it takes, it takes
// as encoding/json does.
func FuzzDecode(f *testing.F) {
	for _, frames := range recordedFrames(f) {
		for _, frame := range frames[:min(len(frames), 20)] {
			f.Add([]byte(frame))
		}
	}
	f.Add([]byte(`{"event":"console output","args":["\ud83d\ude00\u12"]}`))
	f.Add([]byte("{\"event\":\"x\",\"args\":[\"\xff\\\"]}"))
	f.Fuzz(func(t *testing.T, message []byte) {
		var d decoder
		event := d.decode(message)
		if slow := d.decodeSlowly(message); !reflect.DeepEqual(event, slow) {
			t.Errorf("%q: got %#v, by encoding/json %#v", message, event, slow)
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"plain":                        "plain",
		"\x1b[31mred\x1b[0m":           "red",
		"\x1b[38;5;208m\x1b[1morange":  "orange",
		"\x1b]0;title\atext":           "text",
		"\x1b]8;;http://x\x1b\\link":   "link",
		"\x1b(Bascii\x1b=":             "ascii",
		"\x1b[?25l\x1b[2K> list\x1b[K": "> list",
		"\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m Exit code: 3\x1b[0m": "[Pterodactyl Daemon]: Exit code: 3",
		"cut \x1b[3":               "cut \x1b[3",
		"\x1bPbody\x1b\\text":      "text",
		"\x1b_body\x1b\\text":      "text",
		"\x1b^body\x1b\\text":      "text",
		"\x1bXbody\x1b\\text":      "text",
		"\x1b\x1b[31mtext":         "text",
		"\u009b31mtext":            "text",
		"\u0090body\u009ctext":     "text",
		"\x1b]0;title\u009ctext":   "text",
		"\x1b]0;title\x1b[31mtext": "text",
		"a\u009cb":                 "ab",
		"é 漢 😀":                    "é 漢 😀",
	} {
		if got := (Output{Line: line}).Text(); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	if strings.Contains((Output{Line: "\x1b[1A\x1b[2Kx"}).Text(), "\x1b") {
		t.Error("an escape is left")
	}
}
