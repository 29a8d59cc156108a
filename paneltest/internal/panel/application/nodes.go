package application

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// nodeFields are what a node is made of.
func (c *call) nodeFields() []laravel.Field {
	uploadSize := "int|between:1,1024"
	if c.Version >= panel.Version1123 {
		uploadSize = "int|min:1" // 5000 passed
	}
	fields := []laravel.Field{
		{Name: "public", Rules: "boolean", Label: "Node Visibility"},
		{Name: "name", Rules: `required|regex:/^([\w .-]{1,100})$/`},
		{
			Name: "location_id", Rules: "required|exists", Label: "Location",
			Checks: map[string]func(any) bool{"exists": func(value any) bool {
				id, _ := laravel.IntegerOf(value)
				return c.State.Locations.Get(id) != nil
			}},
		},
		{Name: "fqdn", Rules: "required|string"},
		{Name: "scheme", Rules: "required"},
		{Name: "behind_proxy", Rules: "boolean"},
		{Name: "memory", Rules: "required|numeric|min:1"},
		{Name: "memory_overallocate", Rules: "required|numeric|min:-1"},
		{Name: "disk", Rules: "required|numeric|min:1"},
		{Name: "disk_overallocate", Rules: "required|numeric|min:-1"},
		{Name: "cpu", Rules: "required|numeric|min:0"},
		{Name: "cpu_overallocate", Rules: "required|numeric|min:-1"},
		{Name: "upload_size", Rules: uploadSize, Label: "File Upload Size Limit"},
		{Name: "daemon_base", Rules: `sometimes|required|regex:/^([\/][\d\w.\-\/]+)$/`, Label: "Daemon Base Path"},
		{Name: "daemon_sftp", Rules: "required|numeric|between:1,65535"},
		{Name: "daemon_sftp_alias", Rules: "nullable|string"},
		{Name: "daemon_listen", Rules: "required|numeric|between:1,65535"},
		{Name: "daemon_connect", Rules: "required|numeric|between:1,65535"},
		{Name: "maintenance_mode", Rules: "boolean"},
		{Name: "tags", Rules: "array"},
	}
	without := []string{"cpu", "cpu_overallocate", "daemon_sftp_alias", "daemon_connect", "tags"}
	if c.Traits.Tags {
		without = []string{"location_id"}
	}
	fields = slices.DeleteFunc(fields, func(f laravel.Field) bool { return slices.Contains(without, f.Name) })
	for i := range fields {
		if f := &fields[i]; c.Traits.Tags && f.Name == "fqdn" {
			f.Rules += "|not_in:0.0.0.0,127.0.0.1,localhost"
		} else if c.Traits.Tags {
			f.Label = ""
		}
	}
	return fields
}

// readNode changes a node to what a request says. It reports whether anything
// changed.
func (c *call) readNode(n *model.Node) bool {
	before := *n
	flag := func(name string, to *bool) {
		if c.Input.Has(name) {
			*to = c.Input.Boolean(name)
		}
	}
	flag("public", &n.Public)
	flag("behind_proxy", &n.BehindProxy)
	flag("maintenance_mode", &n.Maintenance)
	n.Name = c.Input.Text("name")
	if c.Traits.Tags {
		n.CPU, n.CPUOverallocate = c.Input.Integer("cpu"), c.Input.Integer("cpu_overallocate")
		n.Connect = c.Input.Integer("daemon_connect")
		if c.Input.Has("description") {
			n.Description = c.Input.Optional("description")
		}
		if c.Input.Has("daemon_sftp_alias") {
			n.SFTPAlias = c.Input.Optional("daemon_sftp_alias")
		}
		if c.Input.Has("tags") {
			n.Tags = c.Input.Texts("tags")
		}
	} else {
		n.Location = c.State.Locations.Get(c.Input.Integer("location_id"))
	}
	n.FQDN, n.Scheme = c.Input.Text("fqdn"), c.Input.Text("scheme")
	n.Memory, n.MemoryOverallocate = c.Input.Integer("memory"), c.Input.Integer("memory_overallocate")
	n.Disk, n.DiskOverallocate = c.Input.Integer("disk"), c.Input.Integer("disk_overallocate")
	if size := c.Input.Integer("upload_size"); size > 0 {
		n.UploadSize = size
	}
	n.DaemonBase = cmp.Or(c.Input.Text("daemon_base"), c.Traits.DaemonBase)
	n.SFTP, n.Listen = c.Input.Integer("daemon_sftp"), c.Input.Integer("daemon_listen")
	return !reflect.DeepEqual(*n, before)
}

