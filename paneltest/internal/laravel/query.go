package laravel

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Relations is what a request asks to include, as a tree.
type Relations map[string]Relations

// maxIncludeDepth is how deep includes may be nested.
const maxIncludeDepth = 2

// Includes reads the relations that a request asks for, by a list with commas
// or by include[].
func (in Input) Includes() Relations {
	var names []string
	if value, _ := in.Get("include"); value != nil {
		if entries := EntriesOf(value); entries != nil {
			for _, entry := range entries {
				names = append(names, TextOf(entry))
			}
		} else {
			names = strings.Split(TextOf(value), ",")
		}
	}
	tree := make(Relations)
	for _, name := range names {
		branch := tree
		for depth, part := range strings.Split(strings.TrimSpace(name), ".") {
			if part == "" || depth == maxIncludeDepth {
				break
			}
			if branch[part] == nil {
				branch[part] = make(Relations)
			}
			branch = branch[part]
		}
	}
	return tree
}

// Paging is how a list is cut into pages.
type Paging struct {
	Size, Most int  // items of a page by default and at most; 0 for no bound
	Strict     bool // a size that is no number makes the Panel fail
	KeepsQuery bool // the links keep the query
}

// What the application API takes for per_page=0.
const zeroPerPage = 15

// cut chooses the page of a list that a request asks for, and returns it with
// what its meta says.
func cut[T any](in Input, address *url.URL, all []T, pages Paging) ([]T, Object, error) {
	size := pages.Size
	if text := in.Text("per_page"); text != "" {
		n, err := strconv.Atoi(text)
		switch {
		case pages.Strict && (err != nil || n < 0):
			if err != nil {
				return nil, nil, Crashed("TypeError")
			}
			return nil, nil, Crashed("QueryException")
		case pages.Strict && n == 0:
			size = zeroPerPage
		case n > 0:
			size = n
		}
	}
	if pages.Most > 0 {
		size = min(size, pages.Most)
	}
	number, err := strconv.Atoi(in.Text("page"))
	if err != nil || number < 1 {
		number = 1
	}
	total := len(all)
	last := max(1, int(math.Ceil(float64(total)/float64(size))))
	from := min((number-1)*size, total)
	shown := all[from:min(from+size, total)]
	links := Object{}
	if number > 1 {
		links["previous"] = pages.link(address, number-1)
	}
	if number < last {
		links["next"] = pages.link(address, number+1)
	}
	return shown, Object{
		"total": total, "count": len(shown), "per_page": size, "current_page": number, "total_pages": last, "links": links,
	}, nil
}

// link is the address of another page. Many lists forget the query.
func (p Paging) link(list *url.URL, number int) string {
	var query strings.Builder
	if p.KeepsQuery {
		for pair := range strings.SplitSeq(list.RawQuery, "&") {
			name, value, _ := strings.Cut(pair, "=")
			if name == "" || name == "page" {
				continue
			}
			value, _ = url.QueryUnescape(value)
			query.WriteString(name + "=" + url.QueryEscape(value) + "&")
		}
	}
	return list.Scheme + "://" + list.Host + list.Path + "?" + query.String() + "page=" + strconv.Itoa(number)
}

// Paginate is the document of the page of a list that a request asks for. The
// address is that of the whole list.
func Paginate[T any](in Input, address *url.URL, all []T, pages Paging, show func(T) Object) (Object, error) {
	shown, pagination, err := cut(in, address, all, pages)
	if err != nil {
		return nil, err
	}
	document := ListOf(shown, show)
	document["meta"] = Object{"pagination": pagination}
	return document, nil
}

// ListOf shows all rows of a list.
func ListOf[T any](rows []T, show func(T) Object) Object {
	items := make([]Object, len(rows))
	for i, row := range rows {
		items[i] = show(row)
	}
	return List(items)
}

// Filter is a filter of a list by name.
type Filter[T any] struct {
	name string
	fits func(row T, value string) bool
}

// FilterOn makes a filter.
func FilterOn[T any](name string, fits func(row T, value string) bool) Filter[T] {
	return Filter[T]{name, fits}
}

// FilterBy keeps the rows that fit all filters of a request. A comma in a value
// means or.
func FilterBy[T any](in Input, rows []T, filters ...Filter[T]) ([]T, error) {
	wanted, _ := in.Get("filter")
	values, isMap := wanted.(map[string]any)
	if !isMap {
		return rows, nil
	}
	var unknown []string
	for name := range values {
		if !slices.ContainsFunc(filters, func(f Filter[T]) bool { return f.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		var names []string
		for _, f := range filters {
			names = append(names, f.name)
		}
		return nil, Refuse(400, "InvalidFilterQuery", "Requested filter(s) `"+strings.Join(unknown, ", ")+
			"` are not allowed. Allowed filter(s) are `"+strings.Join(names, ", ")+"`.")
	}
	for _, f := range filters {
		text := TextOf(values[f.name])
		if text == "" {
			continue
		}
		if f.name == "*" && strings.Contains(text, ",") {
			return nil, Crashed("ErrorException") // it expects a text and gets a list
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(row T) bool {
			return !slices.ContainsFunc(strings.Split(text, ","), func(value string) bool { return f.fits(row, value) })
		})
	}
	return rows, nil
}

// Partial makes a filter that looks for a part of a text.
func Partial[T any](name string, text func(T) string) Filter[T] {
	return FilterOn(name, func(row T, value string) bool {
		switch value { // as the Panel understands these words
		case "true":
			value = "1"
		case "false":
			value = ""
		}
		return strings.Contains(strings.ToLower(text(row)), strings.ToLower(value))
	})
}

// Sort is a sort of a list by name.
type Sort[T any] struct {
	name    string
	compare func(a, b T) int
}

// SortOn makes a sort.
func SortOn[T any](name string, compare func(a, b T) int) Sort[T] { return Sort[T]{name, compare} }

// SortBy sorts rows as a request asks for.
func SortBy[T any](in Input, rows []T, orders ...Sort[T]) ([]T, error) {
	wanted := in.Text("sort")
	if wanted == "" {
		return rows, nil
	}
	rows = slices.Clone(rows)
	keys := strings.Split(wanted, ",")
	slices.Reverse(keys) // the first matters most, so it sorts last
	var unknown []string
	for _, key := range keys {
		name, descending := strings.CutPrefix(key, "-")
		i := slices.IndexFunc(orders, func(o Sort[T]) bool { return o.name == name })
		if i < 0 {
			unknown = append(unknown, name)
			continue
		}
		slices.SortStableFunc(rows, func(a, b T) int {
			if descending {
				a, b = b, a
			}
			return orders[i].compare(a, b)
		})
	}
	if len(unknown) > 0 {
		var names []string
		for _, o := range orders {
			names = append(names, o.name)
		}
		return nil, Refuse(400, "InvalidSortQuery", "Requested sort(s) `"+strings.Join(unknown, ", ")+
			"` is not allowed. Allowed sort(s) are `"+strings.Join(names, ", ")+"`.")
	}
	return rows, nil
}
