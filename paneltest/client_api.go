package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/internal/panelapi/clientserver"
)

// clientAPI serves the Client API.
type clientAPI struct{ p *Panel }

var _ clientserver.ServerInterface = clientAPI{}

// serverCall is a request about a server.
type serverCall struct {
	*call
	server *server
}

// The routes that are served in states in which others are not.
type tolerance int

const (
	tolerateNothing tolerance = iota
	tolerateForAdmins
	tolerateAll
)

// onServer runs the handler of an operation on a server: after the checks for
// access, for the server's state and for a permission, in this order.
func (a clientAPI) onServer(w http.ResponseWriter, r *http.Request, id, permission string, handle func(*serverCall) (*answer, error)) {
	a.onServerIn(w, r, id, permission, tolerateNothing, handle)
}

func (a clientAPI) onServerIn(w http.ResponseWriter, r *http.Request, id, permission string, tolerate tolerance, handle func(*serverCall) (*answer, error)) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		s := c.p.findServer(id)
		switch {
		case s == nil:
			return nil, errNotFound
		case !c.reaches(s):
			return nil, errNoAccess
		}
		if err := s.conflict(); err != nil && !c.tolerates(s, tolerate) {
			return nil, err
		}
		if permission != "" && !c.may(s, permission) {
			return nil, errUnauthorized
		}
		if err := c.throttled(s); err != nil {
			return nil, err
		}
		return handle(&serverCall{c, s})
	})
}

// findServer finds a server by its identifier or its UUID.
func (p *Panel) findServer(id string) *server {
	if p.legacy() && len(id) != shortID {
		return nil
	}
	return p.state.serversByUUID[id]
}

// reaches tells that an account has any part in a server.
func (c *call) reaches(s *server) bool {
	return c.user.admin || s.owner == c.user || s.subuser(c.user) != nil
}

// may tells that an account has a permission on a server.
func (c *call) may(s *server, permission string) bool {
	if c.user.admin || s.owner == c.user {
		return true
	}
	sub := s.subuser(c.user)
	return sub != nil && slices.Contains(sub.permissions, permission)
}

// permissionsOn lists what an account may do with a server.
func (c *call) permissionsOn(s *server) []string {
	switch {
	case c.user.admin:
		return []string{grantAll, grantErrors, grantInstall, grantTransfer}
	case s.owner == c.user:
		return []string{grantAll}
	}
	if sub := s.subuser(c.user); sub != nil {
		return sub.permissions
	}
	return []string{}
}

// conflict is the refusal that the state of a server asks for, nil for none.
func (s *server) conflict() error {
	detail := ""
	switch {
	case s.status == statusSuspended:
		detail = "This server is currently suspended and the functionality requested is unavailable."
	case s.node.maintenance:
		detail = "The node of this server is currently under maintenance and the functionality requested is unavailable."
	case s.status == statusInstalling || s.status == statusInstallFailed:
		detail = "This server has not yet completed its installation process, please try again later."
	case s.status == statusRestoring:
		detail = "This server is currently restoring from a backup, please try again later."
	case s.transferring:
		detail = "This server is currently being transferred to a new machine, please try again later."
	default:
		return nil
	}
	return refuse(http.StatusConflict, "ServerStateConflictException", detail)
}

// tolerates tells that a request is served in spite of a conflict.
func (c *call) tolerates(s *server, tolerate tolerance) bool {
	return tolerate == tolerateAll ||
		tolerate == tolerateForAdmins && c.user.admin && s.status != statusSuspended && !s.node.maintenance
}

// ClientListServers implements the operation.
func (a clientAPI) ClientListServers(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		servers, err := filterBy(c.in, c.p.state.servers.where(c.listed()),
			partial("uuid", func(s *server) string { return s.uuid }),
			partial("name", func(s *server) string { return s.name }),
			partial("description", func(s *server) string { return deref(s.description) }),
			partial("external_id", func(s *server) string { return deref(s.externalID) }),
			filterOn("*", (*server).found),
		)
		if err != nil {
			return nil, err
		}
		pages := serverPages
		if c.p.legacy() {
			pages = serverPages07
		}
		included := c.in.includes()
		return paginated(c, servers, pages, func(s *server) object { return c.showServer(s, included) })
	})
}

// listed tells which servers the list holds that a request asks for.
func (c *call) listed() func(*server) bool {
	owned := func(s *server) bool { return s.owner == c.user }
	part := func(s *server) bool { return owned(s) || s.subuser(c.user) != nil }
	scope := c.in.text("type")
	if c.p.legacy() {
		scope = map[string]string{"all": "admin-all", "admin": "admin", "owner": "owner"}[c.in.text("filter")]
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
func (s *server) found(text string) bool {
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
	return ip, port, ip == "" || matches(`/^\d{1,3}(\.\d{1,3}){3}$/`, ip)
}

// ClientGetServer implements the operation.
func (a clientAPI) ClientGetServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "", tolerateAll, func(c *serverCall) (*answer, error) {
		document := c.showServer(c.server, c.in.includes())
		document["meta"] = object{
			"is_server_owner": c.server.owner == c.user, "user_permissions": c.permissionsOn(c.server),
		}
		return ok(document), nil
	})
}

// ClientGetSystemPermissions implements the operation.
func (a clientAPI) ClientGetSystemPermissions(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(*call) (*answer, error) {
		groups := make(object)
		for _, group := range permissionGroups {
			keys := make(object)
			for _, key := range group.keys {
				keys[key] = "Allows " + key + " in the group " + group.name + "."
			}
			groups[group.name] = object{"description": "Permissions of the group " + group.name + ".", "keys": keys}
		}
		return ok(item("system_permissions", object{"permissions": groups})), nil
	})
}

// permissionGroups are all permissions that a subuser may have.
var permissionGroups = []struct {
	name string
	keys []string
}{
	{"websocket", []string{"connect"}},
	{"control", []string{"console", "start", "stop", "restart"}},
	{"user", []string{"create", "read", "update", "delete"}},
	{"file", []string{"create", "read", "read-content", "update", "delete", "archive", "sftp"}},
	{"backup", []string{"create", "read", "delete", "download", "restore"}},
	{"allocation", []string{"read", "create", "update", "delete"}},
	{"startup", []string{"read", "update", "docker-image"}},
	{"database", []string{"create", "read", "update", "delete", "view_password"}},
	{"schedule", []string{"create", "read", "update", "delete"}},
	{"settings", []string{"rename", "reinstall"}},
	{"activity", []string{"read"}},
}

// isPermission tells that there is such a permission.
func isPermission(text string) bool {
	group, key, _ := strings.Cut(text, ".")
	for _, g := range permissionGroups {
		if g.name == group {
			return slices.Contains(g.keys, key)
		}
	}
	return false
}

// ClientListServerActivity implements the operation.
func (a clientAPI) ClientListServerActivity(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "activity.read", func(c *serverCall) (*answer, error) {
		return c.listActivity(func(line *activity) bool { return line.server == c.server })
	})
}

// serverPages is how the list of servers is cut.
var serverPages = paging{size: 50, most: 100, keepsQuery: true}

// errNoAccess is for servers that an account has no part in.
var errNoAccess = refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource does not exist on this server.")
