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
