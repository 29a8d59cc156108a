package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/internal/panelapi/clientserver"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// clientAPI serves the Client API.
type clientAPI struct{ *core }

var _ clientserver.ServerInterface = clientAPI{}

// serveClient makes a Panel serve the Client API.
func serveClient(p *core) {
	clientserver.HandlerWithOptions(clientAPI{p}, clientserver.StdHTTPServerOptions{BaseRouter: p.router, ErrorHandlerFunc: p.missing})
}

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
func (a clientAPI) onServer(w http.ResponseWriter, r *http.Request, id, permission string, handle func(*serverCall) (*laravel.Answer, error)) {
	a.onServerIn(w, r, id, permission, tolerateNothing, handle)
}

func (a clientAPI) onServerIn(w http.ResponseWriter, r *http.Request, id, permission string, tolerate tolerance, handle func(*serverCall) (*laravel.Answer, error)) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		s := c.findServer(id)
		switch {
		case s == nil:
			return nil, laravel.ErrNotFound
		case !c.reaches(s):
			return nil, errNoAccess
		}
		if err := s.conflict(); err != nil && !c.tolerates(s, tolerate) {
			return nil, err
		}
		if permission != "" && !c.may(s, permission) {
			return nil, laravel.ErrUnauthorized
		}
		if err := c.throttled(s); err != nil {
			return nil, err
		}
		return handle(&serverCall{c, s})
	})
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
		return []string{protocol.PermitAll, protocol.PermitErrors, protocol.PermitInstall, protocol.PermitTransfer}
	case s.owner == c.user:
		return []string{protocol.PermitAll}
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
	return laravel.Refuse(http.StatusConflict, "ServerStateConflictException", detail)
}

// tolerates tells that a request is served in spite of a conflict.
func (c *call) tolerates(s *server, tolerate tolerance) bool {
	return tolerate == tolerateAll ||
		tolerate == tolerateForAdmins && c.user.admin && s.status != statusSuspended && !s.node.maintenance
}

// ClientListServers implements the operation.
func (a clientAPI) ClientListServers(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		servers, err := laravel.FilterBy(c.in, c.state.servers.where(c.listed()),
			laravel.Partial("uuid", func(s *server) string { return s.uuid }),
			laravel.Partial("name", func(s *server) string { return s.name }),
			laravel.Partial("description", func(s *server) string { return deref(s.description) }),
			laravel.Partial("external_id", func(s *server) string { return deref(s.externalID) }),
			laravel.FilterOn("*", (*server).found),
		)
		if err != nil {
			return nil, err
		}
		pages := serverPages
		if c.legacy() {
			pages = serverPages07
		}
		included := c.in.Includes()
		return paginated(c, servers, pages, func(s *server) laravel.Object { return c.showServer(s, included) })
	})
}

// listed tells which servers the list holds that a request asks for.
func (c *call) listed() func(*server) bool {
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

// ClientGetSystemPermissions implements the operation.
func (a clientAPI) ClientGetSystemPermissions(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(*call) (*laravel.Answer, error) {
		groups := make(laravel.Object)
		for _, group := range permissionGroups {
			keys := make(laravel.Object)
			for _, key := range group.keys {
				keys[key] = "Allows " + key + " in the group " + group.name + "."
			}
			groups[group.name] = laravel.Object{"description": "Permissions of the group " + group.name + ".", "keys": keys}
		}
		return laravel.OK(laravel.Item("system_permissions", laravel.Object{"permissions": groups})), nil
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
	a.onServer(w, r, id, "activity.read", func(c *serverCall) (*laravel.Answer, error) {
		return c.listActivity(func(line *activity) bool { return line.server == c.server })
	})
}

// serverPages is how the list of servers is cut.
var serverPages = laravel.Paging{Size: 50, Most: 100, KeepsQuery: true}

// errNoAccess is for servers that an account has no part in.
var errNoAccess = laravel.Refuse(http.StatusNotFound, "NotFoundHttpException", "The requested resource does not exist on this server.")
