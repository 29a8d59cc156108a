package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// slowContent gives a part of a content every now and then, and notes how often it
// is asked, opened and closed.
type slowContent struct {
	parts          []string
	pause          time.Duration
	reads          int
	opened, closed int
}

func (s *slowContent) content(length int64) *Content {
	return &Content{Length: length, Open: func() (io.ReadCloser, error) {
		s.opened++
		return s, nil
	}}
}

func (s *slowContent) Read(p []byte) (int, error) {
	s.reads++
	time.Sleep(s.pause)
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.parts[0])
	s.parts = s.parts[1:]
	return n, nil
}

func (s *slowContent) Close() error {
	s.closed++
	return nil
}

// The Read in progress when the attempt ends is the last, and the content is
// closed after it.
func TestPumpEndsWithItsRead(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(io.Closer, context.CancelFunc){
		"by Close":   func(body io.Closer, _ context.CancelFunc) { _ = body.Close() },
		"by context": func(_ io.Closer, cancel context.CancelFunc) { cancel() },
	} {
		synctest.Test(t, func(t *testing.T) {
			slow := &slowContent{parts: []string{"a", "b", "c"}, pause: time.Hour}
			content := slow.content(-1)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			body := content.body(ctx)
			defer body.Close()
			start := time.Now()
			time.AfterFunc(90*time.Minute, func() { end(body, cancel) })
			got, err := io.ReadAll(body)
			if string(got) != "a" || err == nil || time.Since(start) != 90*time.Minute {
				t.Errorf("%s: %q, %v after %s; want a after 90m", name, got, err, time.Since(start))
			}
			content.settle(t.Context())
			if took := time.Since(start); took != 90*time.Minute+settleTime {
				t.Errorf("%s: settled after %s", name, took)
			}
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			if slow.reads != 2 || slow.opened != 1 || slow.closed != 1 {
				t.Errorf("%s: %d reads, opened %d times, closed %d times", name, slow.reads, slow.opened, slow.closed)
			}
		})
	}
}

// The next attempt waits for the Read of the last one, but not beyond its context.
func TestContentIsOpenedOnceAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &slowContent{parts: []string{"a", "b"}, pause: time.Hour}
		content := slow.content(-1)
		first := content.body(t.Context())
		go func() { _, _ = io.ReadAll(first) }()
		time.Sleep(time.Minute)
		_ = first.Close()

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		impatient := content.body(ctx)
		_, err := io.ReadAll(impatient)
		synctest.Wait()
		if !errors.Is(err, context.DeadlineExceeded) || slow.opened != 1 {
			t.Errorf("err = %v, opened %d times", err, slow.opened)
		}
		patient := content.body(t.Context())
		defer patient.Close()
		got, err := io.ReadAll(patient)
		synctest.Wait()
		if string(got) != "b" || err != nil || slow.opened != 2 {
			t.Errorf("%q, %v, opened %d times", got, err, slow.opened)
		}
	})
}

// A body that nobody began to read opens nothing, even if the pump starts late.
func TestClosedBodyOpensNothing(t *testing.T) {
	t.Parallel()
	for _, inMemory := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			slow := &slowContent{}
			content := slow.content(5)
			content.InMemory = inMemory
			body := content.body(t.Context())
			if err := errors.Join(body.Close(), body.Close()); err != nil {
				t.Error(err)
			}
			if _, err := body.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) || slow.opened > 0 {
				t.Errorf("in memory %t: %v, opened %d times", inMemory, err, slow.opened)
			}
		})
	}
}

type liar struct{ io.Reader }

func (liar) Read(p []byte) (int, error) { return len(p) + 1, nil }