// ApplicationListNodes implements the operation.
func (a API) ApplicationListNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*laravel.Answer, error) {
		nodes, err := laravel.FilterBy(c.Input, c.State.Nodes.All(),
			laravel.Partial("uuid", func(n *model.Node) string { return n.UUID }), laravel.Partial("name", func(n *model.Node) string { return n.Name }),
			laravel.Partial("fqdn", func(n *model.Node) string { return n.FQDN }), laravel.Partial("daemon_token_id", func(n *model.Node) string { return n.TokenID }),
		)
		if err != nil {
			return nil, err
		}
		if nodes, err = laravel.SortBy(c.Input, nodes,
			laravel.SortOn("id", func(a, b *model.Node) int { return a.ID - b.ID }),
			laravel.SortOn("uuid", func(a, b *model.Node) int { return cmp.Compare(a.UUID, b.UUID) }),
			laravel.SortOn("memory", func(a, b *model.Node) int { return a.Memory - b.Memory }),
			laravel.SortOn("disk", func(a, b *model.Node) int { return a.Disk - b.Disk }),
			laravel.SortOn("cpu", func(a, b *model.Node) int { return a.CPU - b.CPU }),
		); err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, nodes, applicationPages, func(n *model.Node) laravel.Object { return c.showNode(n, included) })
	})
}

// errNoNode is for servers that fit nowhere.
var errNoNode = laravel.Refuse(http.StatusBadRequest, "NoViableNodeException",
	"No nodes satisfying the requirements specified for automatic deployment could be found.")

// ApplicationListDeployableNodes implements the operation.
func (a API) ApplicationListDeployableNodes(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*laravel.Answer, error) {
		fields := []laravel.Field{
			{Name: "page", Rules: "integer"},
			{Name: "memory", Rules: "required|integer|min:0"},
			{Name: "disk", Rules: "required|integer|min:0"},
		}
		if c.Traits.Tags {
			fields = append(fields, laravel.Field{Name: "cpu", Rules: "integer|min:0"}, laravel.Field{Name: "tags", Rules: "array"})
		} else {
			fields = append(fields, laravel.Field{Name: "location_ids", Rules: "array"}, laravel.Field{Name: "location_ids.*", Rules: "integer"})
		}
		if err := c.Input.Validate(fields...); err != nil {
			return nil, err
		}
		nodes := c.roomyNodes("location_ids", "tags", "")
		if len(nodes) == 0 && !c.Traits.Tags {
			return nil, errNoNode
		}
		included := c.Input.Includes()
		show := func(n *model.Node) laravel.Object {
			used := c.State.Used(n)
			document := c.showNode(n, included)
			attributes := document["attributes"].(laravel.Object) //nolint:forcetypeassert // all items have them
			if c.Traits.Tags {
				attributes["servers_sum_memory"], attributes["servers_sum_disk"], attributes["servers_sum_cpu"] = used.Memory, used.Disk, used.CPU
			} else {
				attributes["sum_memory"], attributes["sum_disk"] = strconv.Itoa(used.Memory), strconv.Itoa(used.Disk)
			}
			return document
		}
		if c.Input.Has("page") && !c.Traits.Tags {
			return panel.Paginated(c.Call, nodes, applicationPages, show)
		}
		return laravel.OK(laravel.ListOf(nodes, show)), nil
	})
}

// roomyNodes finds nodes by the limits in a request, whose names have a prefix,
// and by locations or, in Pelican, by tags.
func (c *call) roomyNodes(locations, tags, prefix string) []*model.Node {
	inLocation, tagged := c.Input.Integers(locations), c.Input.Texts(tags)
	willDo := func(n *model.Node) bool { return len(inLocation) == 0 || slices.Contains(inLocation, n.Location.ID) }
	if c.Traits.Tags {
		willDo = func(n *model.Node) bool {
			return len(tagged) == 0 || slices.ContainsFunc(tagged, func(tag string) bool { return slices.Contains(n.Tags, tag) })
		}
	}
	return c.State.RoomyNodes(willDo, model.Room{
		Memory: c.Input.Integer(prefix + "memory"), Disk: c.Input.Integer(prefix + "disk"), CPU: c.Input.Integer(prefix + "cpu"),
	})
}

