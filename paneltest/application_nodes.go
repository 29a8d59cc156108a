package paneltest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// nodeFields are what a node is made of.
func (p *Panel) nodeFields() []field {
	return []field{
		{name: "public", rules: "boolean", label: "Node Visibility"},
		{name: "name", rules: `required|regex:/^([\w .-]{1,100})$/`},
		{
			name: "location_id", rules: "required|exists", label: "Location",
			checks: map[string]func(any) bool{"exists": func(value any) bool {
				id, _ := integerOf(value)
				return p.state.locations.get(id) != nil
			}},
		},
		{name: "fqdn", rules: "required|string"},
		{name: "scheme", rules: "required"},
		{name: "behind_proxy", rules: "boolean"},
		{name: "memory", rules: "required|numeric|min:1"},
		{name: "memory_overallocate", rules: "required|numeric|min:-1"},
		{name: "disk", rules: "required|numeric|min:1"},
		{name: "disk_overallocate", rules: "required|numeric|min:-1"},
		{name: "upload_size", rules: "int|between:1,1024", label: "File Upload Size Limit"},
		{name: "daemon_base", rules: `sometimes|required|regex:/^([\/][\d\w.\-\/]+)$/`, label: "Daemon Base Path"},
		{name: "daemon_sftp", rules: "required|numeric|between:1,65535"},
		{name: "daemon_listen", rules: "required|numeric|between:1,65535"},
		{name: "maintenance_mode", rules: "boolean"},
	}
}

// readNode changes a node to what a request says. It tells whether anything
// changed.
func (c *call) readNode(n *node) bool {
	before := *n
	flag := func(name string, to *bool) {
		if c.in.has(name) {
			*to = c.in.boolean(name)
		}
	}
	flag("public", &n.public)
	flag("behind_proxy", &n.behindProxy)
	flag("maintenance_mode", &n.maintenance)
	n.name, n.location = c.in.text("name"), c.p.state.locations.get(c.in.integer("location_id"))
	n.fqdn, n.scheme = c.in.text("fqdn"), c.in.text("scheme")
	n.memory, n.memoryOverallocate = c.in.integer("memory"), c.in.integer("memory_overallocate")
	n.disk, n.diskOverallocate = c.in.integer("disk"), c.in.integer("disk_overallocate")
	if size := c.in.integer("upload_size"); size > 0 {
		n.uploadSize = size
	}
	n.daemonBase = cmp.Or(c.in.text("daemon_base"), defaultDaemonBase)
	n.sftp, n.listen = c.in.integer("daemon_sftp"), c.in.integer("daemon_listen")
	return *n != before
}

// ApplicationListNodes implements the operation.
func (a applicationAPI) ApplicationListNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*answer, error) {
		nodes, err := filterBy(c.in, c.p.state.nodes.all(),
			partial("uuid", func(n *node) string { return n.uuid }), partial("name", func(n *node) string { return n.name }),
			partial("fqdn", func(n *node) string { return n.fqdn }), partial("daemon_token_id", func(n *node) string { return n.tokenID }),
		)
		if err != nil {
			return nil, err
		}
		if nodes, err = sortBy(c.in, nodes,
			sortOn("id", func(a, b *node) int { return a.id - b.id }),
			sortOn("uuid", func(a, b *node) int { return cmp.Compare(a.uuid, b.uuid) }),
			sortOn("memory", func(a, b *node) int { return a.memory - b.memory }),
			sortOn("disk", func(a, b *node) int { return a.disk - b.disk }),
		); err != nil {
			return nil, err
		}
		included := c.in.includes()
		return paginated(c, nodes, applicationPages, func(n *node) object { return c.showNode(n, included) })
	})
}

// errNoNode is for servers that fit nowhere.
var errNoNode = refuse(http.StatusBadRequest, "NoViableNodeException",
	"No nodes satisfying the requirements specified for automatic deployment could be found.")

// roomyNodes are the public nodes in some locations that have room left. No
// locations are all of them.
func (s *state) roomyNodes(locations []int, memory, disk int) []*node {
	fits := func(used, more, size, overallocate int) bool {
		return float64(used+more) <= float64(size)*(1+float64(overallocate)/100)
	}
	return s.nodes.where(func(n *node) bool {
		usedMemory, usedDisk := s.used(n)
		return n.public && (len(locations) == 0 || slices.Contains(locations, n.location.id)) &&
			fits(usedMemory, memory, n.memory, n.memoryOverallocate) && fits(usedDisk, disk, n.disk, n.diskOverallocate)
	})
}

