package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// list serves pages of two items and can be changed meanwhile.
type list struct {
	mu      sync.Mutex
	items   []string
	asked   []int
	latency time.Duration
	fail    int // this page answers 403

	inFlight, most int
}

func letters(s string) []string { return strings.Split(s, "") }

func (l *list) RoundTrip(req *http.Request) (*http.Response, error) {
	page, _ := strconv.Atoi(req.URL.Query().Get("page"))
	l.mu.Lock()
	l.asked = append(l.asked, page)
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.inFlight--
		l.mu.Unlock()
	}()
	select {
	case <-time.After(l.latency):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if page == l.fail {
		return status(http.StatusForbidden)(req)
	}
	var items []string
	for i := 2 * (page - 1); i < min(2*page, len(l.items)); i++ {
		items = append(items, fmt.Sprintf(`{"attributes":{"name":%q}}`, l.items[i]))
	}
	resp, err := status(http.StatusOK)(req)
	resp.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(
		`{"object":"list","data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":2,"current_page":%d,"total_pages":%d,"links":[]}}}`,
		strings.Join(items, ","), len(l.items), len(items), page, (len(l.items)+1)/2)))
	return resp, err
}

func (l *list) remove(item string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = slices.DeleteFunc(l.items, func(s string) bool { return s == item })
}

func (l *list) insert(item string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = slices.Insert(l.items, 0, item)
}

func (l *list) pages() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Trim(fmt.Sprint(l.asked), "[]")
}

// walk hands each item to use until that returns false.
func (l *list) walk(t *testing.T, ahead, first int, use func(string) bool) (string, error) {
	t.Helper()
	c := newCore(t, "https://panel.example.org", withTransport(l), with(func(cfg *Config) { cfg.ReadAhead = ahead; cfg.Limiter = nil }))
	var got strings.Builder
	fetch := func(ctx context.Context, page, perPage int) (*Page[thing], error) {
		return PageOf[thing](do(ctx, c, "GET", fmt.Sprintf("api/client?page=%d&per_page=%d", page, perPage), nil))
	}
	for item, err := range All(t.Context(), c, first, 2, func(x *thing) string { return x.Name }, fetch) {
		if err != nil {
			return got.String(), err
		}
		got.WriteString(item.Name)
		if !use(item.Name) {
			break
		}
	}
	return got.String(), nil
}

func TestWalk(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		items       string
		ahead       int
		first       int
		until       string // the item to break at
		want, pages string
	}{
		"all":             {items: "abcde", want: "abcde", pages: "1 2 3"},
		"full last page":  {items: "abcd", want: "abcd", pages: "1 2"},
		"none":            {items: "", want: "", pages: "1"},
		"break":           {items: "abcde", until: "b", want: "ab", pages: "1"},
		"from the middle": {items: "abcde", first: 2, want: "cde", pages: "2 3"},
		"beyond the end":  {items: "abcde", first: 7, want: "", pages: "7"},
		"ahead":           {items: "abcde", ahead: 1, want: "abcde", pages: "1 2 3"},
		"break ahead":     {items: "abcdefgh", ahead: 1, until: "b", want: "ab", pages: "1 2"},
		"far ahead":       {items: "abcde", ahead: 9, want: "abcde", pages: "1 2 3"},
		"ahead of none":   {items: "", ahead: 3, want: "", pages: "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &list{items: letters(tt.items)}
				got, err := l.walk(t, tt.ahead, tt.first, func(item string) bool {
					synctest.Wait() // what is read ahead has been asked for
					return item != tt.until
				})
				pages := strings.Fields(l.pages())
				slices.Sort(pages) // those read ahead at once come in any order
				if err != nil || got != tt.want || strings.Join(pages, " ") != tt.pages {
					t.Errorf("got %q by pages %s, %v; want %q by %s", got, pages, err, tt.want, tt.pages)
				}
			})
		})
	}
}

// The next page is fetched while this one is used; a break cancels it.
func TestWalkReadsAhead(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[int]time.Duration{
		0: 5*time.Second + 10*time.Second,  // one after the other
		1: 1*time.Second + 5*2*time.Second, // the first page, then the work
		4: 1*time.Second + 5*2*time.Second, // no gain for a slow caller
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &list{items: letters("abcdefghij"), latency: time.Second}
			start := time.Now()
			got, err := l.walk(t, ahead, 0, func(string) bool {
				time.Sleep(time.Second) // the caller's work; the clock is synctest's
				return true
			})
			if took := time.Since(start); err != nil || got != "abcdefghij" || took != want {
				t.Errorf("read-ahead %d: %q in %s, %v; want %s", ahead, got, took, err, want)
			}
			if l.most > max(ahead, 1) {
				t.Errorf("read-ahead %d: %d requests at once", ahead, l.most)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		l := &list{items: letters("abcdefghij"), latency: 30 * time.Second}
		start := time.Now()
		_, _ = l.walk(t, 3, 0, func(string) bool { return false })
		if took := time.Since(start); took != 30*time.Second || l.inFlight != 0 {
			t.Errorf("took %s with %d requests left; want 30s, the pages ahead cancelled", took, l.inFlight)
		}
	})
}

