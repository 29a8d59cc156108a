package paneltest

import "encoding/json"

func (c *call) showUser(u *user, included relations) object {
	return c.relate(item("user", object{
		"id": u.id, "external_id": u.externalID, "uuid": u.uuid, "username": u.username, "email": u.email,
		"first_name": u.firstName, "last_name": u.lastName, "language": u.language, "root_admin": u.admin, "2fa": u.totpEnabled,
		"created_at": stamp(u.created), "updated_at": stamp(u.updated),
	}), included, map[string]relation{
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.owner == u }), c.showAppServer),
	})
}

func (c *call) serversWhere(fits func(*server) bool) func() []*server {
	return func() []*server { return c.p.state.servers.where(fits) }
}

func (c *call) nodesIn(l *location) func() []*node {
	return func() []*node { return c.p.state.nodes.where(func(n *node) bool { return n.location == l }) }
}

func (c *call) showLocation(l *location, included relations) object {
	return c.relate(item("location", object{
		"id": l.id, "short": l.short, "long": l.long, "updated_at": stamp(l.updated), "created_at": stamp(l.created),
	}), included, map[string]relation{
		"nodes":   listedAs(rightNodes, c.nodesIn(l), c.showNode),
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.node.location == l }), c.showAppServer),
	})
}

func (c *call) showNode(n *node, included relations) object {
	memory, disk := c.p.state.used(n)
	return c.relate(item("node", object{
		"id": n.id, "uuid": n.uuid, "public": n.public, "name": n.name, "description": n.description, "location_id": n.location.id,
		"fqdn": n.fqdn, "scheme": n.scheme, "behind_proxy": n.behindProxy, "maintenance_mode": n.maintenance,
		"memory": n.memory, "memory_overallocate": n.memoryOverallocate, "disk": n.disk, "disk_overallocate": n.diskOverallocate,
		"upload_size": n.uploadSize, "daemon_listen": n.listen, "daemon_sftp": n.sftp, "daemon_base": n.daemonBase,
		"created_at": stamp(n.created), "updated_at": stamp(n.updated),
		"allocated_resources": object{"memory": memory, "disk": disk},
	}), included, map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*allocation {
			return c.p.state.allocations.where(func(a *allocation) bool { return a.node == n })
		}, c.showAppAllocation),
		"location": shown(rightLocations, n.location, c.showLocation),
		"servers":  listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.node == n }), c.showAppServer),
	})
}

func (c *call) showAppAllocation(a *allocation, included relations) object {
	return c.relate(item("allocation", object{
		"id": a.id, "ip": a.ip, "alias": a.alias, "port": a.port, "notes": a.notes, "assigned": a.server != nil,
	}), included, map[string]relation{
		"node":   shown(rightNodes, a.node, c.showNode),
		"server": shown(rightServers, a.server, c.showAppServer),
	})
}

func (c *call) showNest(n *nest, included relations) object {
	return c.relate(item("nest", object{
		"id": n.id, "uuid": n.uuid, "author": n.author, "name": n.name, "description": n.description,
		"created_at": stamp(n.created), "updated_at": stamp(n.updated),
	}), included, map[string]relation{
		"eggs":    listedAs(rightEggs, c.eggsIn(n), c.showEgg),
		"servers": listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.egg.nest == n }), c.showAppServer),
	})
}

