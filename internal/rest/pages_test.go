package rest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// numbered serves pages of two items, "1" to n.
func numbered(n int, seen *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r.URL.RawQuery)
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var items []string
		for i := 2*page - 1; i <= min(2*page, n); i++ {
			items = append(items, fmt.Sprintf(`{"attributes":{"name":"%d"}}`, i))
		}
		_, _ = fmt.Fprintf(w, `{"object":"list","data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":2,"current_page":%d,"total_pages":%d,"links":[]}}}`,
			strings.Join(items, ","), n, len(items), page, (n+1)/2)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		items, first, take int
		want               string
		pages              string
	}{
		"all":             {items: 5, take: 9, want: "1 2 3 4 5", pages: "page=1 page=2 page=3"},
		"full last page":  {items: 4, take: 9, want: "1 2 3 4", pages: "page=1 page=2"},
		"none":            {items: 0, take: 9, want: "", pages: "page=1"},
		"break":           {items: 5, take: 2, want: "1 2", pages: "page=1"},
		"from the middle": {items: 5, first: 2, take: 9, want: "3 4 5", pages: "page=2 page=3"},
		"beyond the end":  {items: 5, first: 7, take: 9, want: "", pages: "page=7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen, got []string
			c := panel(t, numbered(tt.items, &seen))
			for item, err := range All(tt.first, 0, func(page, _ int) (*Page[thing], error) {
				return PageOf[thing](do(t.Context(), c, "GET", fmt.Sprintf("api/client?page=%d", page), nil))
			}) {
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, item.Name); len(got) == tt.take {
					break
				}
			}
			if strings.Join(got, " ") != tt.want || strings.Join(seen, " ") != tt.pages {
				t.Errorf("got %q by %q, want %q by %q", got, seen, tt.want, tt.pages)
			}
		})
	}
}

func TestAllHandsOutAnErrorOnce(t *testing.T) {
	t.Parallel()
	var seen []string
	pages := numbered(5, &seen)
	c := panel(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		pages(w, r)
	})
	var items, failures int
	for item, err := range All(0, 0, func(page, _ int) (*Page[thing], error) {
		return PageOf[thing](do(t.Context(), c, "GET", fmt.Sprintf("api/client?page=%d", page), nil))
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
		t.Errorf("%d items and %d errors, want 2 and 1", items, failures)
	}
}

// A proxy that drops the query would repeat page 1 for ever.
func TestWrongPageIsAnError(t *testing.T) {
	t.Parallel()
	c := panel(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"attributes":{"name":"1"}}],"meta":{"pagination":{"total":3,"current_page":1,"total_pages":3}}}`)
	})
	_, err := PageOf[thing](do(t.Context(), c, "GET", "api/client?page=2", nil))
	if !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "asked for page 2, got page 1") {
		t.Errorf("err = %v", err)
	}
}

func TestListInOnePieceIsOnePage(t *testing.T) {
	t.Parallel()
	c := panel(t, answer(200, "application/json", `{"object":"list","data":[{"attributes":{"name":"1"}}]}`))
	page, err := PageOf[thing](do(t.Context(), c, "GET", "api/client", nil))
	if err != nil || page.Total != 1 || page.CurrentPage != 1 || page.TotalPages != 1 {
		t.Errorf("page = %+v, %v", page, err)
	}
}
