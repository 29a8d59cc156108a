package application

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

func (c *call) showUser(u *model.User, included laravel.Relations) laravel.Object {
	attributes := laravel.Object{
		"id": u.ID, "external_id": u.ExternalID, "uuid": u.UUID, "username": u.Username, "email": u.Email,
		"language": u.Language, "root_admin": u.Admin, "2fa": u.TOTPEnabled,
		"created_at": laravel.Stamp(u.Created), "updated_at": laravel.Stamp(u.Updated),
	}
	relations := map[string]relation{
		"servers": listedAs(rightServers, c.serversWhere(func(s *model.Server) bool { return s.Owner == u }), c.showAppServer),
	}
	if c.Traits.Roles {
		attributes["is_managed_externally"], attributes["2fa_enabled"] = u.Managed, u.TOTPEnabled
		relations["roles"] = listedAs(rightRoles, func() []*model.Role { return c.State.RolesOf(u) }, c.showRole)
	} else {
		attributes["first_name"], attributes["last_name"] = u.FirstName, u.LastName
	}
	return c.relate(laravel.Item("user", attributes), included, relations)
}

func (c *call) serversWhere(fits func(*model.Server) bool) func() []*model.Server {
	return func() []*model.Server { return c.State.Servers.Where(fits) }
}

func (c *call) nodesIn(l *model.Location) func() []*model.Node {
	return func() []*model.Node { return c.State.Nodes.Where(func(n *model.Node) bool { return n.Location == l }) }
}

func (c *call) showLocation(l *model.Location, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("location", laravel.Object{
		"id": l.ID, "short": l.Short, "long": l.Long, "updated_at": laravel.Stamp(l.Updated), "created_at": laravel.Stamp(l.Created),
	}), included, map[string]relation{
		"nodes":   listedAs(rightNodes, c.nodesIn(l), c.showNode),
		"servers": listedAs(rightServers, c.serversWhere(func(s *model.Server) bool { return s.Node.Location == l }), c.showAppServer),
	})
}

func (c *call) showNode(n *model.Node, included laravel.Relations) laravel.Object {
	used := c.State.Used(n)
	resources := laravel.Object{"memory": used.Memory, "disk": used.Disk}
	attributes := laravel.Object{
		"id": n.ID, "uuid": n.UUID, "public": n.Public, "name": n.Name, "description": n.Description,
		"fqdn": n.FQDN, "scheme": n.Scheme, "behind_proxy": n.BehindProxy, "maintenance_mode": n.Maintenance,
		"memory": n.Memory, "memory_overallocate": n.MemoryOverallocate, "disk": n.Disk, "disk_overallocate": n.DiskOverallocate,
		"upload_size": n.UploadSize, "daemon_listen": n.Listen, "daemon_sftp": n.SFTP, "daemon_base": n.DaemonBase,
		"created_at": laravel.Stamp(n.Created), "updated_at": laravel.Stamp(n.Updated),
		"allocated_resources": resources,
	}
	relations := map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*model.Allocation {
			return c.State.Allocations.Where(func(a *model.Allocation) bool { return a.Node == n })
		}, c.showAppAllocation),
		"servers": listedAs(rightServers, c.serversWhere(func(s *model.Server) bool { return s.Node == n }), c.showAppServer),
	}
	if c.Traits.Tags {
		resources["cpu"] = used.CPU
		attributes["tags"], attributes["cpu"], attributes["cpu_overallocate"] = n.Tags, n.CPU, n.CPUOverallocate
		attributes["daemon_connect"], attributes["daemon_sftp_alias"] = n.Connect, n.SFTPAlias
	} else {
		attributes["location_id"] = n.Location.ID
		relations["location"] = shown(rightLocations, n.Location, c.showLocation)
	}
	return c.relate(laravel.Item("node", attributes), included, relations)
}

func (c *call) showAppAllocation(a *model.Allocation, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("allocation", laravel.Object{
		"id": a.ID, "ip": a.IP, "alias": a.Alias, "port": a.Port, "notes": a.Notes, "assigned": a.Server != nil,
	}), included, map[string]relation{
		"node":   shown(rightNodes, a.Node, c.showNode),
		"server": shown(rightServers, a.Server, c.showAppServer),
	})
}

func (c *call) showNest(n *model.Nest, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("nest", laravel.Object{
		"id": n.ID, "uuid": n.UUID, "author": n.Author, "name": n.Name, "description": n.Description,
		"created_at": laravel.Stamp(n.Created), "updated_at": laravel.Stamp(n.Updated),
	}), included, map[string]relation{
		"eggs":    listedAs(rightEggs, c.eggsIn(n), c.showEgg),
		"servers": listedAs(rightServers, c.serversWhere(func(s *model.Server) bool { return s.Egg.Nest == n }), c.showAppServer),
	})
}

