package application_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
)

// filtered serves lists as the Panel filters them: what holds a part of the filter
// between commas, in any case, is kept.
func filtered(t *testing.T, attributes ...object) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		var kept []object
		for _, a := range attributes {
			fits := true
			for parameter, values := range r.URL.Query() {
				field, ok := strings.CutPrefix(parameter, "filter[")
				if !ok {
					continue
				}
				text, any := strings.ToLower(fmt.Sprint(a[strings.TrimSuffix(field, "]")])), false
				for part := range strings.SplitSeq(strings.ToLower(values[0]), ",") {
					switch part {
					case "true":
						part = "1"
					case "false":
						part = "0"
					}
					any = any || strings.Contains(text, part)
				}
				fits = fits && any
			}
			if fits {
				kept = append(kept, object{"object": "x", "attributes": a})
			}
		}
		const size = 2
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		first := min((page-1)*size, len(kept))
		pages := (len(kept) + size - 1) / size
		answer(t, object{
			"object": "list", "data": append([]object{}, kept[first:min(first+size, len(kept))]...),
			"meta": object{"pagination": object{
				"total": len(kept), "count": 1, "per_page": size, "current_page": page, "total_pages": pages, "links": object{},
			}},
		})(w, r)
	}
}

// A look-up finds what it was asked for, and never what only looks like it.
func TestLookups(t *testing.T) {
	t.Parallel()
	users := []object{
		{"id": 1, "email": "joann@example.org", "username": "joann"},
		{"id": 2, "email": "ann@example.org.evil", "username": "annabel"},
		{"id": 3, "email": "x.ann@example.org", "username": "x_ann"},
		{"id": 4, "email": "Ann@Example.org", "username": "ann"},
		{"id": 5, "email": "a,b_c%d@example.org", "username": "true"},
	}
	servers := []object{
		{"id": 1, "uuid": "11111111-9c07-4517-8040-3ba7db4c7bc2", "name": "lobby two"},
		{"id": 2, "uuid": "22222222-9c07-4517-8040-3ba7db4c7bc2", "name": "lobby"},
		{"id": 3, "uuid": "33333333-9c07-4517-8040-3ba7db4c7bc2", "name": "Lobby"},
		{"id": 4, "uuid": "44444444-9c07-4517-8040-3ba7db4c7bc2", "name": "twice"},
		{"id": 5, "uuid": "55555555-9c07-4517-8040-3ba7db4c7bc2", "name": "other"},
		{"id": 6, "uuid": "66666666-9c07-4517-8040-3ba7db4c7bc2", "name": "twice"},
		{"id": 7, "uuid": "77777777-9c07-4517-8040-3ba7db4c7bc2", "name": "100%, really"},
		{"id": 8, "uuid": "88888888-9c07-4517-8040-3ba7db4c7bc2", "name": "False"},
		{"id": 9, "uuid": "99999999-9c07-4517-8040-3ba7db4c7bc2", "name": "%_,"},
	}
	c, p := serve(t, map[string]http.HandlerFunc{
		"GET /api/application/users": filtered(t, users...), "GET /api/application/servers": filtered(t, servers...),
	})
	user := func(get func(context.Context, string, ...application.UserInclude) (*application.User, error)) func(string) (int, error) {
		return func(key string) (int, error) {
			found, err := get(t.Context(), key)
			if err != nil {
				return 0, err
			}
			return found.ID, nil
		}
	}
	server := func(get func(context.Context, string, ...application.ServerInclude) (*application.Server, error)) func(string) (int, error) {
		return func(key string) (int, error) {
			found, err := get(t.Context(), key)
			if err != nil {
				return 0, err
			}
			return found.ID, nil
		}
	}
	for name, tt := range map[string]struct {
		get  func(string) (int, error)
		ids  map[string]int
		errs map[string]error
	}{
		"by e-mail": {
			user(c.Users.GetByEmail),
			map[string]int{"ann@example.org": 4, "ANN@example.org": 4, "joann@example.org": 1, "a,b_c%d@example.org": 5},
			map[string]error{"nn@example.org": client.ErrNotFound, "@": client.ErrNotFound, "": client.ErrArgument},
		},
		"by user name": {
			user(c.Users.GetByUsername),
			map[string]int{"ann": 4, "Ann": 4, "x_ann": 3, "true": 5},
			map[string]error{"an": client.ErrNotFound, "": client.ErrArgument},
		},
		"by UUID": {
			server(c.Servers.GetByUUID),
			map[string]int{"33333333-9c07-4517-8040-3ba7db4c7bc2": 3, "33333333-9C07-4517-8040-3BA7DB4C7BC2": 3},
			map[string]error{"33333333": client.ErrNotFound, "": client.ErrArgument},
		},
		"by name": {
			server(c.Servers.GetByName),
			map[string]int{"lobby": 2, "Lobby": 3, "100%, really": 7, "False": 8, "%_,": 9},
			map[string]error{"lobb": client.ErrNotFound, "twice": client.ErrAmbiguous, "": client.ErrArgument},
		},
	} {
		for key, want := range tt.ids {
			if got, err := tt.get(key); got != want || err != nil {
				t.Errorf("%s, %q: %d, %v; want %d", name, key, got, err, want)
			}
		}
		for key, want := range tt.errs {
			before := len(p.asked())
			if got, err := tt.get(key); !errors.Is(err, want) {
				t.Errorf("%s, %q: %d, %v; want %v", name, key, got, err, want)
			}
			if errors.Is(want, client.ErrArgument) && len(p.asked()) > before {
				t.Errorf("%s, %q: asked %q", name, key, p.asked()[before:])
			}
		}
	}
}

// What the Panel says when it is asked is what the caller gets, and what is to come
// along is asked for.
func TestLookupAsksForMore(t *testing.T) {
	t.Parallel()
	c, p := serve(t, map[string]http.HandlerFunc{"GET /api/application/servers": filtered(t)})
	_, err := c.Servers.GetByName(t.Context(), "lobby", application.ServerIncludeUser)
	want := `applicationListServers: 404 Not Found: none has the name "lobby"`
	if err == nil || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	if asked := p.asked(); len(asked) != 1 || !strings.Contains(asked[0], "include=user") || !strings.Contains(asked[0], "filter%5Bname%5D=lobby") {
		t.Errorf("asked %q", asked)
	}
	c, _ = serve(t, map[string]http.HandlerFunc{"GET /api/application/users": replay(t, "118-err-403-ro-noperm")})
	if _, err := c.Users.GetByEmail(t.Context(), "a@example.org"); !errors.Is(err, client.ErrForbidden) {
		t.Errorf("err = %v, want ErrForbidden", err)
	}
}
