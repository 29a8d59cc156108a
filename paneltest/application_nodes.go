package paneltest

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// nodeFields are what a node is made of.
func (c *applicationCall) nodeFields() []laravel.Field {
	return []laravel.Field{
		{Name: "public", Rules: "boolean", Label: "Node Visibility"},
		{Name: "name", Rules: `required|regex:/^([\w .-]{1,100})$/`},
		{
			Name: "location_id", Rules: "required|exists", Label: "Location",
			Checks: map[string]func(any) bool{"exists": func(value any) bool {
				id, _ := laravel.IntegerOf(value)
				return c.state.locations.get(id) != nil
			}},
		},
		{Name: "fqdn", Rules: "required|string"},
		{Name: "scheme", Rules: "required"},
		{Name: "behind_proxy", Rules: "boolean"},
		{Name: "memory", Rules: "required|numeric|min:1"},
		{Name: "memory_overallocate", Rules: "required|numeric|min:-1"},
		{Name: "disk", Rules: "required|numeric|min:1"},
		{Name: "disk_overallocate", Rules: "required|numeric|min:-1"},
		{Name: "upload_size", Rules: "int|between:1,1024", Label: "File Upload Size Limit"},
		{Name: "daemon_base", Rules: `sometimes|required|regex:/^([\/][\d\w.\-\/]+)$/`, Label: "Daemon Base Path"},
		{Name: "daemon_sftp", Rules: "required|numeric|between:1,65535"},
		{Name: "daemon_listen", Rules: "required|numeric|between:1,65535"},
		{Name: "maintenance_mode", Rules: "boolean"},
	}
}

// readNode changes a node to what a request says. It tells whether anything
// changed.
func (c *applicationCall) readNode(n *node) bool {
	before := *n
	flag := func(name string, to *bool) {
		if c.in.Has(name) {
			*to = c.in.Boolean(name)
		}
	}
	flag("public", &n.public)
	flag("behind_proxy", &n.behindProxy)
	flag("maintenance_mode", &n.maintenance)
	n.name, n.location = c.in.Text("name"), c.state.locations.get(c.in.Integer("location_id"))
	n.fqdn, n.scheme = c.in.Text("fqdn"), c.in.Text("scheme")
	n.memory, n.memoryOverallocate = c.in.Integer("memory"), c.in.Integer("memory_overallocate")
	n.disk, n.diskOverallocate = c.in.Integer("disk"), c.in.Integer("disk_overallocate")
	if size := c.in.Integer("upload_size"); size > 0 {
		n.uploadSize = size
	}
	n.daemonBase = cmp.Or(c.in.Text("daemon_base"), defaultDaemonBase)
	n.sftp, n.listen = c.in.Integer("daemon_sftp"), c.in.Integer("daemon_listen")
	return *n != before
}

// ApplicationListNodes implements the operation.
func (a applicationAPI) ApplicationListNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *applicationCall) (*laravel.Answer, error) {
		nodes, err := laravel.FilterBy(c.in, c.state.nodes.all(),
			laravel.Partial("uuid", func(n *node) string { return n.uuid }), laravel.Partial("name", func(n *node) string { return n.name }),
			laravel.Partial("fqdn", func(n *node) string { return n.fqdn }), laravel.Partial("daemon_token_id", func(n *node) string { return n.tokenID }),
		)
		if err != nil {
			return nil, err
		}
		if nodes, err = laravel.SortBy(c.in, nodes,
			laravel.SortOn("id", func(a, b *node) int { return a.id - b.id }),
			laravel.SortOn("uuid", func(a, b *node) int { return cmp.Compare(a.uuid, b.uuid) }),
			laravel.SortOn("memory", func(a, b *node) int { return a.memory - b.memory }),
			laravel.SortOn("disk", func(a, b *node) int { return a.disk - b.disk }),
		); err != nil {
			return nil, err
		}
		included := c.in.Includes()
		return paginated(c.call, nodes, applicationPages, func(n *node) laravel.Object { return c.showNode(n, included) })
	})
}

// errNoNode is for servers that fit nowhere.
var errNoNode = laravel.Refuse(http.StatusBadRequest, "NoViableNodeException",
	"No nodes satisfying the requirements specified for automatic deployment could be found.")

