package paneltest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ApplicationListServers implements the operation.
func (a applicationAPI) ApplicationListServers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(laravel.Field{Name: "search", Rules: "string|max:100"}); err != nil {
			return nil, err
		}
		servers, err := laravel.FilterBy(c.in, c.state.servers.all(),
			laravel.Partial("uuid", func(s *server) string { return s.uuid }),
			laravel.Partial("uuidShort", (*server).identifier),
			laravel.Partial("name", func(s *server) string { return s.name }),
			laravel.Partial("description", func(s *server) string { return deref(s.description) }),
			laravel.Partial("image", func(s *server) string { return s.image }),
			laravel.Partial("external_id", func(s *server) string { return deref(s.externalID) }),
		)
		if err != nil {
			return nil, err
		}
		if servers, err = laravel.SortBy(c.in, servers,
			laravel.SortOn("id", func(a, b *server) int { return a.id - b.id }),
			laravel.SortOn("uuid", func(a, b *server) int { return cmp.Compare(a.uuid, b.uuid) }),
		); err != nil {
			return nil, err
		}
		included := c.in.Includes()
		if err := unservable(included); err != nil {
			return nil, err
		}
		return paginated(c.call, servers, applicationPages, func(s *server) laravel.Object { return c.showAppServer(s, included) })
	})
}

// unservable is the failure of the Panel to include what it says it can.
func unservable(included laravel.Relations) error {
	if _, asked := included["transfer"]; asked {
		return laravel.Crashed("TypeError")
	}
	if _, asked := included["variables"]["parent"]; asked {
		return laravel.Crashed("TypeError")
	}
	return nil
}

// answerServer answers with a server.
func (c *applicationCall) answerServer(s *server) (*laravel.Answer, error) {
	included := c.in.Includes()
	if err := unservable(included); err != nil {
		return nil, err
	}
	return laravel.OK(c.showAppServer(s, included)), nil
}

// ApplicationGetServer implements the operation.
func (a applicationAPI) ApplicationGetServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), (*applicationCall).answerServer)
}

// ApplicationGetServerByExternalID implements the operation.
func (a applicationAPI) ApplicationGetServerByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightServers, func(s *state) *server {
		return s.servers.first(func(srv *server) bool { return srv.externalID != nil && *srv.externalID == externalID })
	}, (*applicationCall).answerServer)
}

// ApplicationSuspendServer implements the operation.
func (a applicationAPI) ApplicationSuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		return laravel.NoContent, c.suspend(s, true)
	})
}

// ApplicationUnsuspendServer implements the operation.
func (a applicationAPI) ApplicationUnsuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		return laravel.NoContent, c.suspend(s, false)
	})
}

// ApplicationReinstallServer implements the operation.
func (a applicationAPI) ApplicationReinstallServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		if !s.node.up() {
			return nil, errNodeDown
		}
		c.install(s, c.machine(s), false)
		return laravel.NoContent, nil
	})
}

// ApplicationRebuildServerLegacy implements the operation of Panel 0.7, which
// built the container anew.
func (a applicationAPI) ApplicationRebuildServerLegacy(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(_ *applicationCall, s *server) (*laravel.Answer, error) {
		if !s.node.up() {
			return nil, errNodeDown
		}
		return laravel.NoContent, nil
	})
}

// ApplicationDeleteServer implements the operation.
func (a applicationAPI) ApplicationDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) { return c.deleteServer(s, false) })
}

// ApplicationForceDeleteServer implements the operation.
func (a applicationAPI) ApplicationForceDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) { return c.deleteServer(s, true) })
}

// deleteServerBySlip is what a Panel does with DELETE /servers/1/databases and
// its like: it deletes the server.
func (a applicationAPI) deleteServerBySlip(w http.ResponseWriter, r *http.Request) {
	id, isNumber := laravel.IntegerOf(strings.TrimSpace(r.PathValue("server")))
	if !isNumber {
		id = 0
	}
	a.ApplicationDeleteServer(w, r, id)
}

// deleteServer deletes a server, on its node too. By force it does so also if
// the node is down.
func (c *applicationCall) deleteServer(s *server, force bool) (*laravel.Answer, error) {
	if !force && !s.node.up() {
		return nil, errNodeDown
	}
	c.state.removeServer(s)
	if d := s.node.daemon; d != nil {
		c.unlocked(func() { d.Delete(s.uuid) })
	}
	return laravel.NoContent, nil
}
