package paneltest

import (
	"encoding/json"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func (c *applicationCall) showUser(u *user, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("user", laravel.Object{
		"id": u.id, "external_id": u.externalID, "uuid": u.uuid, "username": u.username, "email": u.email,
		"first_name": u.firstName, "last_name": u.lastName, "language": u.language, "root_admin": u.admin, "2fa": u.totpEnabled,
		"created_at": laravel.Stamp(u.created), "updated_at": laravel.Stamp(u.updated),
	}), included, map[string]relation{
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.owner == u }), c.showAppServer),
	})
}

func (c *applicationCall) serversWhere(fits func(*server) bool) func() []*server {
	return func() []*server { return c.state.servers.where(fits) }
}

func (c *applicationCall) nodesIn(l *location) func() []*node {
	return func() []*node { return c.state.nodes.where(func(n *node) bool { return n.location == l }) }
}

func (c *applicationCall) showLocation(l *location, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("location", laravel.Object{
		"id": l.id, "short": l.short, "long": l.long, "updated_at": laravel.Stamp(l.updated), "created_at": laravel.Stamp(l.created),
	}), included, map[string]relation{
		"nodes":   listedAs(rightNodes, c.nodesIn(l), c.showNode),
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.node.location == l }), c.showAppServer),
	})
}

func (c *applicationCall) showNode(n *node, included laravel.Relations) laravel.Object {
	memory, disk := c.state.used(n)
	return c.relate(laravel.Item("node", laravel.Object{
		"id": n.id, "uuid": n.uuid, "public": n.public, "name": n.name, "description": n.description, "location_id": n.location.id,
		"fqdn": n.fqdn, "scheme": n.scheme, "behind_proxy": n.behindProxy, "maintenance_mode": n.maintenance,
		"memory": n.memory, "memory_overallocate": n.memoryOverallocate, "disk": n.disk, "disk_overallocate": n.diskOverallocate,
		"upload_size": n.uploadSize, "daemon_listen": n.listen, "daemon_sftp": n.sftp, "daemon_base": n.daemonBase,
		"created_at": laravel.Stamp(n.created), "updated_at": laravel.Stamp(n.updated),
		"allocated_resources": laravel.Object{"memory": memory, "disk": disk},
	}), included, map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*allocation {
			return c.state.allocations.where(func(a *allocation) bool { return a.node == n })
		}, c.showAppAllocation),
		"location": shown(rightLocations, n.location, c.showLocation),
		"servers":  listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.node == n }), c.showAppServer),
	})
}

func (c *applicationCall) showAppAllocation(a *allocation, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("allocation", laravel.Object{
		"id": a.id, "ip": a.ip, "alias": a.alias, "port": a.port, "notes": a.notes, "assigned": a.server != nil,
	}), included, map[string]relation{
		"node":   shown(rightNodes, a.node, c.showNode),
		"server": shown(rightServers, a.server, c.showAppServer),
	})
}

func (c *applicationCall) showNest(n *nest, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("nest", laravel.Object{
		"id": n.id, "uuid": n.uuid, "author": n.author, "name": n.name, "description": n.description,
		"created_at": laravel.Stamp(n.created), "updated_at": laravel.Stamp(n.updated),
	}), included, map[string]relation{
		"eggs":    listedAs(rightEggs, c.eggsIn(n), c.showEgg),
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.egg.nest == n }), c.showAppServer),
	})
}

func (c *applicationCall) eggsIn(n *nest) func() []*egg {
	return func() []*egg { return c.state.eggs.where(func(e *egg) bool { return e.nest == n }) }
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

func (c *applicationCall) showEgg(e *egg, included laravel.Relations) laravel.Object {
	image := ""
	if len(e.images) > 0 {
		image = e.images[0].image
	}
	document := laravel.Item("egg", laravel.Object{
		"id": e.id, "uuid": e.uuid, "name": e.name, "nest": e.nest.id, "author": e.author, "description": e.description,
		"docker_image": image, "docker_images": showImages(e),
		"config":  showConfig(e),
		"startup": e.command, "script": showScript(e),
		"created_at": laravel.Stamp(e.created), "updated_at": laravel.Stamp(e.updated),
	})
	return c.relate(document, included, map[string]relation{
		"nest":      shown(rightNests, e.nest, c.showNest),
		"servers":   listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.egg == e }), c.showAppServer),
		"variables": listedAs(rightEggs, func() []*variable { return e.variables }, c.showEggVariable),
		"config":    inherited(e.configFrom, showConfig, "extends", "file_denylist"),
		"script":    inherited(e.scriptFrom, showScript, "extends"),
	})
}

func showConfig(e *egg) laravel.Object {
	denylist := e.denylist
	if denylist == nil {
		denylist = []string{}
	}
	return laravel.Object{
		"files": documentOr(e.files, laravel.Object{}), "startup": documentOr(e.startup, []any{}), "stop": e.stop,
		"logs": documentOr(e.logs, []any{}), "file_denylist": denylist, "extends": idOrNull(e.configFrom),
	}
}

func showScript(e *egg) laravel.Object {
	return laravel.Object{
		"privileged": e.privileged, "install": e.install, "entry": e.entry, "container": e.container, "extends": idOrNull(e.scriptFrom),
	}
}

