package paneltest

import (
	"crypto/md5" //nolint:gosec // gravatar names pictures by it
	"encoding/hex"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// showServer is a server in the form of the Client API.
func (c *clientCall) showServer(s *server, included laravel.Relations) laravel.Object {
	attributes := laravel.Object{
		"server_owner": s.owner == c.user, "identifier": s.identifier(), "internal_id": s.id, "uuid": s.uuid, "name": s.name,
		"node": s.node.name, "is_node_under_maintenance": s.node.maintenance,
		"sftp_details": laravel.Object{"ip": s.node.fqdn, "port": s.node.sftp},
		"description":  s.description, "limits": showLimits(s.limits),
		"invocation": s.invocation(!c.may(s, "startup.read")), "docker_image": s.image, "egg_features": laravel.ListOrNull(s.egg.features),
		"feature_limits": showFeatureLimits(s), "status": laravel.OrNull(s.status), "is_suspended": s.status == statusSuspended,
		"is_installing":   s.status == statusInstalling || s.status == statusInstallFailed,
		"is_transferring": s.transferring,
	}
	related := laravel.Object{"allocations": c.showAllocations(s), "variables": laravel.NullResource}
	if c.may(s, "startup.read") {
		related["variables"] = laravel.ListOf(s.visibleVariables(), func(v *variable) laravel.Object { return showVariable(s, v) })
	}
	if _, asked := included["egg"]; asked {
		related["egg"] = laravel.Item("egg", laravel.Object{"uuid": s.egg.uuid, "name": s.egg.name})
	}
	if _, asked := included["subusers"]; asked {
		related["subusers"] = laravel.NullResource
		if c.may(s, "user.read") {
			related["subusers"] = laravel.ListOf(s.subusers, showSubuser)
		}
	}
	attributes["relationships"] = related
	return laravel.Item("server", attributes)
}

func showVariable(s *server, v *variable) laravel.Object {
	return laravel.Item("egg_variable", laravel.Object{
		"name": v.name, "description": v.description, "env_variable": v.env, "default_value": v.value,
		"server_value": s.value(v), "is_editable": v.editable, "rules": v.rules,
	})
}

// showAllocations lists the allocations of a server. Those who may not read
// them see the primary one alone, and without its note.
func (c *clientCall) showAllocations(s *server) laravel.Object {
	if c.may(s, "allocation.read") {
		return laravel.ListOf(s.allocations, func(a *allocation) laravel.Object { return showAllocation(s, a) })
	}
	primary := *s.allocation
	primary.notes = nil
	shown := showAllocation(s, &primary)
	shown["attributes"].(laravel.Object)["is_default"] = true //nolint:forcetypeassert // made just here
	return laravel.List([]laravel.Object{shown})
}

func showAllocation(s *server, a *allocation) laravel.Object {
	return laravel.Item("allocation", laravel.Object{
		"id": a.id, "ip": a.ip, "ip_alias": a.alias, "port": a.port, "notes": a.notes, "is_default": s.allocation == a,
	})
}

// actorAttributes is an account as others see it.
func actorAttributes(u *user) laravel.Object {
	sum := md5.Sum([]byte(strings.ToLower(u.email))) //nolint:gosec // see above
	return laravel.Object{
		"uuid": u.uuid, "username": u.username, "email": u.email, "image": "https://gravatar.com/avatar/" + hex.EncodeToString(sum[:]),
		"2fa_enabled": u.totpEnabled, "created_at": laravel.Stamp(u.created),
	}
}

func showSubuser(s *subuser) laravel.Object {
	attributes := actorAttributes(s.user)
	attributes["permissions"] = s.permissions
	return laravel.Item("server_subuser", attributes)
}

func (c *clientCall) showDatabase(d *database, withPassword bool) laravel.Object {
	attributes := laravel.Object{
		"id": laravel.HashID(d.id), "host": laravel.Object{"address": d.host.host, "port": d.host.port}, "name": d.name,
		"username": d.username, "connections_from": d.remote, "max_connections": 0,
	}
	if withPassword {
		password := laravel.NullResource
		if c.may(d.server, "database.view_password") {
			password = laravel.Item("database_password", laravel.Object{"password": d.password})
		}
		attributes["relationships"] = laravel.Object{"password": password}
	}
	return laravel.Item("server_database", attributes)
}

func showSchedule(s *schedule) laravel.Object {
	return laravel.Item("server_schedule", laravel.Object{
		"id": s.id, "name": s.name,
		"cron": laravel.Object{
			"day_of_week": s.cron.DayOfWeek, "day_of_month": s.cron.DayOfMonth, "month": s.cron.Month, "hour": s.cron.Hour, "minute": s.cron.Minute,
		},
		"is_active": s.active, "is_processing": s.processing, "only_when_online": s.onlyOnline,
		"last_run_at": laravel.StampOrNull(s.lastRun), "next_run_at": laravel.StampOrNull(s.nextRun),
		"created_at": laravel.Stamp(s.created), "updated_at": laravel.Stamp(s.updated),
		"relationships": laravel.Object{"tasks": laravel.ListOf(s.sorted(), showTask)},
	})
}

func showTask(t *task) laravel.Object {
	return laravel.Item("schedule_task", laravel.Object{
		"id": t.id, "sequence_id": t.sequence, "action": t.action, "payload": t.payload, "time_offset": t.offset,
		"is_queued": t.queued, "continue_on_failure": t.continueOnFailure,
		"created_at": laravel.Stamp(t.created), "updated_at": laravel.Stamp(t.updated),
	})
}

func showBackup(b *backup) laravel.Object {
	ignored := b.ignored
	if ignored == nil {
		ignored = []string{}
	}
	return laravel.Item("backup", laravel.Object{
		"uuid": b.uuid, "is_successful": b.successful, "is_locked": b.locked, "name": b.name, "ignored_files": ignored,
		"checksum": b.checksum, "bytes": b.size, "created_at": laravel.Stamp(b.created), "completed_at": laravel.StampOrNull(b.completed),
	})
}

func showFile(f protocol.File) laravel.Object {
	return laravel.Item("file_object", laravel.Object{
		"name": f.Name, "mode": f.Mode, "mode_bits": f.ModeBits, "size": f.Size, "is_file": f.IsFile, "is_symlink": f.IsSymlink,
		"mimetype": f.MIMEType, "created_at": laravel.Stamp(f.Created), "modified_at": laravel.Stamp(f.Modified),
	})
}
