package rest_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ptero-go/ptero/internal/rest"
)

type numbered struct {
	ID int `json:"id"`
}

// Whatever a Panel says about its pages, a walk asks for pages that come next or
// came before, and never keeps its caller waiting for ever.
func FuzzPagination(f *testing.F) {
	const far = math.MaxInt>>1 + 1
	f.Add(3, 1, 3, 1, 3, 1, 3, 1, 3, true)           // three pages
	f.Add(10, 2, 5, 8, 2, 4, 10, 2, 5, true)         // shrinks and grows
	f.Add(-1, -1, -1, 0, 0, 0, far, far, 9, true)    // nonsense
	f.Add(far, 1, 9, -far, 0, 9, 5, 1, 9, false)     // differences that do not fit
	f.Add(100, 10, far, 99, 10, 9, 100, 10, 9, true) // flaps
	f.Add(100, 1, far, 100, 1, far, 100, 1, far, false)
	f.Fuzz(func(t *testing.T, total1, perPage1, pages1, total2, perPage2, pages2, total3, perPage3, pages3 int, fresh bool) {
		const bound = 2000
		var requests atomic.Int64
		script := [][3]int{{total1, perPage1, pages1}, {total2, perPage2, pages2}, {total3, perPage3, pages3}}
		core := fuzzedCore(t, func(req *http.Request) (*http.Response, error) {
			n := int(requests.Add(1))
			page, err := strconv.Atoi(req.URL.Query().Get("page"))
			if err != nil || page < 1 || page > n+2 {
				t.Errorf("request %d asks for page %q", n, req.URL.Query().Get("page"))
			}
			if n > bound {
				return answered(500, nil, nil)(req)
			}
			now, id := script[n%len(script)], 1
			if fresh {
				id = page
			}
			return answered(200, nil, fmt.Appendf(nil, `{"data":[{"attributes":{"id":%d}}],"meta":{"pagination":`+
				`{"total":%d,"count":1,"per_page":%d,"current_page":%d,"total_pages":%d,"links":[]}}}`,
				id, now[0], now[1], page, now[2]))(req)
		})
		yielded := 0
		for _, err := range rest.All(t.Context(), core, 0, 0, func(v *numbered) int { return v.ID },
			func(ctx context.Context, page, perPage int) (*rest.Page[numbered], error) {
				return rest.PageOf[numbered](get(ctx, core, "api/client?page="+strconv.Itoa(page)+"&per_page="+strconv.Itoa(perPage)))
			}) {
			if err != nil && strings.Contains(err.Error(), "500") {
				t.Fatalf("%d items came in %d requests, and there is no end", yielded, requests.Load())
			}
			if yielded++; yielded == 50 {
				break
			}
		}
	})
}
