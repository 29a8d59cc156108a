package paneltest

import (
	"crypto/md5" //nolint:gosec // gravatar names pictures by it
	"encoding/hex"
	"strings"
)

// showServer is a server in the form of the Client API.
func (c *call) showServer(s *server, included relations) object {
	attributes := object{
		"server_owner": s.owner == c.user, "identifier": s.identifier(), "internal_id": s.id, "uuid": s.uuid, "name": s.name,
		"node": s.node.name, "is_node_under_maintenance": s.node.maintenance,
		"sftp_details": object{"ip": s.node.fqdn, "port": s.node.sftp},
		"description":  s.description, "limits": s.limits.show(),
		"invocation": s.invocation(!c.may(s, "startup.read")), "docker_image": s.image, "egg_features": listOrNull(s.egg.features),
		"feature_limits": s.featureLimits(), "status": orNull(s.status), "is_suspended": s.status == statusSuspended,
		"is_installing":   s.status == statusInstalling || s.status == statusInstallFailed,
		"is_transferring": s.transferring,
	}
	related := object{"allocations": c.showAllocations(s), "variables": nullResource}
	if c.may(s, "startup.read") {
		related["variables"] = each(s.visibleVariables(), func(v *variable) object { return showVariable(s, v) })
	}
	if _, asked := included["egg"]; asked {
		related["egg"] = item("egg", object{"uuid": s.egg.uuid, "name": s.egg.name})
	}
	if _, asked := included["subusers"]; asked {
		related["subusers"] = nullResource
		if c.may(s, "user.read") {
			related["subusers"] = each(s.subusers, showSubuser)
		}
	}
	attributes["relationships"] = related
	return item("server", attributes)
}

func (l limits) show() object {
	return object{
		"memory": l.memory, "swap": l.swap, "disk": l.disk, "io": l.io, "cpu": l.cpu, "threads": l.threads,
		"oom_disabled": l.oomDisabled,
	}
}

func (s *server) featureLimits() object {
	return object{"databases": s.databaseLimit, "allocations": s.allocationLimit, "backups": s.backupLimit}
}

// visibleVariables are those that users may see.
func (s *server) visibleVariables() []*variable {
	var visible []*variable
	for _, v := range s.egg.variables {
		if v.viewable {
			visible = append(visible, v)
		}
	}
	return visible
}

func showVariable(s *server, v *variable) object {
	return item("egg_variable", object{
		"name": v.name, "description": v.description, "env_variable": v.env, "default_value": v.value,
		"server_value": s.value(v), "is_editable": v.editable, "rules": v.rules,
	})
}

// showAllocations lists the allocations of a server. Those who may not read
// them see the primary one alone, and without its note.
func (c *call) showAllocations(s *server) object {
	if c.may(s, "allocation.read") {
		return each(s.allocations, func(a *allocation) object { return showAllocation(s, a) })
	}
	primary := *s.allocation
	primary.notes = nil
	shown := showAllocation(s, &primary)
	shown["attributes"].(object)["is_default"] = true //nolint:forcetypeassert // made just here
	return list([]object{shown})
}

func showAllocation(s *server, a *allocation) object {
	return item("allocation", object{
		"id": a.id, "ip": a.ip, "ip_alias": a.alias, "port": a.port, "notes": a.notes, "is_default": s.allocation == a,
	})
}

// actorAttributes is an account as others see it.
func actorAttributes(u *user) object {
	sum := md5.Sum([]byte(strings.ToLower(u.email))) //nolint:gosec // see above
	return object{
		"uuid": u.uuid, "username": u.username, "email": u.email, "image": "https://gravatar.com/avatar/" + hex.EncodeToString(sum[:]),
		"2fa_enabled": u.totpEnabled, "created_at": stamp(u.created),
	}
}

func showSubuser(s *subuser) object {
	attributes := actorAttributes(s.user)
	attributes["permissions"] = s.permissions
	return item("server_subuser", attributes)
}

func (c *call) showDatabase(d *database, withPassword bool) object {
	attributes := object{
		"id": hashID(d.id), "host": object{"address": d.host.host, "port": d.host.port}, "name": d.name,
		"username": d.username, "connections_from": d.remote, "max_connections": 0,
	}
	if withPassword {
		password := nullResource
		if c.may(d.server, "database.view_password") {
			password = item("database_password", object{"password": d.password})
		}
		attributes["relationships"] = object{"password": password}
	}
	return item("server_database", attributes)
}

func showSchedule(s *schedule) object {
	return item("server_schedule", object{
		"id": s.id, "name": s.name,
		"cron": object{
			"day_of_week": s.cron.dayOfWeek, "day_of_month": s.cron.dayOfMonth, "month": s.cron.month, "hour": s.cron.hour, "minute": s.cron.minute,
		},
		"is_active": s.active, "is_processing": s.processing, "only_when_online": s.onlyOnline,
		"last_run_at": stampOrNull(s.lastRun), "next_run_at": stampOrNull(s.nextRun),
		"created_at": stamp(s.created), "updated_at": stamp(s.updated),
		"relationships": object{"tasks": each(s.sorted(), showTask)},
	})
}

func showTask(t *task) object {
	return item("schedule_task", object{
		"id": t.id, "sequence_id": t.sequence, "action": t.action, "payload": t.payload, "time_offset": t.offset,
		"is_queued": t.queued, "continue_on_failure": t.continueOnFailure,
		"created_at": stamp(t.created), "updated_at": stamp(t.updated),
	})
}

func showBackup(b *backup) object {
	ignored := b.ignored
	if ignored == nil {
		ignored = []string{}
	}
	return item("backup", object{
		"uuid": b.uuid, "is_successful": b.successful, "is_locked": b.locked, "name": b.name, "ignored_files": ignored,
		"checksum": b.checksum, "bytes": b.size, "created_at": stamp(b.created), "completed_at": stampOrNull(b.completed),
	})
}

func showFile(f fileEntry) object {
	return item("file_object", object{
		"name": f.Name, "mode": f.Mode, "mode_bits": f.ModeBits, "size": f.Size, "is_file": f.IsFile, "is_symlink": f.IsSymlink,
		"mimetype": f.MIMEType, "created_at": stamp(f.Created), "modified_at": stamp(f.Modified),
	})
}
