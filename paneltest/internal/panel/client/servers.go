package client

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// serverPages is how the list of servers is cut.
var serverPages = laravel.Paging{Size: 50, Most: 100, KeepsQuery: true}

// serverPages07 is the list of servers of Panel 0.7, whose pages have one size.
var serverPages07 = laravel.Paging{Size: 25, Most: 25}

// ClientListServers implements the operation.
func (a API) ClientListServers(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		servers, err := laravel.FilterBy(c.Input, c.State.Servers.Where(c.listed()),
			laravel.Partial("uuid", func(s *model.Server) string { return s.UUID }),
			laravel.Partial("name", func(s *model.Server) string { return s.Name }),
			laravel.Partial("description", func(s *model.Server) string { return model.Deref(s.Description) }),
			laravel.Partial("external_id", func(s *model.Server) string { return model.Deref(s.ExternalID) }),
			laravel.FilterOn("*", found),
		)
		if err != nil {
			return nil, err
		}
		pages := serverPages
		if c.Legacy() {
			pages = serverPages07
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, servers, pages, func(s *model.Server) laravel.Object { return c.showServer(s, included) })
	})
}

// listed tells which servers the list holds that a request asks for.
func (c *call) listed() func(*model.Server) bool {
	owned := func(s *model.Server) bool { return s.Owner == c.User }
	part := func(s *model.Server) bool { return owned(s) || s.Subuser(c.User) != nil }
	scope := c.Input.Text("type")
	if c.Legacy() {
		scope = map[string]string{"all": "admin-all", "admin": "admin", "owner": "owner"}[c.Input.Text("filter")]
	}
	switch scope {
	case "owner":
		return owned
	case "admin":
		return func(s *model.Server) bool { return c.User.Admin && !part(s) }
	case "admin-all":
		return func(*model.Server) bool { return c.User.Admin }
	}
	return part
}

// found reports whether the filter * finds a server: by an address, or by its
// names.
func found(s *model.Server, text string) bool {
	ip, port, isAddress := addressFilter(text)
	if isAddress {
		return slices.ContainsFunc(s.Allocations, func(a *model.Allocation) bool {
			return (ip == "" || a.IP == ip) && strings.HasPrefix(strconv.Itoa(a.Port), port)
		})
	}
	lower := strings.ToLower(text)
	return strings.HasPrefix(s.UUID, lower) || s.Identifier() == lower || model.Deref(s.ExternalID) == text ||
		strings.Contains(strings.ToLower(s.Name), lower)
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
func (a API) ClientGetServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "", tolerateAll, func(c *serverCall) (*laravel.Answer, error) {
		document := c.showServer(c.server, c.Input.Includes())
		document["meta"] = laravel.Object{
			"is_server_owner": c.server.Owner == c.User, "user_permissions": c.permissionsOn(c.server),
		}
		return laravel.OK(document), nil
	})
}