// ApplicationListDeployableNodes implements the operation.
func (a applicationAPI) ApplicationListDeployableNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "page", Rules: "integer"},
			laravel.Field{Name: "memory", Rules: "required|integer|min:0"},
			laravel.Field{Name: "disk", Rules: "required|integer|min:0"},
			laravel.Field{Name: "location_ids", Rules: "array"},
			laravel.Field{Name: "location_ids.*", Rules: "integer"},
		); err != nil {
			return nil, err
		}
		nodes := c.state.roomyNodes(c.in.Integers("location_ids"), c.in.Integer("memory"), c.in.Integer("disk"))
		if len(nodes) == 0 {
			return nil, errNoNode
		}
		included := c.in.Includes()
		show := func(n *node) laravel.Object {
			memory, disk := c.state.used(n)
			document := c.showNode(n, included)
			attributes := document["attributes"].(laravel.Object) //nolint:forcetypeassert // all items have them
			attributes["sum_memory"], attributes["sum_disk"] = strconv.Itoa(memory), strconv.Itoa(disk)
			return document
		}
		if c.in.Has("page") {
			return paginated(c.call, nodes, applicationPages, show)
		}
		return laravel.OK(laravel.ListOf(nodes, show)), nil
	})
}

// ApplicationGetNode implements the operation.
func (a applicationAPI) ApplicationGetNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		return laravel.OK(c.showNode(n, c.in.Includes())), nil
	})
}

// ApplicationGetNodeConfiguration implements the operation.
func (a applicationAPI) ApplicationGetNodeConfiguration(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		certificates := "/etc/letsencrypt/live/" + n.fqdn
		return laravel.OK(laravel.Object{
			"debug": false, "uuid": n.uuid, "token_id": n.tokenID, "token": n.token,
			"api": laravel.Object{
				"host": "0.0.0.0", "port": n.listen, "upload_limit": n.uploadSize,
				"ssl": laravel.Object{
					"enabled": !n.behindProxy && n.scheme == "https",
					"cert":    certificates + "/fullchain.pem", "key": certificates + "/privkey.pem",
				},
			},
			"system":         laravel.Object{"data": n.daemonBase, "sftp": laravel.Object{"bind_port": n.sftp}},
			"allowed_mounts": []string{}, "remote": c.url,
		}), nil
	})
}

// ApplicationCreateNode implements the operation. There is no Wings on the node
// until [Panel.StartNode].
func (a applicationAPI) ApplicationCreateNode(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(c.nodeFields()...); err != nil {
			return nil, err
		}
		now := time.Now()
		n := &node{
			id: c.state.nodes.next(), uuid: random.UUID(), public: true, uploadSize: 100, tokenID: random.Text(16), token: random.Text(64),
			down: true, created: now, updated: now,
		}
		c.readNode(n)
		c.state.nodes.add(n.id, n)
		return c.created(c.showNode(n, nil), "nodes/"+strconv.Itoa(n.id))
	})
}

// ApplicationUpdateNode implements the operation. What is stored stays, also if
// Wings could not be told.
func (a applicationAPI) ApplicationUpdateNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		if err := c.in.Validate(c.nodeFields()...); err != nil {
			return nil, err
		}
		if c.readNode(n) {
			n.updated = time.Now()
		}
		if reset, _ := c.in.Get("reset_secret"); reset == true {
			n.tokenID, n.token = random.Text(16), random.Text(64)
		}
		if !n.up() {
			return nil, laravel.Refuse(http.StatusBadRequest, "ConfigurationNotPersistedException",
				"The daemon configuration <strong>has been updated</strong>, however there was an error encountered while attempting to "+
					"automatically update the configuration file on the Daemon. You will need to manually update the configuration file "+
					"(config.yml) for the daemon to apply these changes.")
		}
		document := c.showNode(n, c.in.Includes())
		document["attributes"].(laravel.Object)["mounts"] = []any{} //nolint:forcetypeassert // all items have them
		return laravel.OK(document), nil
	})
}

// ApplicationDeleteNode implements the operation.
func (a applicationAPI) ApplicationDeleteNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		if c.state.servers.first(func(s *server) bool { return s.node == n }) != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveServersException",
				"A node must have no servers linked to it in order to be deleted.")
		}
		for _, allocation := range c.state.allocations.where(func(a *allocation) bool { return a.node == n }) {
			c.state.allocations.remove(allocation.id)
		}
		c.state.nodes.remove(n.id)
		if n.daemon != nil {
			c.unlocked(n.daemon.Close)
		}
		return laravel.NoContent, nil
	})
}