func (c *call) eggsIn(n *model.Nest) func() []*model.Egg {
	return func() []*model.Egg { return c.State.Eggs.Where(func(e *model.Egg) bool { return e.Nest == n }) }
}

// documentOr is a stored JSON document as PHP shows it: an empty one is a list,
// unless it is asked to be an object.
func documentOr(document json.RawMessage, empty any) any {
	switch string(document) {
	case "", "{}", "[]", "null":
		return empty
	}
	return document
}

func (c *call) showEgg(e *model.Egg, included laravel.Relations) laravel.Object {
	attributes := laravel.Object{
		"id": e.ID, "uuid": e.UUID, "name": e.Name, "author": e.Author, "description": e.Description,
		"docker_image": e.Image(), "docker_images": panel.ShowImages(e),
		"config":  showConfig(e),
		"startup": e.Command, "script": showScript(e),
		"created_at": laravel.Stamp(e.Created), "updated_at": laravel.Stamp(e.Updated),
	}
	relations := map[string]relation{
		"servers":   listedAs(rightServers, c.serversWhere(func(s *model.Server) bool { return s.Egg == e }), c.showAppServer),
		"variables": listedAs(rightEggs, func() []*model.Variable { return c.variablesOf(e) }, c.showEggVariable),
		"config":    inherited(e.ConfigFrom, showConfig, "extends", "file_denylist"),
		"script":    inherited(e.ScriptFrom, showScript, "extends"),
	}
	if c.Traits.LooseEggs {
		attributes["icon"], attributes["tags"], attributes["startup_commands"] = e.Icon, texts(e.Tags), showCommands(e)
		attributes["features"] = texts(e.Features)
	} else {
		attributes["nest"] = e.Nest.ID
		relations["nest"] = shown(rightNests, e.Nest, c.showNest)
	}
	return c.relate(laravel.Item("egg", attributes), included, relations)
}

// showCommands returns the start commands of an egg by their labels.
func showCommands(e *model.Egg) laravel.Ordered {
	commands := make(laravel.Ordered, len(e.Commands))
	for i, command := range e.Commands {
		commands[i] = laravel.Member{Name: command.Label, Value: command.Command}
	}
	return commands
}

// texts is a list that is never null.
func texts(list []string) []string { return append([]string{}, list...) }

func showConfig(e *model.Egg) laravel.Object {
	return laravel.Object{
		"files": documentOr(e.Files, laravel.Object{}), "startup": documentOr(e.Startup, []any{}), "stop": e.Stop,
		"logs": documentOr(e.Logs, []any{}), "file_denylist": texts(e.Denylist), "extends": idOrNull(e.ConfigFrom),
	}
}

func showScript(e *model.Egg) laravel.Object {
	return laravel.Object{
		"privileged": e.Privileged, "install": e.Install, "entry": e.Entry, "container": e.Container, "extends": idOrNull(e.ScriptFrom),
	}
}

func idOrNull(e *model.Egg) any {
	if e == nil {
		return nil
	}
	return e.ID
}

// inherited is what an egg takes from another one, null if it takes nothing.
func inherited(from *model.Egg, show func(*model.Egg) laravel.Object, without ...string) relation {
	return relation{rightEggs, func(laravel.Relations) any {
		if from == nil {
			return laravel.NullResource
		}
		attributes := show(from)
		for _, name := range without {
			delete(attributes, name)
		}
		return laravel.Object{"object": nil, "attributes": attributes}
	}}
}

// variablesOf are the variables of an egg in the order of the relations.
func (c *call) variablesOf(e *model.Egg) []*model.Variable {
	if c.Traits.LooseEggs {
		return model.NamedVariables(e.Variables)
	}
	return e.Variables
}

func (c *call) variableAttributes(v *model.Variable) laravel.Object {
	attributes := laravel.Object{
		"id": v.ID, "egg_id": v.Egg.ID, "name": v.Name, "description": v.Description, "env_variable": v.Env,
		"default_value": v.Value, "user_viewable": v.Viewable, "user_editable": v.Editable, "rules": v.Rules,
		"created_at": laravel.PreciseStamp(v.Created), "updated_at": laravel.PreciseStamp(v.Updated),
	}
	if c.Traits.LooseEggs {
		attributes["rules"] = strings.Split(v.Rules, "|")
		attributes["sort"] = slices.Index(v.Egg.Variables, v) + 1
	}
	return attributes
}

func (c *call) showEggVariable(v *model.Variable, _ laravel.Relations) laravel.Object {
	return laravel.Item("egg_variable", c.variableAttributes(v))
}

