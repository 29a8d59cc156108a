package application

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ApplicationListServers implements the operation.
func (a API) ApplicationListServers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "search", Rules: "string|max:100"}); err != nil {
			return nil, err
		}
		shortFilter := "uuidShort"
		if c.Traits.LooseEggs {
			shortFilter = "uuid_short"
		}
		servers, err := laravel.FilterBy(c.Input, c.State.Servers.All(),
			laravel.Partial("uuid", func(s *model.Server) string { return s.UUID }),
			laravel.Partial(shortFilter, (*model.Server).Identifier),
			laravel.Partial("name", func(s *model.Server) string { return s.Name }),
			laravel.Partial("description", func(s *model.Server) string { return model.Deref(s.Description) }),
			laravel.Partial("image", func(s *model.Server) string { return s.Image }),
			laravel.Partial("external_id", func(s *model.Server) string { return model.Deref(s.ExternalID) }),
		)
		if err != nil {
			return nil, err
		}
		if servers, err = laravel.SortBy(c.Input, servers,
			laravel.SortOn("id", func(a, b *model.Server) int { return a.ID - b.ID }),
			laravel.SortOn("uuid", func(a, b *model.Server) int { return cmp.Compare(a.UUID, b.UUID) }),
		); err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		if err := unservable(included); err != nil {
			return nil, err
		}
		return panel.Paginated(c.Call, servers, applicationPages, func(s *model.Server) laravel.Object { return c.showAppServer(s, included) })
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
func (c *call) answerServer(s *model.Server) (*laravel.Answer, error) {
	included := c.Input.Includes()
	if err := unservable(included); err != nil {
		return nil, err
	}
	return laravel.OK(c.showAppServer(s, included)), nil
}

// ApplicationGetServer implements the operation.
func (a API) ApplicationGetServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), (*call).answerServer)
}

// ApplicationGetServerByExternalID implements the operation.
func (a API) ApplicationGetServerByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightServers, func(s *model.State) *model.Server {
		return s.Servers.First(func(srv *model.Server) bool { return srv.ExternalID != nil && *srv.ExternalID == externalID })
	}, (*call).answerServer)
}

// ApplicationSuspendServer implements the operation.
func (a API) ApplicationSuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		return laravel.NoContent, c.Suspend(s, true)
	})
}

// ApplicationUnsuspendServer implements the operation.
func (a API) ApplicationUnsuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		return laravel.NoContent, c.Suspend(s, false)
	})
}

// ApplicationReinstallServer implements the operation.
func (a API) ApplicationReinstallServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if !s.Node.Up() {
			return nil, c.NodeDown()
		}
		c.Install(s, c.OnNode(s), false)
		return laravel.NoContent, nil
	})
}

// ApplicationRebuildServerLegacy implements the operation of Panel 0.7, which
// built the container anew.
func (a API) ApplicationRebuildServerLegacy(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if !s.Node.Up() {
			return nil, c.NodeDown()
		}
		return laravel.NoContent, nil
	})
}

// ApplicationDeleteServer implements the operation.
func (a API) ApplicationDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) { return c.deleteServer(s, false) })
}

// ApplicationForceDeleteServer implements the operation.
func (a API) ApplicationForceDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) { return c.deleteServer(s, true) })
}

// deleteServerBySlip is what a Panel does with DELETE /servers/1/databases and
// its like: it deletes the server.
func (a API) deleteServerBySlip(w http.ResponseWriter, r *http.Request) {
	id, isNumber := laravel.IntegerOf(strings.TrimSpace(r.PathValue("server")))
	if !isNumber {
		id = 0
	}
	a.ApplicationDeleteServer(w, r, id)
}

// deleteServer deletes a server, on its node too. By force it does so also if
// the node is down.
func (c *call) deleteServer(s *model.Server, force bool) (*laravel.Answer, error) {
	if !force && !s.Node.Up() {
		return nil, c.NodeDown()
	}
	c.State.RemoveServer(s)
	if d := s.Node.Daemon; d != nil {
		c.Unlocked(func() { d.Delete(s.UUID) })
	}
	return laravel.NoContent, nil
}