func (c *call) eggsIn(n *nest) func() []*egg {
	return func() []*egg { return c.p.state.eggs.where(func(e *egg) bool { return e.nest == n }) }
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

func (c *call) showEgg(e *egg, included relations) object {
	image := ""
	if len(e.images) > 0 {
		image = e.images[0].Image
	}
	document := item("egg", object{
		"id": e.id, "uuid": e.uuid, "name": e.name, "nest": e.nest.id, "author": e.author, "description": e.description,
		"docker_image": image, "docker_images": e.shownImages(),
		"config":  e.showConfig(),
		"startup": e.command, "script": e.showScript(),
		"created_at": stamp(e.created), "updated_at": stamp(e.updated),
	})
	return c.relate(document, included, map[string]relation{
		"nest":      shown(rightNests, e.nest, c.showNest),
		"servers":   listedAs(rightServers, c.serversWhere(func(s *server) bool { return s.egg == e }), c.showAppServer),
		"variables": listedAs(rightEggs, func() []*variable { return e.variables }, c.showEggVariable),
		"config":    inherited(e.configFrom, (*egg).showConfig, "extends", "file_denylist"),
		"script":    inherited(e.scriptFrom, (*egg).showScript, "extends"),
	})
}

func (e *egg) showConfig() object {
	denylist := e.denylist
	if denylist == nil {
		denylist = []string{}
	}
	return object{
		"files": documentOr(e.files, object{}), "startup": documentOr(e.startup, []any{}), "stop": e.stop,
		"logs": documentOr(e.logs, []any{}), "file_denylist": denylist, "extends": idOrNull(e.configFrom),
	}
}

func (e *egg) showScript() object {
	return object{
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
func inherited(from *egg, show func(*egg) object, without ...string) relation {
	return relation{rightEggs, func(relations) any {
		if from == nil {
			return nullResource
		}
		attributes := show(from)
		for _, name := range without {
			delete(attributes, name)
		}
		return object{"object": nil, "attributes": attributes}
	}}
}

func variableAttributes(v *variable) object {
	return object{
		"id": v.id, "egg_id": v.egg.id, "name": v.name, "description": v.description, "env_variable": v.env,
		"default_value": v.value, "user_viewable": v.viewable, "user_editable": v.editable, "rules": v.rules,
		"created_at": preciseStamp(v.created), "updated_at": preciseStamp(v.updated),
	}
}

func (c *call) showEggVariable(v *variable, _ relations) object {
	return item("egg_variable", variableAttributes(v))
}

// showAppServer is a server in the form of the Application API.
func (c *call) showAppServer(s *server, included relations) object {
	environment := object{
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
	document := item("server", object{
		"id": s.id, "external_id": s.externalID, "uuid": s.uuid, "identifier": s.identifier(), "name": s.name,
		"description": s.description, "status": orNull(s.status), "suspended": s.status == statusSuspended,
		"limits": s.limits.show(), "feature_limits": s.featureLimits(),
		"user": s.owner.id, "node": s.node.id, "allocation": s.allocation.id, "nest": s.egg.nest.id, "egg": s.egg.id,
		"container":  object{"startup_command": s.command, "image": s.image, "installed": installed, "environment": environment},
		"updated_at": stamp(s.updated), "created_at": stamp(s.created),
	})
	return c.relate(document, included, map[string]relation{
		"allocations": listedAs(rightAllocations, func() []*allocation { return s.allocations }, c.showAppAllocation),
		"user":        shown(rightUsers, s.owner, c.showUser),
		"subusers":    listedAs(rightUsers, func() []*subuser { return s.subusers }, c.showAppSubuser),
		"nest":        shown(rightNests, s.egg.nest, c.showNest),
		"egg":         shown(rightEggs, s.egg, c.showEgg),
		"variables": listedAs(rightServers, func() []*variable { return s.egg.variables }, func(v *variable, _ relations) object {
			attributes := variableAttributes(v)
			attributes["server_value"] = s.value(v)
			return item("server_variable", attributes)
		}),
		"location":  shown(rightLocations, s.node.location, c.showLocation),
		"node":      shown(rightNodes, s.node, c.showNode),
		"databases": listedAs(rightDatabases, func() []*database { return s.databases }, c.showIncludedDatabase),
	})
}

func (c *call) showAppSubuser(s *subuser, included relations) object {
	return c.relate(item("subuser", object{
		"id": s.id, "user_id": s.user.id, "server_id": s.server.id, "permissions": s.permissions,
		"created_at": stamp(s.created), "updated_at": stamp(s.updated),
	}), included, map[string]relation{
		"user":   shown(rightUsers, s.user, c.showUser),
		"server": shown(rightServers, s.server, c.showAppServer),
	})
}

// showIncludedDatabase is a database in a server; there it has another name.
func (c *call) showIncludedDatabase(d *database, included relations) object {
	document := c.showAppDatabase(d, included)
	document["object"] = "databases"
	return document
}

func (c *call) showAppDatabase(d *database, included relations) object {
	return c.relate(item("server_database", object{
		"id": d.id, "server": d.server.id, "host": d.host.id, "database": d.name, "username": d.username, "remote": d.remote,
		"max_connections": 0, "created_at": stamp(d.created), "updated_at": stamp(d.updated),
	}), included, map[string]relation{
		"password": {"", func(relations) any { return item("database_password", object{"password": d.password}) }},
		"host":     shown(rightDatabaseHosts, d.host, c.showDatabaseHost),
	})
}

func (c *call) showDatabaseHost(h *databaseHost, included relations) object {
	var node any
	if h.node != nil {
		node = h.node.id
	}
	return c.relate(item("database_host", object{
		"id": h.id, "name": h.name, "host": h.host, "port": h.port, "username": h.username, "node": node,
		"created_at": stamp(h.created), "updated_at": stamp(h.updated),
	}), included, map[string]relation{
		"databases": listedAs(rightDatabases, func() []*database {
			return c.p.state.databases.where(func(d *database) bool { return d.host == h })
		}, c.showAppDatabase),
	})
}
