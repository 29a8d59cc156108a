package bench

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// BenchmarkRateLimit makes more calls than a Panel allows in a while, and reports
// how many failed, the share of requests that were refused, and the time in parts
// of the ideal: that in which all windows but the last pass.
func BenchmarkRateLimit(b *testing.B) {
	const (
		calls      = 300
		goroutines = 8
		limit      = 60
		window     = 2 * time.Second
		ideal      = (calls/limit - 1) * window
	)
	for b.Loop() {
		panel, err := paneltest.New(paneltest.WithRateLimits(limit, limit, window))
		if err != nil {
			b.Fatal(err)
		}
		var sent, refused, failed atomic.Int64
		c, err := client.New(panel.URL, panel.UserKey, client.WithMiddleware(func(next client.Sender) client.Sender {
			return func(req *http.Request, call client.Call) (*http.Response, error) {
				sent.Add(1)
				resp, err := next(req, call)
				if err == nil && resp.StatusCode == http.StatusTooManyRequests {
					refused.Add(1)
				}
				return resp, err
			}
		}))
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		var next atomic.Int64
		var all sync.WaitGroup
		for range goroutines {
			all.Go(func() {
				for next.Add(1) <= calls {
					if _, err := c.Account.Get(b.Context()); err != nil {
						failed.Add(1)
					}
				}
			})
		}
		all.Wait()
		b.ReportMetric(float64(time.Since(start))/float64(ideal), "of-ideal")
		b.ReportMetric(float64(failed.Load()), "errors")
		b.ReportMetric(100*float64(refused.Load())/float64(sent.Load()), "%-refused")
		panel.Close()
	}
}