func TestContents(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 50_000)
	broken := errors.New("broken")
	tests := map[string]struct {
		reader io.Reader
		length int64
		want   string // "" for a failure
		cause  error
	}{
		"long":            {strings.NewReader(long), int64(len(long)), long, nil},
		"unknown length":  {strings.NewReader(long), -1, long, nil},
		"byte for byte":   {iotest.OneByteReader(strings.NewReader("abc")), 3, "abc", nil},
		"data with EOF":   {iotest.DataErrReader(strings.NewReader("abc")), 3, "abc", nil},
		"short":           {strings.NewReader("ab"), 3, "", nil},
		"too long":        {strings.NewReader("abcd"), 3, "", nil},
		"broken":          {io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)), 3, "", broken},
		"broken, unsized": {io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)), -1, "", broken},
		"lying":           {liar{}, -1, "", nil},
	}
	for name, tt := range tests {
		for _, inMemory := range []bool{false, true} {
			content := &Content{Length: tt.length, InMemory: inMemory, Open: func() (io.ReadCloser, error) { return io.NopCloser(tt.reader), nil }}
			if seeker, ok := tt.reader.(io.Seeker); ok {
				_, _ = seeker.Seek(0, io.SeekStart)
			} else if inMemory {
				continue // has been read
			}
			body := content.body(t.Context())
			got, err := io.ReadAll(body)
			_ = body.Close()
			content.settle(t.Context())
			if tt.want != "" {
				if string(got) != tt.want || err != nil || content.failure() != nil {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
				continue
			}
			var failure *contentError
			if !errors.As(err, &failure) || content.failure() == nil || tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
}

// A reader of bytes that somebody else may change is never used after Close.
func TestMemoryIsNotReadAfterClose(t *testing.T) {
	t.Parallel()
	slice := []byte("content")
	content := &Content{Length: 7, InMemory: true, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(slice)), nil }}
	body := content.body(t.Context())
	if _, err := body.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	if n, err := body.Read(make([]byte, 3)); n > 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// net/http asks for another body where a kept connection turns out to be closed.
func TestContentForAnotherConnection(t *testing.T) {
	t.Parallel()
	slow := &slowContent{parts: []string{"a", "b", "c"}}
	seen := ""
	c := newCore(t, "https://panel.example.org", withTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
		if _, err := req.Body.Read(make([]byte, 1)); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		again, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		rest, err := io.ReadAll(again)
		seen = string(rest)
		return answerTo(req, err)
	})))
	err := None(c.Transfer(t.Context(), UploadFiles, "https://node.example.org/upload?token=x", slow.content(-1)))
	if err != nil || seen == "" || slow.opened != 2 || slow.closed != 2 {
		t.Errorf("%v, read %q, opened %d times, closed %d times", err, seen, slow.opened, slow.closed)
	}
	once := slow.content(-1)
	once.Once = true
	c = newCore(t, "https://panel.example.org", withTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.GetBody != nil {
			t.Error("a content that can be opened once is given again")
		}
		return answerTo(req, nil)
	})))
	if err := None(c.Transfer(t.Context(), UploadFiles, "https://node.example.org/upload?token=x", once)); err != nil {
		t.Error(err)
	}
}

// A transport may leave a body open, and report something else than what the
// content's Read returned.
func TestContentWithACarelessTransport(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, inMemory := range map[string]bool{"in memory": true, "elsewhere": false} {
		slow := &slowContent{parts: []string{"a", "b", "c"}}
		content := slow.content(3)
		content.InMemory = inMemory
		c := newCore(t, "https://panel.example.org", withTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
			_, _ = req.Body.Read(make([]byte, 1))
			if again, err := req.GetBody(); err != nil {
				t.Error(err)
			} else if _, err := again.Read(make([]byte, 1)); err != nil {
				t.Error(err)
			}
			return answerTo(req, nil)
		})))
		err := None(c.Transfer(t.Context(), UploadFiles, "https://node.example.org/upload?token=x", content))
		if err != nil || slow.opened != 2 || slow.closed != 2 {
			t.Errorf("%s: %v, opened %d times, closed %d times", name, err, slow.opened, slow.closed)
		}

		failing := &Content{Length: 3, InMemory: inMemory, Open: func() (io.ReadCloser, error) { return nil, broken }}
		c = newCore(t, "https://panel.example.org", withTransport(roundTripper(func(req *http.Request) (*http.Response, error) {
			_, _ = req.Body.Read(make([]byte, 1))
			return nil, io.ErrClosedPipe
		})))
		err = None(c.Transfer(t.Context(), UploadFiles, "https://node.example.org/upload?token=x", failing))
		if e := asError(t, err); e.outcome != contentFailed || !errors.Is(err, broken) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// A content that can be opened once is not sent again, whatever the answer.
func TestContentForOneAttempt(t *testing.T) {
	t.Parallel()
	transport := &script{steps: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "0")}}
	c := newCore(t, "https://panel.example.org", withTransport(transport))
	content := (&slowContent{parts: []string{"a"}}).content(1)
	content.Once = true
	err := None(do(t.Context(), c, "PUT", "api/client/servers/abc/image", nil, Body(content)))
	if !errors.Is(err, ErrRateLimited) || len(transport.sent) != 1 || transport.sent[0] != "a" {
		t.Errorf("err = %v, sent %q", err, transport.sent)
	}
}

// What has ended opens nothing, whoever is faster.
func TestEndedContextOpensNothing(t *testing.T) {
	t.Parallel()
	slow := &slowContent{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := slow.content(1).open(ctx); !errors.Is(err, context.Canceled) || slow.opened > 0 {
			t.Fatalf("err = %v, opened %d times", err, slow.opened)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answerTo(req *http.Request, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	return status(http.StatusNoContent)(req)
}

func TestWithin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := make(chan int, 1)
		slow := func() (int, error) {
			time.Sleep(time.Hour)
			return 7, nil
		}
		keep := func(n int, _ error) { late <- n }
		if n, err := Within(t.Context(), 0, slow, keep); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if n, err := Within(ctx, time.Second, slow, keep); n != 0 || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 61*time.Second {
			t.Errorf("%d, %v after %s", n, err, time.Since(start))
		}
		if n := <-late; n != 7 || time.Since(start) != time.Hour {
			t.Errorf("%d came late after %s", n, time.Since(start))
		}
		// What ends within the grace is the result.
		if n, err := Within(ctx, 2*time.Hour, slow, keep); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		func() {
			defer func() {
				if recover() != "oh" {
					t.Error("a panic got lost")
				}
			}()
			_, _ = Within(t.Context(), 0, func() (int, error) { panic("oh") }, keep)
		}()
	})
}
