package console_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// flood is a daemon that costs next to nothing: after the first message of a
// client it sends frames that were made before, and reads and drops the rest. It
// runs in a process of its own, so that only the client's side is measured.
type flood struct{ address string }

const (
	floodVariable = "PTERO_TEST_FLOOD" // makes the test's program a flood
	linesOfBlock  = 1000
	floodLine     = `[12:34:56] [Server thread/INFO]: <Player> a usual line of a usual game \u003c3`
)

// newFlood starts a daemon that ends with the benchmark.
func newFlood(b *testing.B) *flood {
	b.Helper()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), floodVariable+"=1")
	stdin, err := program.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := program.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close() // which ends it
		_ = program.Wait()
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return &flood{strings.TrimSpace(address)}
}

// runFlood is the daemon's process. It ends with its input.
func runFlood() {
	frame := serverFrame(`{"event":"console output","args":["` + floodLine + `"]}` + "\n")
	block := bytes.Repeat(frame, linesOfBlock)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines, _ := strconv.Atoi(r.URL.Query().Get("lines"))
		pour(w, r, block, lines)
	})}
	go func() { _ = server.Serve(listener) }()
	_, _ = fmt.Println(listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// pour opens a socket and sends lines.
func pour(w http.ResponseWriter, r *http.Request, block []byte, lines int) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	if _, err := buffered.Peek(2); err != nil { // the token
		return
	}
	go func() {
		_, _ = conn.Write(append(serverFrame(`{"event":"auth success"}`), serverFrame(`{"event":"status","args":["running"]}`)...))
		for sent := 0; sent < lines; sent += linesOfBlock {
			if _, err := conn.Write(block[:len(block)/linesOfBlock*min(linesOfBlock, lines-sent)]); err != nil {
				return
			}
		}
	}()
	_, _ = io.Copy(io.Discard, buffered)
}

// serverFrame is a text message as a server sends it.
func serverFrame(text string) []byte {
	head := []byte{0x81, byte(len(text))}
	if len(text) > 125 {
		head = binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(len(text)))
	}
	return append(head, text...)
}

// source opens a console of a server that prints lines.
type source struct {
	*flood
	lines int
}

func (s source) Credentials(context.Context) (*client.WebsocketCredentials, error) {
	return &client.WebsocketCredentials{Socket: s.url(s.lines), Token: newToken(1, "*")}, nil
}

func (source) Origin() string           { return origin }
func (source) HTTPClient() *http.Client { return nil }

func (f *flood) url(lines int) string { return fmt.Sprintf("ws://%s?lines=%d", f.address, lines) }

// open opens a socket without a console, and sends what stands for a token.
func (f *flood) open(b *testing.B, lines int) *websocket.Conn {
	b.Helper()
	conn, _, err := websocket.Dial(b.Context(), f.url(lines), nil) //nolint:bodyclose // there is none
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadLimit(-1)
	if err := conn.Write(b.Context(), websocket.MessageText, []byte(`{"event":"auth","args":["token"]}`)); err != nil {
		b.Fatal(err)
	}
	return conn
}

// BenchmarkLines reads lines as fast as they come. Its contestants are a console,
// and loops around a socket, with and without reading JSON.
func BenchmarkLines(b *testing.B) {
	f := newFlood(b)
	b.Run("console", func(b *testing.B) {
		b.ReportAllocs()
		c, err := console.Dial(b.Context(), source{f, b.N}, console.WithPolicy(console.KeepAll()))
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		n := 0
		for e, err := range c.Events(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			if _, is := e.(console.Output); is {
				if n++; n == b.N {
					break
				}
			}
		}
		b.StopTimer() // the daemon never answers when a console takes its leave
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		conn := f.open(b, b.N)
		defer conn.CloseNow()
		for n := 0; n < b.N; {
			_, text, err := conn.Read(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			var message struct {
				Event string   `json:"event"`
				Args  []string `json:"args"`
			}
			if err := json.Unmarshal(text, &message); err != nil {
				b.Fatal(err)
			}
			if message.Event == "console output" {
				n++
			}
		}
	})
	b.Run("no JSON", func(b *testing.B) {
		b.ReportAllocs()
		conn := f.open(b, b.N)
		defer conn.CloseNow()
		for range b.N {
			if _, _, err := conn.Read(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkIdle opens many consoles, or sockets, that get no lines, and reports
// what each costs in memory and goroutines.
func BenchmarkIdle(b *testing.B) {
	const many = 1000
	f := newFlood(b)
	for name, open := range map[string]func(*testing.B) io.Closer{
		"console": func(b *testing.B) io.Closer {
			b.Helper()
			c, err := console.Dial(b.Context(), source{f, 0})
			if err != nil {
				b.Fatal(err)
			}
			return c
		},
		"socket": func(b *testing.B) io.Closer {
			b.Helper()
			conn := f.open(b, 0)
			go func() { // as somebody has to read
				for {
					if _, _, err := conn.Read(context.Background()); err != nil {
						return
					}
				}
			}()
			return closeNow{conn}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				goroutines, before := footprint()
				opened := make([]io.Closer, many)
				for i := range opened {
					opened[i] = open(b)
				}
				after, bytes := footprint()
				b.ReportMetric(float64(after-goroutines)/many, "goroutines/each")
				b.ReportMetric(float64(bytes-before)/many, "B/each")
				var closing sync.WaitGroup
				for _, c := range opened {
					closing.Go(func() { _ = c.Close() })
				}
				closing.Wait()
			}
		})
	}
}

type closeNow struct{ *websocket.Conn }

func (c closeNow) Close() error { return c.CloseNow() }

// footprint returns how many goroutines there are, and the memory of the heap and
// of all stacks that is in use.
func footprint() (goroutines int, bytes int64) {
	for last := -1; ; last = goroutines { // what has ended is on its way out
		time.Sleep(100 * time.Millisecond)
		if goroutines = runtime.NumGoroutine(); goroutines == last {
			break
		}
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return goroutines, int64(m.HeapAlloc + m.StackInuse)
}
