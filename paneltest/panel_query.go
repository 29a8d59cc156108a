package paneltest

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// relations is what a request asks to include, as a tree.
type relations map[string]relations

// maxIncludeDepth is how deep includes may be nested.
const maxIncludeDepth = 2

// includes reads the relations that a request asks for, by a list with commas
// or by include[].
func (in input) includes() relations {
	var names []string
	if value, _ := in.get("include"); value != nil {
		if entries := entriesOf(value); entries != nil {
			for _, entry := range entries {
				names = append(names, textOf(entry))
			}
		} else {
			names = strings.Split(textOf(value), ",")
		}
	}
	tree := make(relations)
	for _, name := range names {
		branch := tree
		for depth, part := range strings.Split(strings.TrimSpace(name), ".") {
			if part == "" || depth == maxIncludeDepth {
				break
			}
			if branch[part] == nil {
				branch[part] = make(relations)
			}
			branch = branch[part]
		}
	}
	return tree
}

// paging is how a list is cut into pages.
type paging struct {
	size, most int  // items of a page by default and at most; 0 for no bound
	strict     bool // a size that is no number makes the Panel fail
	keepsQuery bool // the links keep the query
}

// What the application API takes for per_page=0.
const zeroPerPage = 15

// cut chooses the page of a list that a request asks for, and returns it with
// what its meta says.
func cut[T any](in input, address *url.URL, all []T, pages paging) ([]T, object, error) {
	size := pages.size
	if text := in.text("per_page"); text != "" {
		n, err := strconv.Atoi(text)
		switch {
		case pages.strict && (err != nil || n < 0):
			if err != nil {
				return nil, nil, crashed("TypeError")
			}
			return nil, nil, crashed("QueryException")
		case pages.strict && n == 0:
			size = zeroPerPage
		case n > 0:
			size = n
		}
	}
	if pages.most > 0 {
		size = min(size, pages.most)
	}
	number, err := strconv.Atoi(in.text("page"))
	if err != nil || number < 1 {
		number = 1
	}
	total := len(all)
	last := max(1, int(math.Ceil(float64(total)/float64(size))))
	from := min((number-1)*size, total)
	shown := all[from:min(from+size, total)]
	links := object{}
	if number > 1 {
		links["previous"] = pages.link(address, number-1)
	}
	if number < last {
		links["next"] = pages.link(address, number+1)
	}
	return shown, object{
		"total": total, "count": len(shown), "per_page": size, "current_page": number, "total_pages": last, "links": links,
	}, nil
}

// link is the address of another page. Many lists forget the query.
func (p paging) link(list *url.URL, number int) string {
	var query strings.Builder
	if p.keepsQuery {
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

// paginate is the document of the page of a list that a request asks for. The
// address is that of the whole list.
func paginate[T any](in input, address *url.URL, all []T, pages paging, show func(T) object) (object, error) {
	shown, pagination, err := cut(in, address, all, pages)
	if err != nil {
		return nil, err
	}
	document := each(shown, show)
	document["meta"] = object{"pagination": pagination}
	return document, nil
}

// each shows all rows of a list.
func each[T any](rows []T, show func(T) object) object {
	items := make([]object, len(rows))
	for i, row := range rows {
		items[i] = show(row)
	}
	return list(items)
}

// filter is a filter of a list by name.
type filter[T any] struct {
	name string
	fits func(row T, value string) bool
}

// filterOn makes a filter.
func filterOn[T any](name string, fits func(row T, value string) bool) filter[T] {
	return filter[T]{name, fits}
}

// filterBy keeps the rows that fit all filters of a request. A comma in a value
// means or.
func filterBy[T any](in input, rows []T, filters ...filter[T]) ([]T, error) {
	wanted, _ := in.get("filter")
	values, isMap := wanted.(map[string]any)
	if !isMap {
		return rows, nil
	}
	var unknown []string
	for name := range values {
		if !slices.ContainsFunc(filters, func(f filter[T]) bool { return f.name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		var names []string
		for _, f := range filters {
			names = append(names, f.name)
		}
		return nil, refuse(400, "InvalidFilterQuery", "Requested filter(s) `"+strings.Join(unknown, ", ")+
			"` are not allowed. Allowed filter(s) are `"+strings.Join(names, ", ")+"`.")
	}
	for _, f := range filters {
		text := textOf(values[f.name])
		if text == "" {
			continue
		}
		if f.name == "*" && strings.Contains(text, ",") {
			return nil, crashed("ErrorException") // it expects a text and gets a list
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(row T) bool {
			return !slices.ContainsFunc(strings.Split(text, ","), func(value string) bool { return f.fits(row, value) })
		})
	}
	return rows, nil
}

// partial makes a filter that looks for a part of a text.
func partial[T any](name string, text func(T) string) filter[T] {
	return filterOn(name, func(row T, value string) bool {
		switch value { // as the Panel understands these words
		case "true":
			value = "1"
		case "false":
			value = ""
		}
		return strings.Contains(strings.ToLower(text(row)), strings.ToLower(value))
	})
}

// order is a sort of a list by name.
type order[T any] struct {
	name    string
	compare func(a, b T) int
}

// sortOn makes a sort.
func sortOn[T any](name string, compare func(a, b T) int) order[T] { return order[T]{name, compare} }

// sortBy sorts rows as a request asks for.
func sortBy[T any](in input, rows []T, orders ...order[T]) ([]T, error) {
	wanted := in.text("sort")
	if wanted == "" {
		return rows, nil
	}
	rows = slices.Clone(rows)
	keys := strings.Split(wanted, ",")
	slices.Reverse(keys) // the first matters most, so it sorts last
	var unknown []string
	for _, key := range keys {
		name, descending := strings.CutPrefix(key, "-")
		i := slices.IndexFunc(orders, func(o order[T]) bool { return o.name == name })
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
		return nil, refuse(400, "InvalidSortQuery", "Requested sort(s) `"+strings.Join(unknown, ", ")+
			"` is not allowed. Allowed sort(s) are `"+strings.Join(names, ", ")+"`.")
	}
	return rows, nil
}
