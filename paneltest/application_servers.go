package paneltest

import (
	"cmp"
	"net/http"
	"strings"
)

// ApplicationListServers implements the operation.
func (a applicationAPI) ApplicationListServers(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *call) (*answer, error) {
		if err := c.in.validate(field{name: "search", rules: "string|max:100"}); err != nil {
			return nil, err
		}
		servers, err := filterBy(c.in, c.p.state.servers.all(),
			partial("uuid", func(s *server) string { return s.uuid }),
			partial("uuidShort", (*server).identifier),
			partial("name", func(s *server) string { return s.name }),
			partial("description", func(s *server) string { return deref(s.description) }),
			partial("image", func(s *server) string { return s.image }),
			partial("external_id", func(s *server) string { return deref(s.externalID) }),
		)
		if err != nil {
			return nil, err
		}
		if servers, err = sortBy(c.in, servers,
			sortOn("id", func(a, b *server) int { return a.id - b.id }),
			sortOn("uuid", func(a, b *server) int { return cmp.Compare(a.uuid, b.uuid) }),
		); err != nil {
			return nil, err
		}
		included := c.in.includes()
		if err := unservable(included); err != nil {
			return nil, err
		}
		return paginated(c, servers, applicationPages, func(s *server) object { return c.showAppServer(s, included) })
	})
}

// unservable is the failure of the Panel to include what it says it can.
func unservable(included relations) error {
	if _, asked := included["transfer"]; asked {
		return crashed("TypeError")
	}
	if _, asked := included["variables"]["parent"]; asked {
		return crashed("TypeError")
	}
	return nil
}

// answerServer answers with a server.
func (c *call) answerServer(s *server) (*answer, error) {
	included := c.in.includes()
	if err := unservable(included); err != nil {
		return nil, err
	}
	return ok(c.showAppServer(s, included)), nil
}

// ApplicationGetServer implements the operation.
func (a applicationAPI) ApplicationGetServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), (*call).answerServer)
}

// ApplicationGetServerByExternalID implements the operation.
func (a applicationAPI) ApplicationGetServerByExternalID(w http.ResponseWriter, r *http.Request, externalID string) {
	on(a, w, r, rightServers, func(s *state) *server {
		return s.servers.first(func(srv *server) bool { return srv.externalID != nil && *srv.externalID == externalID })
	}, (*call).answerServer)
}

// ApplicationSuspendServer implements the operation.
func (a applicationAPI) ApplicationSuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		return none, c.p.suspend(s, true)
	})
}

// ApplicationUnsuspendServer implements the operation.
func (a applicationAPI) ApplicationUnsuspendServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		return none, c.p.suspend(s, false)
	})
}

// suspend suspends a server, or lifts its suspension.
func (p *Panel) suspend(s *server, suspended bool) error {
	switch {
	case (s.status == statusSuspended) == suspended:
		return nil
	case s.transferring:
		return refuse(http.StatusConflict, "ConflictHttpException",
			"Cannot toggle suspension status on a server that is currently being transferred.")
	case !s.node.up():
		return errNodeDown
	}
	s.status = ""
	if suspended {
		s.status = statusSuspended
	}
	p.machine(s).setSuspended(suspended)
	return nil
}

// ApplicationReinstallServer implements the operation.
func (a applicationAPI) ApplicationReinstallServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		if !s.node.up() {
			return nil, errNodeDown
		}
		c.p.install(s, c.p.machine(s), false)
		return none, nil
	})
}

// ApplicationRebuildServerLegacy implements the operation of Panel 0.7, which
// built the container anew.
func (a applicationAPI) ApplicationRebuildServerLegacy(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(_ *call, s *server) (*answer, error) {
		if !s.node.up() {
			return nil, errNodeDown
		}
		return none, nil
	})
}

// ApplicationDeleteServer implements the operation.
func (a applicationAPI) ApplicationDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) { return c.deleteServer(s, false) })
}

// ApplicationForceDeleteServer implements the operation.
func (a applicationAPI) ApplicationForceDeleteServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) { return c.deleteServer(s, true) })
}

// deleteServerBySlip is what a Panel does with DELETE /servers/1/databases and
// its like: it deletes the server.
func (a applicationAPI) deleteServerBySlip(w http.ResponseWriter, r *http.Request) {
	id, isNumber := integerOf(strings.TrimSpace(r.PathValue("server")))
	if !isNumber {
		id = 0
	}
	a.ApplicationDeleteServer(w, r, id)
}

// deleteServer deletes a server, on its node too. By force it does so also if
// the node is down.
func (c *call) deleteServer(s *server, force bool) (*answer, error) {
	if !force && !s.node.up() {
		return nil, errNodeDown
	}
	c.p.state.removeServer(s)
	if d := s.node.daemon; d != nil {
		c.unlocked(func() { d.remove(s.uuid) })
	}
	return none, nil
}
