package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// command sends what must not arrive twice.
func command(ctx context.Context, c *Core) error {
	return None(do(ctx, c, "POST", "api/client/servers/abc/command", strings.NewReader("{}")))
}

// What the timeout of an attempt cuts off before there is a connection never
// left, and is sent again even where it must not arrive twice.
func TestWhatNeverLeftIsSentAgain(t *testing.T) {
	t.Parallel()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)

	dialer := new(net.Dialer)
	tests := map[string]func(first func() bool) *http.Transport{
		"black hole": func(first func() bool) *http.Transport {
			return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if first() {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return dialer.DialContext(ctx, network, address)
			}}
		},
		"no handshake": func(first func() bool) *http.Transport {
			return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if first() {
					address = silent.Addr().String()
				}
				return dialer.DialContext(ctx, network, address)
			}}
		},
		"proxy that fails": func(first func() bool) *http.Transport {
			return &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
				if first() {
					return url.Parse(proxy.URL)
				}
				return nil, nil //nolint:nilnil // no proxy, as net/http has it
			}}
		},
	}
	for name, newTransport := range tests {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %t", name, http2), func(t *testing.T) {
				t.Parallel()
				var arrived, dials atomic.Int32
				server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					arrived.Add(1)
					w.WriteHeader(http.StatusNoContent)
				}))
				t.Cleanup(server.Close)
				transport := newTransport(func() bool { return dials.Add(1) == 1 })
				t.Cleanup(transport.CloseIdleConnections)
				transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
				transport.ForceAttemptHTTP2 = http2
				c := newCore(t, server.URL, withTransport(transport), with(func(cfg *Config) { cfg.Timeout = 3 * time.Second }))
				if err := command(t.Context(), c); err != nil || arrived.Load() != 1 || dials.Load() < 2 {
					t.Errorf("%v, arrived %d times after %d dials", err, arrived.Load(), dials.Load())
				}
			})
		}
	}
}

// It does not matter that an earlier attempt had a connection.
func TestWhatNeverLeftAfterARefusalIsSentAgain(t *testing.T) {
	t.Parallel()
	var arrived, dials atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		if arrived.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 2 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	c := newCore(t, server.URL, withTransport(transport), with(func(cfg *Config) { cfg.Timeout = 500 * time.Millisecond }))
	if err := command(t.Context(), c); err != nil || arrived.Load() != 2 || dials.Load() != 3 {
		t.Errorf("%v, arrived %d times by %d dials", err, arrived.Load(), dials.Load())
	}
}

// What may have arrived is not: neither on a new connection nor on a kept one,
// by HTTP/1 or 2, whether the answer is late or the connection breaks.
func TestWhatMayHaveArrivedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		for name, fail := range map[string]http.HandlerFunc{
			"late": func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			},
			"broken": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		} {
			for _, kept := range []bool{false, true} {
				var arrived atomic.Int32
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodGet {
						w.WriteHeader(http.StatusNoContent)
						return
					}
					arrived.Add(1)
					fail(w, r)
				}))
				server.EnableHTTP2 = http2
				server.StartTLS()
				c := newCore(t, server.URL, withTransport(server.Client().Transport), with(func(cfg *Config) { cfg.Timeout = time.Second }))
				if kept {
					if err := None(do(t.Context(), c, "GET", "api/client", nil)); err != nil {
						t.Error(err)
					}
				}
				err := command(t.Context(), c)
				var e *Error
				if !errors.As(err, &e) || e.outcome != mayHaveArrived || arrived.Load() != 1 || !strings.Contains(err.Error(), "may have been carried out") {
					t.Errorf("HTTP/2 %t, kept %t, %s: %v, arrived %d times", http2, kept, name, err, arrived.Load())
				}
				server.Close()
			}
		}
	}
}

// Whatever a context's end interrupts, the error matches the context's and the
// cause that its owner gave.
func TestCausesOfContexts(t *testing.T) {
	t.Parallel()
	why := errors.New("too late")
	type steps = []func(*http.Request) (*http.Response, error)
	for name, tt := range map[string]steps{
		"no answer":    {stall(false)},
		"broken body":  {stall(true)},
		"between them": {status(502)},
		"long wait":    {status(429, "Retry-After", "60")},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCore(t, "https://panel.example.org", withTransport(&script{steps: tt}))
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(10*time.Millisecond, func() { cancel(why) })
			_, err := Item[thing](do(ctx, c, "GET", "api/client", nil))
			if asError(t, err); !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
				t.Errorf("%s: err = %v", name, err)
			}
		})
	}
}

// A call whose context has ended sends nothing, and says so.
func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	transport := &script{steps: []func(*http.Request) (*http.Response, error){status(204)}}
	c := newCore(t, "https://panel.example.org", withTransport(transport))
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("too late")
	cancel(why)
	err := command(ctx, c)
	var e *Error
	if !errors.As(err, &e) || e.Attempts != 0 || !errors.Is(err, why) || !errors.Is(err, context.Canceled) || len(transport.sent) > 0 ||
		err.Error() != "sendCommand: not sent: context canceled: too late" {
		t.Errorf("err = %v, %d requests", err, len(transport.sent))
	}
}
