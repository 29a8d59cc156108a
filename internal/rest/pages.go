package rest

import (
	"fmt"
	"iter"
	"net/http"
	"strconv"

	"github.com/ptero-go/ptero/envelope"
)

// Page is one page of a list.
type Page[T any] struct {
	// Items are the items of this page, in the Panel's order.
	Items []*T

	// Pagination tells where in the whole list the page stands. For a list
	// that the Panel sends in one piece it says so: one page, all items.
	envelope.Pagination
}

// List decodes a list that comes in one piece.
func List[T any](resp *http.Response, err error) ([]*T, error) {
	page, err := PageOf[T](resp, err)
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

// PageOf decodes one page of a list.
func PageOf[T any](resp *http.Response, err error) (*Page[T], error) {
	list, err := JSON[envelope.List[T]](resp, err)
	if err != nil {
		return nil, err
	}
	if list.Data == nil {
		return nil, badAnswer(resp, `the answer has no "data"`, nil)
	}
	page := &Page[T]{Items: list.All()}
	if len(page.Items) != len(list.Data) {
		return nil, badAnswer(resp, `an item of the list has no "attributes"`, nil)
	}
	if list.Meta != nil {
		page.Pagination = list.Meta.Pagination
		if asked := resp.Request.URL.Query().Get("page"); asked != "" && asked != strconv.Itoa(page.CurrentPage) {
			problem := fmt.Sprintf("asked for page %s, got page %d; a proxy may drop the query", asked, page.CurrentPage)
			return nil, badAnswer(resp, problem, nil)
		}
	} else {
		n := len(page.Items)
		page.Pagination = envelope.Pagination{Total: n, Count: n, PerPage: n, CurrentPage: 1, TotalPages: 1}
	}
	return page, nil
}

// walkPerPage is the page size of All where the caller names none: the largest
// that the Client API gives. The Application API has no maximum; with this size
// an answer with relations stays within some megabytes.
const walkPerPage = 100

// All walks the items of all pages from the first on (0 means 1), asking for a
// page when the items before it are used up. It goes by page numbers: the
// Panel's links lose the query. An error is handed out once, as the last.
func All[T any](first, perPage int, fetch func(page, perPage int) (*Page[T], error)) iter.Seq2[*T, error] {
	if first == 0 {
		first = 1
	}
	if perPage == 0 {
		perPage = walkPerPage
	}
	return func(yield func(*T, error) bool) {
		for number := first; ; number++ {
			page, err := fetch(number, perPage)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if number >= page.TotalPages || len(page.Items) == 0 {
				return
			}
		}
	}
}