// ApplicationListDeployableNodes implements the operation.
func (a applicationAPI) ApplicationListDeployableNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*answer, error) {
		if err := c.in.validate(
			field{name: "page", rules: "integer"},
			field{name: "memory", rules: "required|integer|min:0"},
			field{name: "disk", rules: "required|integer|min:0"},
			field{name: "location_ids", rules: "array"},
			field{name: "location_ids.*", rules: "integer"},
		); err != nil {
			return nil, err
		}
		nodes := c.p.state.roomyNodes(c.in.integers("location_ids"), c.in.integer("memory"), c.in.integer("disk"))
		if len(nodes) == 0 {
			return nil, errNoNode
		}
		included := c.in.includes()
		show := func(n *node) object {
			memory, disk := c.p.state.used(n)
			document := c.showNode(n, included)
			attributes := document["attributes"].(object) //nolint:forcetypeassert // all items have them
			attributes["sum_memory"], attributes["sum_disk"] = strconv.Itoa(memory), strconv.Itoa(disk)
			return document
		}
		if c.in.has("page") {
			return paginated(c, nodes, applicationPages, show)
		}
		return ok(each(nodes, show)), nil
	})
}

// ApplicationGetNode implements the operation.
func (a applicationAPI) ApplicationGetNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *node) (*answer, error) {
		return ok(c.showNode(n, c.in.includes())), nil
	})
}

// ApplicationGetNodeConfiguration implements the operation.
func (a applicationAPI) ApplicationGetNodeConfiguration(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *node) (*answer, error) {
		certificates := "/etc/letsencrypt/live/" + n.fqdn
		return ok(object{
			"debug": false, "uuid": n.uuid, "token_id": n.tokenID, "token": n.token,
			"api": object{
				"host": "0.0.0.0", "port": n.listen, "upload_limit": n.uploadSize,
				"ssl": object{
					"enabled": !n.behindProxy && n.scheme == "https",
					"cert":    certificates + "/fullchain.pem", "key": certificates + "/privkey.pem",
				},
			},
			"system":         object{"data": n.daemonBase, "sftp": object{"bind_port": n.sftp}},
			"allowed_mounts": []string{}, "remote": c.p.URL,
		}), nil
	})
}

// ApplicationCreateNode implements the operation. There is no Wings on the node
// until [Panel.StartNode].
func (a applicationAPI) ApplicationCreateNode(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*answer, error) {
		if err := c.in.validate(c.p.nodeFields()...); err != nil {
			return nil, err
		}
		now := time.Now()
		n := &node{
			id: c.p.state.nodes.next(), uuid: randomID(), public: true, uploadSize: 100, tokenID: randomText(16), token: randomText(64),
			down: true, created: now, updated: now,
		}
		c.readNode(n)
		c.p.state.nodes.add(n.id, n)
		return c.created(c.showNode(n, nil), "nodes/"+strconv.Itoa(n.id))
	})
}

// ApplicationUpdateNode implements the operation. What is stored stays, also if
// Wings could not be told.
func (a applicationAPI) ApplicationUpdateNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *node) (*answer, error) {
		if err := c.in.validate(c.p.nodeFields()...); err != nil {
			return nil, err
		}
		if c.readNode(n) {
			n.updated = time.Now()
		}
		if reset, _ := c.in.get("reset_secret"); reset == true {
			n.tokenID, n.token = randomText(16), randomText(64)
		}
		if !n.up() {
			return nil, refuse(http.StatusBadRequest, "ConfigurationNotPersistedException",
				"The daemon configuration <strong>has been updated</strong>, however there was an error encountered while attempting to "+
					"automatically update the configuration file on the Daemon. You will need to manually update the configuration file "+
					"(config.yml) for the daemon to apply these changes.")
		}
		document := c.showNode(n, c.in.includes())
		document["attributes"].(object)["mounts"] = []any{} //nolint:forcetypeassert // all items have them
		return ok(document), nil
	})
}

// ApplicationDeleteNode implements the operation.
func (a applicationAPI) ApplicationDeleteNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *node) (*answer, error) {
		if c.p.state.servers.first(func(s *server) bool { return s.node == n }) != nil {
			return nil, refuse(http.StatusBadRequest, "HasActiveServersException",
				"A node must have no servers linked to it in order to be deleted.")
		}
		for _, allocation := range c.p.state.allocations.where(func(a *allocation) bool { return a.node == n }) {
			c.p.state.allocations.remove(allocation.id)
		}
		c.p.state.nodes.remove(n.id)
		c.unlocked(n.shutDown)
		return none, nil
	})
}

// shutDown ends the Wings of a node for good.
func (n *node) shutDown() {
	if n.daemon != nil {
		n.daemon.close()
	}
	if n.host != nil {
		n.host.close()
	}
}