func idOrNull(e *egg) any {
	if e == nil {
		return nil
	}
	return e.id
}

// inherited is what an egg takes from another one, null if it takes nothing.
func inherited(from *egg, show func(*egg) laravel.Object, without ...string) relation {
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

func variableAttributes(v *variable) laravel.Object {
	return laravel.Object{
		"id": v.id, "egg_id": v.egg.id, "name": v.name, "description": v.description, "env_variable": v.env,
		"default_value": v.value, "user_viewable": v.viewable, "user_editable": v.editable, "rules": v.rules,
		"created_at": laravel.PreciseStamp(v.created), "updated_at": laravel.PreciseStamp(v.updated),
	}
}

func (c *applicationCall) showEggVariable(v *variable, _ laravel.Relations) laravel.Object {
	return laravel.Item("egg_variable", variableAttributes(v))
}

// showAppServer is a server in the form of the Application API.
func (c *applicationCall) showAppServer(s *server, included laravel.Relations) laravel.Object {
	environment := laravel.Object{
		"STARTUP": s.command, "P_SERVER_LOCATION": s.node.location.short, "P_SERVER_UUID": s.uuid,
		"P_SERVER_ALLOCATION_LIMIT": s.allocationLimit,
	}
	for _, v := range s.egg.variables {
		environment[v.env] = s.value(v)
	}
	installed := 0
	if s.status != statusInstalling && s.status != statusInstallFailed {
		installed = 1
	}
	document := laravel.Item("server", laravel.Object{
		"id": s.id, "external_id": s.externalID, "uuid": s.uuid, "identifier": s.identifier(), "name": s.name,
		"description": s.description, "status": laravel.OrNull(s.status), "suspended": s.status == statusSuspended,
		"limits": showLimits(s.limits), "feature_limits": showFeatureLimits(s),
		"user": s.owner.id, "node": s.node.id, "allocation": s.allocation.id, "nest": s.egg.nest.id, "egg": s.egg.id,
		"container":  laravel.Object{"startup_command": s.command, "image": s.image, "installed": installed, "environment": environment},
		"updated_at": laravel.Stamp(s.updated), "created_at": laravel.Stamp(s.created),
	})
	return c.relate(document, included, map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*allocation { return s.allocations }, c.showAppAllocation),
		"user":        shown(rightUsers, s.owner, c.showUser),
		"subusers":    listedAs(rightUsers, func() []*subuser { return s.subusers }, c.showAppSubuser),
		"nest":        shown(rightNests, s.egg.nest, c.showNest),
		"egg":         shown(rightEggs, s.egg, c.showEgg),
		"variables": listedAs(rightServers, func() []*variable { return s.egg.variables }, func(v *variable, _ laravel.Relations) laravel.Object {
			attributes := variableAttributes(v)
			attributes["server_value"] = s.value(v)
			return laravel.Item("server_variable", attributes)
		}),
		"location":  shown(rightLocations, s.node.location, c.showLocation),
		"node":      shown(rightNodes, s.node, c.showNode),
		"databases": listedAs(rightDatabases, func() []*database { return s.databases }, c.showIncludedDatabase),
	})
}

func (c *applicationCall) showAppSubuser(s *subuser, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("subuser", laravel.Object{
		"id": s.id, "user_id": s.user.id, "server_id": s.server.id, "permissions": s.permissions,
		"created_at": laravel.Stamp(s.created), "updated_at": laravel.Stamp(s.updated),
	}), included, map[string]relation{
		"user":   shown(rightUsers, s.user, c.showUser),
		"server": shown(rightServers, s.server, c.showAppServer),
	})
}

// showIncludedDatabase is a database in a server; there it has another name.
func (c *applicationCall) showIncludedDatabase(d *database, included laravel.Relations) laravel.Object {
	document := c.showAppDatabase(d, included)
	document["object"] = "databases"
	return document
}

func (c *applicationCall) showAppDatabase(d *database, included laravel.Relations) laravel.Object {
	return c.relate(laravel.Item("server_database", laravel.Object{
		"id": d.id, "server": d.server.id, "host": d.host.id, "database": d.name, "username": d.username, "remote": d.remote,
		"max_connections": 0, "created_at": laravel.Stamp(d.created), "updated_at": laravel.Stamp(d.updated),
	}), included, map[string]relation{
		"password": {"", func(laravel.Relations) any {
			return laravel.Item("database_password", laravel.Object{"password": d.password})
		}},
		"host": shown(rightDatabaseHosts, d.host, c.showDatabaseHost),
	})
}

func (c *applicationCall) showDatabaseHost(h *databaseHost, included laravel.Relations) laravel.Object {
	var node any
	if h.node != nil {
		node = h.node.id
	}
	return c.relate(laravel.Item("database_host", laravel.Object{
		"id": h.id, "name": h.name, "host": h.host, "port": h.port, "username": h.username, "node": node,
		"created_at": laravel.Stamp(h.created), "updated_at": laravel.Stamp(h.updated),
	}), included, map[string]relation{
		"databases": listedAs(rightDatabases, func() []*database {
			return c.state.databases.where(func(d *database) bool { return d.host == h })
		}, c.showAppDatabase),
	})
}
