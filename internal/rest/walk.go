package rest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
)

// walkPerPage is the default page size of All: the largest that the Client API
// allows. The Application API has no maximum; with this size, an answer with
// relations stays within some megabytes.
const walkPerPage = 100

// All iterates over the items of all pages from the first on (0 means 1). It
// counts pages, as the Panel's links lose the query. While the caller uses the
// items of a page, the next pages are fetched, as many as the client's
// read-ahead allows; breaking out of the loop cancels that. An error is yielded
// once, as the last value.
//
// A list may change meanwhile. An item that moved to a later page is not yielded
// again; it is recognized by its ID. If the list shrank, items may have moved to
// pages that were already read, so All goes back as far as the list shrank.
//
// Neither a list that keeps changing nor an endless one keeps the caller waiting
// forever: All goes back only a few times without finding an item, and many
// pages in a row without one are an error.
func All[T any, ID comparable](ctx context.Context, core *Core, first, perPage int, id func(*T) ID,
	fetch func(ctx context.Context, page, perPage int) (*Page[T], error),
) iter.Seq2[*T, error] {
	if first == 0 {
		first = 1
	}
	if perPage == 0 {
		perPage = walkPerPage
	}
	return func(yield func(*T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pages := &pageReader[T]{ahead: core.config.ReadAhead, fetch: func(number int) (*Page[T], error) {
			return fetch(ctx, number, perPage)
		}}
		defer pages.drop()
		defer cancel()

		seen := make(map[ID]bool)
		var none ID // of items that have no id, all handed out
		total, backs, furthest, barren := 0, 0, 0, 0
		for number := first; ; number++ {
			page, err := pages.get(number)
			if err != nil {
				yield(nil, err)
				return
			}
			if shrank := total - page.Total; shrank > 0 && number > first && backs < maxBacks {
				backs++
				pages.drop()
				back := (shrank-1)/max(page.PerPage, 1) + 1
				number = max(first, number-back) - 1
				total = page.Total
				continue
			}
			total = page.Total
			pages.readAhead(number, page.TotalPages)
			if number > furthest {
				furthest = number
				barren++
			}
			for _, item := range page.Items {
				key := id(item)
				if seen[key] && key != none {
					continue
				}
				seen[key] = true
				backs, barren = 0, 0
				if !yield(item, nil) {
					return
				}
			}
			if number >= page.TotalPages || len(page.Items) == 0 {
				return
			}
			if barren == maxBarren {
				yield(nil, endlessList())
				return
			}
		}
	}
}

// AllOf is [All] for a list that takes options; paging finds the fields in them
// that name the page and its size.
func AllOf[T, O any, ID comparable](ctx context.Context, core *Core, opts O, paging func(*O) (page, perPage *int), id func(*T) ID,
	list func(ctx context.Context, opts O) (*Page[T], error),
) iter.Seq2[*T, error] {
	first, perPage := paging(&opts)
	return All(ctx, core, *first, *perPage, id, func(ctx context.Context, page, perPage int) (*Page[T], error) {
		opts := opts // pages are fetched at once
		number, size := paging(&opts)
		*number, *size = page, perPage
		return list(ctx, opts)
	})
}

const (
	maxBacks  = 3   // how often a walk goes back without finding an item
	maxBarren = 100 // how many pages in a row may hold nothing new
)

func endlessList() error {
	return &Error{
		Operation: "list", StatusCode: http.StatusOK,
		Problem: fmt.Sprintf("%d pages in a row held nothing new; a proxy may answer each with the same one", maxBarren),
	}
}

// pageReader reads pages in their order, some of them ahead of their use.
type pageReader[T any] struct {
	fetch func(number int) (*Page[T], error)
	ahead int // how many pages may be on their way at once
	next  int // number of the first page in queue
	queue []chan pageResult[T]
}

type pageResult[T any] struct {
	page *Page[T]
	err  error
}

// get returns a page, which must be the first in the queue if there is one.
func (r *pageReader[T]) get(number int) (*Page[T], error) {
	if len(r.queue) == 0 {
		return r.fetch(number)
	}
	result := <-r.queue[0]
	r.queue = r.queue[1:]
	r.next++
	return result.page, result.err
}

// readAhead begins to fetch the pages that follow one in use.
func (r *pageReader[T]) readAhead(inUse, last int) {
	if len(r.queue) == 0 {
		r.next = inUse + 1
	}
	for number := r.next + len(r.queue); number <= min(inUse+r.ahead, last); number++ {
		result := make(chan pageResult[T], 1)
		r.queue = append(r.queue, result)
		go func() {
			page, err := r.fetch(number)
			result <- pageResult[T]{page, err}
		}()
	}
}

// drop waits for the pages that nobody will use.
func (r *pageReader[T]) drop() {
	for _, result := range r.queue {
		<-result
	}
	r.queue = nil
}
