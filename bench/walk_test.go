package bench

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
)

// walker walks all pages and calls use after each page.
type walker func(b *testing.B, use func())

// oneAfterAnother fetches a page when the one before is used up, by hand.
func oneAfterAnother(url string) walker {
	return func(b *testing.B, use func()) {
		b.Helper()
		r := newRaw(url, applicationKey)
		for page, last := 1, 1; page <= last; page++ {
			list, err := r.page(b.Context(), page)
			if err != nil {
				b.Fatal(err)
			}
			last = list.Meta.Pagination.TotalPages
			use()
		}
	}
}

// walk uses All, with some options.
func walk(url string, opts ...client.Option) walker {
	return func(b *testing.B, use func()) {
		b.Helper()
		c, err := application.New(url, applicationKey, opts...)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for server, err := range c.Servers.All(b.Context(), application.ServerListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; server.ID != n {
				b.Fatalf("got server %d as the %dth", server.ID, n)
			}
			if n%serversOfPage == 0 {
				use()
			}
		}
		if n != pagesOfPanel*serversOfPage {
			b.Fatalf("got %d servers", n)
		}
	}
}

// BenchmarkWalk gets all pages of a Panel that takes its time for each.
func BenchmarkWalk(b *testing.B) {
	url := newPanel(b)
	nothing := func() {}
	work := func() { time.Sleep(latency) }
	for _, contestant := range []struct {
		name string
		walk walker
		use  func()
	}{
		{"raw", oneAfterAnother(url), nothing},
		{"ptero ahead=0", walk(url, client.WithReadAhead(0)), nothing},
		{"ptero ahead=4", walk(url, client.WithReadAhead(4)), nothing},
		{"raw working", oneAfterAnother(url), work},
		{"ptero ahead=0 working", walk(url, client.WithReadAhead(0)), work},
		{"ptero working", walk(url), work},
	} {
		b.Run(contestant.name, func(b *testing.B) {
			for b.Loop() {
				contestant.walk(b, contestant.use)
			}
		})
	}
}

// BenchmarkWalkHeap reports the peak of the heap in pages. One page is the body
// of an answer and the servers in it.
func BenchmarkWalkHeap(b *testing.B) {
	url := newPanel(b)
	page := pageInMemory(b)
	for _, contestant := range []struct {
		name string
		walk walker
	}{
		{"raw", oneAfterAnother(url)},
		{"ptero", walk(url)},
		{"ptero ahead=4", walk(url, client.WithReadAhead(4))},
	} {
		b.Run(contestant.name, func(b *testing.B) {
			for b.Loop() {
				peak := peakHeap(b, func() { contestant.walk(b, func() {}) })
				b.ReportMetric(float64(peak), "peak-B")
				b.ReportMetric(float64(page), "page-B")
				b.ReportMetric(float64(peak)/float64(page), "peak-pages")
			}
		})
	}
}

// pageInMemory returns how much memory one page takes: the body of an answer, and
// the servers that encoding/json makes of it.
func pageInMemory(b *testing.B) int64 {
	b.Helper()
	body := applicationPage(1, 2)
	var list envelope.List[applicationapi.Server]
	kept := keptHeap(func() {
		if err := json.Unmarshal(body, &list); err != nil {
			b.Error(err)
		}
	})
	runtime.KeepAlive(list)
	return kept + int64(len(body))
}
