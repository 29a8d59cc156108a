package rest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/ptero-go/ptero/envelope"
)

// Page is one page of a list.
type Page[T any] struct {
	// Items are the items of this page, in the Panel's order.
	Items []*T

	// Pagination is the position of the page in the whole list. A list that the
	// Panel sends in one piece is one page with all items.
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
	if list.Meta == nil {
		return newPage(resp, list.Data, nil)
	}
	return newPage(resp, list.Data, &list.Meta.Pagination)
}

// PageWith decodes one page of a list that has its own metadata; pages returns
// the pagination in it, or nil if there is none.
func PageWith[T, M any](pages func(*M) *envelope.Pagination) func(*http.Response, error) (*Page[T], *M, error) {
	return func(resp *http.Response, err error) (*Page[T], *M, error) {
		list, err := JSON[envelope.ListWith[T, M]](resp, err)
		if err != nil {
			return nil, nil, err
		}
		var pagination *envelope.Pagination
		if pages != nil {
			pagination = pages(&list.Meta)
		}
		page, err := newPage(resp, list.Data, pagination)
		return page, &list.Meta, err
	}
}

// newPage returns a page of the items of a list.
func newPage[T any](resp *http.Response, data []envelope.Item[T], pagination *envelope.Pagination) (*Page[T], error) {
	if data == nil {
		return nil, badAnswer(resp, `the answer has no "data"`, nil)
	}
	page := &Page[T]{Items: make([]*T, len(data))}
	for i, item := range data {
		if page.Items[i] = item.Attributes; item.Attributes == nil {
			return nil, badAnswer(resp, `an item of the list has no "attributes"`, nil)
		}
	}
	if pagination == nil {
		n := len(data)
		page.Pagination = envelope.Pagination{Total: n, Count: n, PerPage: n, CurrentPage: 1, TotalPages: 1}
		return page, nil
	}
	page.Pagination = *pagination
	if min(page.Total, page.PerPage, page.CurrentPage, page.TotalPages) < 0 {
		return nil, badAnswer(resp, "the numbers of its pages are negative", nil)
	}
	if asked := resp.Request.URL.Query().Get("page"); asked != "" && asked != strconv.Itoa(page.CurrentPage) {
		problem := fmt.Sprintf("asked for page %s, got page %d; a proxy may drop the query", asked, page.CurrentPage)
		return nil, badAnswer(resp, problem, nil)
	}
	return page, nil
}