// showAppServer is a server in the form of the Application API.
func (c *call) showAppServer(s *model.Server, included laravel.Relations) laravel.Object {
	environment := laravel.Object{
		"STARTUP": s.Command, "P_SERVER_UUID": s.UUID,
	}
	if !c.Traits.Tags {
		environment["P_SERVER_LOCATION"], environment["P_SERVER_ALLOCATION_LIMIT"] = s.Node.Location.Short, s.AllocationLimit
	}
	for _, v := range s.Egg.Variables {
		environment[v.Env] = s.Value(v)
	}
	installed := 0
	if c.IsInstalled(s) {
		installed = 1
	}
	attributes := laravel.Object{
		"id": s.ID, "external_id": s.ExternalID, "uuid": s.UUID, "identifier": s.Identifier(), "name": s.Name,
		"description": s.Description, "status": laravel.OrNull(s.Status), "suspended": s.Status == model.StatusSuspended,
		"limits": c.ShowLimits(s.Limits), "feature_limits": panel.ShowFeatureLimits(s),
		"user": s.Owner.ID, "node": s.Node.ID, "allocation": s.Allocation.ID, "egg": s.Egg.ID,
		"container":  laravel.Object{"startup_command": s.Command, "image": s.Image, "installed": installed, "environment": environment},
		"updated_at": laravel.Stamp(s.Updated), "created_at": laravel.Stamp(s.Created),
	}
	relations := map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*model.Allocation { return s.Allocations }, c.showAppAllocation),
		"user":        shown(rightUsers, s.Owner, c.showUser),
		"subusers":    listedAs(rightUsers, func() []*model.Subuser { return s.Subusers }, c.showAppSubuser),
		"nest":        shown(rightNests, s.Egg.Nest, c.showNest),
		"egg":         shown(rightEggs, s.Egg, c.showEgg),
		"variables": listedAs(rightServers, func() []*model.Variable { return c.variablesOf(s.Egg) }, func(v *model.Variable, _ laravel.Relations) laravel.Object {
			attributes := c.variableAttributes(v)
			attributes["server_value"] = s.Value(v)
			return laravel.Item("server_variable", attributes)
		}),
		"location":  shown(rightLocations, s.Node.Location, c.showLocation),
		"node":      shown(rightNodes, s.Node, c.showNode),
		"databases": listedAs(rightDatabases, func() []*model.Database { return s.Databases }, c.showIncludedDatabase),
	}
	if c.Traits.LooseEggs {
		delete(relations, "nest")
	} else {
		attributes["nest"] = s.Egg.Nest.ID
	}
	if c.Traits.Tags {
		delete(relations, "location")
	}
	return c.relate(laravel.Item("server", attributes), included, relations)
}

func (c *call) showAppSubuser(s *model.Subuser, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("subuser", laravel.Object{
		"id": s.ID, "user_id": s.User.ID, "server_id": s.Server.ID, "permissions": s.Permissions,
		"created_at": laravel.Stamp(s.Created), "updated_at": laravel.Stamp(s.Updated),
	}), included, map[string]relation{
		"user":   shown(rightUsers, s.User, c.showUser),
		"server": shown(rightServers, s.Server, c.showAppServer),
	})
}

// showIncludedDatabase is a database in a server; there it has another name.
func (c *call) showIncludedDatabase(d *model.Database, included laravel.Relations) laravel.Object {
	document := c.showAppDatabase(d, included)
	document["object"] = "databases"
	return document
}

func (c *call) showAppDatabase(d *model.Database, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("server_database", laravel.Object{
		"id": d.ID, "server": d.Server.ID, "host": d.Host.ID, "database": d.Name, "username": d.Username, "remote": d.Remote,
		"max_connections": 0, "created_at": laravel.Stamp(d.Created), "updated_at": laravel.Stamp(d.Updated),
	}), included, map[string]relation{
		"password": {"", func(laravel.Relations) any {
			return laravel.Item("database_password", laravel.Object{"password": d.Password})
		}},
		"host": shown(rightDatabaseHosts, d.Host, c.showDatabaseHost),
	})
}

func (c *call) showDatabaseHost(h *model.DatabaseHost, included laravel.Relations) laravel.Object {
	attributes := laravel.Object{
		"id": h.ID, "name": h.Name, "host": h.Host, "port": h.Port, "username": h.Username,
		"created_at": laravel.Stamp(h.Created), "updated_at": laravel.Stamp(h.Updated),
	}
	relations := map[string]relation{
		"databases": listedAs(rightDatabases, func() []*model.Database {
			return c.State.Databases.Where(func(d *model.Database) bool { return d.Host == h })
		}, c.showAppDatabase),
	}
	switch {
	case c.Traits.Tags:
		relations["nodes"] = listedAs(rightNodes, func() []*model.Node { return h.Nodes }, c.showNode)
	case len(h.Nodes) > 0:
		attributes["node"] = h.Nodes[0].ID
	default:
		attributes["node"] = nil
	}
	return c.relate(laravel.Item("database_host", attributes), included, relations)
}