func TestWalkOfAChangingList(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at     string // the item in use when the list changes
		change func(*list)
		want   string
	}{
		"one read is removed":      {"a", func(l *list) { l.remove("a") }, "abcdefgh"},
		"two read are removed":     {"d", func(l *list) { l.remove("a"); l.remove("d") }, "abcdefgh"},
		"many are removed":         {"f", func(l *list) { l.remove("a"); l.remove("b"); l.remove("c"); l.remove("e") }, "abcdefgh"},
		"one to come is removed":   {"a", func(l *list) { l.remove("h") }, "abcdefg"},
		"all are removed":          {"b", func(l *list) { l.items = nil }, "ab"},
		"one is put in front":      {"b", func(l *list) { l.insert("z") }, "abcdefgh"},
		"three are put in front":   {"b", func(l *list) { l.insert("z"); l.insert("y"); l.insert("x") }, "abcdefghz"}, // z moved to page 2
		"one is added at the end":  {"b", func(l *list) { l.items = append(l.items, "i") }, "abcdefghi"},
		"one goes and one comes":   {"b", func(l *list) { l.remove("a"); l.items = append(l.items, "i", "j") }, "abdefghij"}, // c cannot be told: the list grew
		"removed on the last page": {"h", func(l *list) { l.remove("a") }, "abcdefgh"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &list{items: letters("abcdefgh")}
				got, err := l.walk(t, 0, 0, func(item string) bool {
					if item == tt.at {
						tt.change(l)
					}
					return true
				})
				sorted := letters(got)
				slices.Sort(sorted)
				if err != nil || strings.Join(sorted, "") != tt.want {
					t.Errorf("got %q, %v; want the items %q, each once", got, err, tt.want)
				}
			})
		})
	}
}

func TestWalkHandsOutAnErrorOnce(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{0, 1, 5} {
		synctest.Test(t, func(t *testing.T) {
			l := &list{items: letters("abcdefgh"), fail: 2}
			c := newCore(t, "https://panel.example.org", withTransport(l), with(func(cfg *Config) { cfg.ReadAhead = ahead }))
			var items, failures int
			for item, err := range All(t.Context(), c, 0, 0, func(x *thing) string { return x.Name },
				func(ctx context.Context, page, _ int) (*Page[thing], error) {
					return PageOf[thing](do(ctx, c, "GET", fmt.Sprintf("api/client?page=%d", page), nil))
				}) {
				if err != nil {
					failures++
					if !errors.Is(err, ErrForbidden) || item != nil {
						t.Errorf("got %v, %v", item, err)
					}
					continue
				}
				items++
			}
			if items != 2 || failures != 1 {
				t.Errorf("read-ahead %d: %d items and %d errors, want 2 and 1", ahead, items, failures)
			}
		})
	}
}

// Items without an id are all handed out.
func TestWalkWithoutIDs(t *testing.T) {
	t.Parallel()
	l := &list{items: []string{"", "", "", "", ""}}
	n := 0
	if _, err := l.walk(t, 1, 0, func(string) bool { n++; return true }); err != nil || n != 5 {
		t.Errorf("%d items, %v; want 5", n, err)
	}
}

// While items only go away, none of those that stay is missed, however many pages
// are read ahead.
func TestWalkOfAShrinkingList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			all := letters("abcdefghijklmnopqrstuvwxyz")
			l := &list{items: slices.Clone(all), latency: time.Duration(random.IntN(2)) * time.Second}
			ahead := random.IntN(4)
			got, err := l.walk(t, ahead, 0, func(string) bool {
				time.Sleep(time.Duration(random.IntN(3)) * time.Second)
				if random.IntN(3) == 0 && len(l.items) > 0 {
					l.remove(l.items[random.IntN(len(l.items))])
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range l.items {
				if strings.Count(got, item) != 1 {
					t.Errorf("seed %d, read-ahead %d: %s came %d times in %s", seed, ahead, item, strings.Count(got, item), got)
				}
			}
		})
	}
}
