package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// serverPages is how the list of servers is cut.
var serverPages = laravel.Paging{Size: 50, Most: 100, KeepsQuery: true}

// serverPages07 is the list of servers of Panel 0.7, whose pages have one size.
var serverPages07 = laravel.Paging{Size: 25, Most: 25}

// ClientListServers implements the operation.
func (a clientAPI) ClientListServers(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		servers, err := laravel.FilterBy(c.in, c.state.servers.where(c.listed()),
			laravel.Partial("uuid", func(s *server) string { return s.uuid }),
			laravel.Partial("name", func(s *server) string { return s.name }),
			laravel.Partial("description", func(s *server) string { return deref(s.description) }),
			laravel.Partial("external_id", func(s *server) string { return deref(s.externalID) }),
			laravel.FilterOn("*", found),
		)
		if err != nil {
			return nil, err
		}
		pages := serverPages
		if c.legacy() {
			pages = serverPages07
		}
		included := c.in.Includes()
		return paginated(c.call, servers, pages, func(s *server) laravel.Object { return c.showServer(s, included) })
	})
}

// listed tells which servers the list holds that a request asks for.
func (c *clientCall) listed() func(*server) bool {
	owned := func(s *server) bool { return s.owner == c.user }
	part := func(s *server) bool { return owned(s) || s.subuser(c.user) != nil }
	scope := c.in.Text("type")
	if c.legacy() {
		scope = map[string]string{"all": "admin-all", "admin": "admin", "owner": "owner"}[c.in.Text("filter")]
	}
	switch scope {
	case "owner":
		return owned
	case "admin":
		return func(s *server) bool { return c.user.admin && !part(s) }
	case "admin-all":
		return func(*server) bool { return c.user.admin }
	}
	return part
}

// found tells whether the filter * finds a server: by an address, or by its
// names.
func found(s *server, text string) bool {
	ip, port, isAddress := addressFilter(text)
	if isAddress {
		return slices.ContainsFunc(s.allocations, func(a *allocation) bool {
			return (ip == "" || a.ip == ip) && strings.HasPrefix(strconv.Itoa(a.port), port)
		})
	}
	lower := strings.ToLower(text)
	return strings.HasPrefix(s.uuid, lower) || s.identifier() == lower || deref(s.externalID) == text ||
		strings.Contains(strings.ToLower(s.name), lower)
}

// addressFilter takes 10.0.0.1, 10.0.0.1:255 and :25565 apart.
func addressFilter(text string) (ip, port string, is bool) {
	ip, port, _ = strings.Cut(text, ":")
	if strings.Trim(port, "0123456789") != "" || ip == "" && port == "" {
		return "", "", false
	}
	return ip, port, ip == "" || laravel.Matches(`/^\d{1,3}(\.\d{1,3}){3}$/`, ip)
}

// ClientGetServer implements the operation.
func (a clientAPI) ClientGetServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "", tolerateAll, func(c *serverCall) (*laravel.Answer, error) {
		document := c.showServer(c.server, c.in.Includes())
		document["meta"] = laravel.Object{
			"is_server_owner": c.server.owner == c.user, "user_permissions": c.permissionsOn(c.server),
		}
		return laravel.OK(document), nil
	})
}
