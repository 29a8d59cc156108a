package laravel_test

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

type row struct {
	id   int
	name string
}

var rows = []row{{1, "Alpha"}, {2, "beta"}, {3, "gamma"}, {4, "Beta two"}, {5, "beta"}}

func names(rows []row) string {
	var all []string
	for _, r := range rows {
		all = append(all, strconv.Itoa(r.id))
	}
	return strings.Join(all, " ")
}

func TestFiltersAndSorts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ query, want string }{
		{"", "1 2 3 4 5"},
		{"filter[name]=BETA", "2 4 5"},
		{"filter[name]=alpha,gamma", "1 3"},
		{"filter[name]=", "1 2 3 4 5"},
		{"filter[id]=2", "2"},
		{"filter[name]=beta&filter[id]=4", "4"},
		{"filter[size]=1&filter[age]=1", "400 InvalidFilterQuery: Requested filter(s) `age, size` are not allowed. Allowed filter(s) are `name, id`."},
		{"sort=-id", "5 4 3 2 1"},
		{"sort=name,-id", "1 4 5 2 3"},
		{"sort=size", "400 InvalidSortQuery: Requested sort(s) `size` is not allowed. Allowed sort(s) are `id, name`."},
	} {
		in := read(t, tt.query, "")
		found, err := laravel.FilterBy(in, rows,
			laravel.Partial("name", func(r row) string { return r.name }),
			laravel.FilterOn("id", func(r row, value string) bool { return strconv.Itoa(r.id) == value }))
		if err == nil {
			found, err = laravel.SortBy(in, found,
				laravel.SortOn("id", func(a, b row) int { return a.id - b.id }),
				laravel.SortOn("name", func(a, b row) int { return cmp.Compare(a.name, b.name) }))
		}
		got := names(found)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	strict, kept := laravel.Paging{Size: 2, Strict: true}, laravel.Paging{Size: 2, Most: 3, KeepsQuery: true}
	for _, tt := range []struct {
		pages       laravel.Paging
		query, want string
	}{
		{strict, "", `1 2 of 5 {"next":"http://panel.test/list?page=2"}`},
		{strict, "page=2&per_page=2&x=1", `3 4 of 5 {"next":"http://panel.test/list?page=3","previous":"http://panel.test/list?page=1"}`},
		{strict, "page=9", ` of 5 {"previous":"http://panel.test/list?page=8"}`},
		{strict, "per_page=0", `1 2 3 4 5 of 5 {}`},
		{strict, "per_page=x", "500 TypeError"},
		{strict, "per_page=-1", "500 QueryException"},
		{kept, "per_page=9&page=2&x=a%20b", `4 5 of 5 {"previous":"http://panel.test/list?per_page=9\u0026x=a+b\u0026page=1"}`},
		{kept, "per_page=x", `1 2 of 5 {"next":"http://panel.test/list?per_page=x\u0026page=2"}`},
	} {
		address := &url.URL{Scheme: "http", Host: "panel.test", Path: "/list", RawQuery: tt.query}
		document, err := laravel.Paginate(read(t, tt.query, ""), address, rows, tt.pages, func(r row) laravel.Object { return laravel.Object{"id": r.id} })
		got := ""
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), ":")
		} else {
			var ids []string
			for _, item := range document["data"].([]laravel.Object) {
				ids = append(ids, strconv.Itoa(item["id"].(int)))
			}
			pagination := document["meta"].(laravel.Object)["pagination"].(laravel.Object)
			links, _ := json.Marshal(pagination["links"])
			got = strings.Join(ids, " ") + " of " + strconv.Itoa(pagination["total"].(int)) + " " + string(links)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"include=egg.nest.servers,user", "include[]=egg.nest&include[]=user"} {
		got := read(t, query, "").Includes()
		if len(got) != 2 || got["user"] == nil || got["egg"]["nest"] == nil || len(got["egg"]["nest"]) > 0 {
			t.Errorf("%s: %v", query, got)
		}
	}
}
