package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The Panel and its node run in a process of their own and answer from memory,
// so that only the client's side is measured.

const (
	panelVariable = "PTERO_BENCH_PANEL" // makes the test's program a Panel

	clientKey      = "ptlc_0123456789a0123456789abcdef0123456789abcdef"
	applicationKey = "ptla_0123456789a0123456789abcdef0123456789abcdef"

	pagesOfPanel = 100
	latency      = 20 * time.Millisecond // of a page
	sizeOfFile   = 256 << 20
)

func TestMain(m *testing.M) {
	if os.Getenv(panelVariable) != "" {
		servePanel()
		return
	}
	os.Exit(m.Run())
}

// newPanel starts a Panel that ends with the benchmark, and returns its address.
func newPanel(tb testing.TB) string {
	tb.Helper()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), panelVariable+"=1")
	program.Stderr = os.Stderr
	stdin, err := program.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := program.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close() // which ends it
		_ = program.Wait()
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return "http://" + strings.TrimSpace(address)
}

// servePanel is the Panel's process. It ends with its input.
func servePanel() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := http.Server{ReadHeaderTimeout: time.Minute, Handler: panelHandler("http://" + listener.Addr().String())}
	go func() { _ = server.Serve(listener) }()
	_, _ = fmt.Println(listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func panelHandler(self string) http.Handler {
	one := clientServer()
	pages := sync.OnceValue(func() [][]byte { // most benchmarks use none
		pages := make([][]byte, pagesOfPanel+1)
		for page := 1; page <= pagesOfPanel; page++ {
			pages[page] = applicationPage(page, pagesOfPanel)
		}
		return pages
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/client/servers/{server}", func(w http.ResponseWriter, _ *http.Request) { answer(w, one) })
	mux.HandleFunc("GET /api/application/servers", func(w http.ResponseWriter, r *http.Request) {
		pages := pages()
		time.Sleep(latency)
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil || page < 1 || page > pagesOfPanel {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		answer(w, pages[page])
	})
	for operation, path := range map[string]string{"download": "/download/file", "upload": "/upload/file"} {
		url := fmt.Appendf(nil, `{"object":"signed_url","attributes":{"url":"%s"}}`, php(self+path+"?token=t"))
		mux.HandleFunc("GET /api/client/servers/{server}/files/"+operation, func(w http.ResponseWriter, _ *http.Request) { answer(w, url) })
	}
	chunk := make([]byte, 1<<20)
	mux.HandleFunc("GET /download/file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(sizeOfFile))
		for sent := 0; sent < sizeOfFile; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("POST /upload/file", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r.Body, make([]byte, 1<<20))
		if err != nil || n < sizeOfFile {
			http.Error(w, "the upload is too short", http.StatusBadRequest)
		}
	})
	return mux
}

// answer sends JSON with the headers of a Panel.
func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-cache, private")
	w.Header().Set("X-RateLimit-Limit", "1000000")
	w.Header().Set("X-RateLimit-Remaining", "999000")
	_, _ = w.Write(body)
}