// ApplicationGetNode implements the operation.
func (a API) ApplicationGetNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		return laravel.OK(c.showNode(n, c.Input.Includes())), nil
	})
}

// ApplicationGetNodeConfiguration implements the operation.
func (a API) ApplicationGetNodeConfiguration(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		certificates := "/etc/letsencrypt/live/" + n.FQDN
		return laravel.OK(laravel.Object{
			"debug": false, "uuid": n.UUID, "token_id": n.TokenID, "token": n.Token,
			"api": laravel.Object{
				"host": "0.0.0.0", "port": n.Listen, "upload_limit": n.UploadSize,
				"ssl": laravel.Object{
					"enabled": !n.BehindProxy && n.Scheme == "https",
					"cert":    certificates + "/fullchain.pem", "key": certificates + "/privkey.pem",
				},
			},
			"system":         laravel.Object{"data": n.DaemonBase, "sftp": laravel.Object{"bind_port": n.SFTP}},
			"allowed_mounts": []string{}, "remote": c.URL,
		}), nil
	})
}

// ApplicationCreateNode implements the operation. There is no Wings on the node
// until [Panel.StartNode].
func (a API) ApplicationCreateNode(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNodes, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.nodeFields()...); err != nil {
			return nil, err
		}
		now := time.Now()
		n := &model.Node{
			ID: c.State.Nodes.Next(), UUID: random.UUID(), Public: true, UploadSize: 100, TokenID: random.Text(16), Token: random.Text(64),
			Down: true, Created: now, Updated: now,
		}
		c.readNode(n)
		c.State.Nodes.Add(n.ID, n)
		document := c.showNode(n, nil)
		for _, name := range []string{"description", "daemon_sftp_alias"} {
			if c.Traits.Tags && !c.Input.Has(name) {
				delete(document["attributes"].(laravel.Object), name) //nolint:forcetypeassert // all items have them
			}
		}
		return c.created(document, "nodes/"+strconv.Itoa(n.ID))
	})
}

// ApplicationUpdateNode implements the operation. What is stored stays, also if
// Wings could not be told.
func (a API) ApplicationUpdateNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.nodeFields()...); err != nil {
			return nil, err
		}
		before := c.showNode(n, c.Input.Includes())
		if c.readNode(n) {
			n.Updated = time.Now()
		}
		if reset, _ := c.Input.Get("reset_secret"); reset == true {
			n.TokenID, n.Token = random.Text(16), random.Text(64)
		}
		switch {
		case !n.Up() && c.Traits.BareFailures:
			return laravel.OK(before), nil // although it is stored
		case !n.Up():
			return nil, c.notPersisted()
		}
		document := c.showNode(n, c.Input.Includes())
		document["attributes"].(laravel.Object)["mounts"] = []any{} //nolint:forcetypeassert // all items have them
		return laravel.OK(document), nil
	})
}

// notPersisted is for a node whose Wings could not be told of a change.
func (c *call) notPersisted() error {
	updated := "has been updated"
	if c.Version < panel.Version1123 {
		updated = "<strong>" + updated + "</strong>"
	}
	return laravel.Refuse(http.StatusBadRequest, "ConfigurationNotPersistedException",
		"The daemon configuration "+updated+", however there was an error encountered while attempting to automatically update the "+
			"configuration file on the Daemon. You will need to manually update the configuration file (config.yml) for the daemon to apply these changes.")
}

// ApplicationDeleteNode implements the operation.
func (a API) ApplicationDeleteNode(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightNodes, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		if c.State.Servers.First(func(s *model.Server) bool { return s.Node == n }) != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveServersException",
				"A node must have no servers linked to it in order to be deleted.")
		}
		for _, allocation := range c.State.Allocations.Where(func(a *model.Allocation) bool { return a.Node == n }) {
			c.State.Allocations.Remove(allocation.ID)
		}
		c.State.Nodes.Remove(n.ID)
		if n.Daemon != nil {
			c.Unlocked(n.Daemon.Close)
		}
		return laravel.NoContent, nil
	})
}
