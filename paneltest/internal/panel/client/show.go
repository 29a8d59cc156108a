package client

import (
	"crypto/md5" //nolint:gosec // gravatar names pictures by it
	"encoding/hex"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// showServer is a server in the form of the Client API.
func (c *call) showServer(s *model.Server, included laravel.Relations) laravel.Object {
	attributes := laravel.Object{
		"server_owner": s.Owner == c.User, "identifier": s.Identifier(), "internal_id": s.ID, "uuid": s.UUID, "name": s.Name,
		"node": s.Node.Name, "is_node_under_maintenance": s.Node.Maintenance,
		"sftp_details": laravel.Object{"ip": s.Node.FQDN, "port": s.Node.SFTP},
		"description":  s.Description, "limits": c.ShowLimits(s.Limits),
		"invocation": s.Invocation(!c.may(s, "startup.read")), "docker_image": s.Image, "egg_features": laravel.ListOrNull(s.Egg.Features),
		"feature_limits": panel.ShowFeatureLimits(s), "status": laravel.OrNull(s.Status), "is_suspended": s.Status == model.StatusSuspended,
		"is_installing":   !c.IsInstalled(s),
		"is_transferring": s.Transferring,
	}
	if c.HasLongIdentifiers() {
		attributes["server_identifier"] = model.LongID(model.ServerPrefix, s.UUID)
		attributes["__deprecated_uuid_short"] = s.Identifier()
	}
	related := laravel.Object{"allocations": c.showAllocations(s), "variables": laravel.NullResource}
	if c.may(s, "startup.read") {
		variables := s.VisibleVariables()
		if c.Traits.LooseEggs {
			variables = model.NamedVariables(variables)
		}
		related["variables"] = laravel.ListOf(variables, func(v *model.Variable) laravel.Object { return showVariable(s, v) })
	}
	if _, asked := included["egg"]; asked {
		related["egg"] = laravel.Item("egg", laravel.Object{"uuid": s.Egg.UUID, "name": s.Egg.Name})
	}
	if _, asked := included["subusers"]; asked {
		related["subusers"] = laravel.NullResource
		if c.may(s, "user.read") {
			related["subusers"] = laravel.ListOf(s.Subusers, c.showSubuser)
		}
	}
	attributes["relationships"] = related
	if c.Traits.ClientShapes {
		attributes["sftp_details"].(laravel.Object)["alias"] = s.Node.SFTPAlias //nolint:forcetypeassert // made just here
	}
	return laravel.Item("server", attributes)
}

func showVariable(s *model.Server, v *model.Variable) laravel.Object {
	return laravel.Item("egg_variable", laravel.Object{
		"name": v.Name, "description": v.Description, "env_variable": v.Env, "default_value": v.Value,
		"server_value": s.Value(v), "is_editable": v.Editable, "rules": v.Rules,
	})
}

// showAllocations lists the allocations of a server. Those who may not read
// them see the primary one alone, and without its note.
func (c *call) showAllocations(s *model.Server) laravel.Object {
	if c.may(s, "allocation.read") {
		return laravel.ListOf(s.Allocations, func(a *model.Allocation) laravel.Object { return showAllocation(s, a) })
	}
	primary := *s.Allocation
	primary.Notes = nil
	shown := showAllocation(s, &primary)
	shown["attributes"].(laravel.Object)["is_default"] = true //nolint:forcetypeassert // made just here
	return laravel.List([]laravel.Object{shown})
}

func showAllocation(s *model.Server, a *model.Allocation) laravel.Object {
	return laravel.Item("allocation", laravel.Object{
		"id": a.ID, "ip": a.IP, "ip_alias": a.Alias, "port": a.Port, "notes": a.Notes, "is_default": s.Allocation == a,
	})
}

// actorAttributes is an account as others see it.
func (c *call) actorAttributes(u *model.User) laravel.Object {
	sum := md5.Sum([]byte(strings.ToLower(u.Email))) //nolint:gosec // see above
	attributes := laravel.Object{
		"uuid": u.UUID, "username": u.Username, "email": u.Email, "image": "https://gravatar.com/avatar/" + hex.EncodeToString(sum[:]),
		"2fa_enabled": u.TOTPEnabled, "created_at": laravel.Stamp(u.Created),
	}
	if c.Traits.Roles {
		attributes["language"], attributes["admin"], attributes["root_admin"] = u.Language, u.Admin, u.Admin
		attributes["updated_at"] = laravel.Stamp(u.Updated)
	}
	if c.HasLongIdentifiers() {
		attributes["identifier"] = model.LongID(model.UserPrefix, u.UUID)
	}
	return attributes
}

func (c *call) showSubuser(s *model.Subuser) laravel.Object {
	attributes := c.actorAttributes(s.User)
	attributes["permissions"] = s.Permissions
	return laravel.Item("server_subuser", attributes)
}

func (c *call) showDatabase(d *model.Database, withPassword bool) laravel.Object {
	attributes := laravel.Object{
		"id": laravel.HashID(d.ID), "host": laravel.Object{"address": d.Host.Host, "port": d.Host.Port}, "name": d.Name,
		"username": d.Username, "connections_from": d.Remote, "max_connections": 0,
	}
	if c.Traits.ClientShapes {
		attributes["id"] = d.ID
	}
	if withPassword {
		password := laravel.NullResource
		if c.may(d.Server, c.viewPassword()) {
			password = laravel.Item("database_password", laravel.Object{"password": d.Password})
		}
		attributes["relationships"] = laravel.Object{"password": password}
	}
	return laravel.Item("server_database", attributes)
}

func showSchedule(s *model.Schedule) laravel.Object {
	return laravel.Item("server_schedule", laravel.Object{
		"id": s.ID, "name": s.Name,
		"cron": laravel.Object{
			"day_of_week": s.Cron.DayOfWeek, "day_of_month": s.Cron.DayOfMonth, "month": s.Cron.Month, "hour": s.Cron.Hour, "minute": s.Cron.Minute,
		},
		"is_active": s.Active, "is_processing": s.Processing, "only_when_online": s.OnlyOnline,
		"last_run_at": laravel.StampOrNull(s.LastRun), "next_run_at": laravel.StampOrNull(s.NextRun),
		"created_at": laravel.Stamp(s.Created), "updated_at": laravel.Stamp(s.Updated),
		"relationships": laravel.Object{"tasks": laravel.ListOf(s.Sorted(), showTask)},
	})
}

func showTask(t *model.Task) laravel.Object {
	return laravel.Item("schedule_task", laravel.Object{
		"id": t.ID, "sequence_id": t.Sequence, "action": t.Action, "payload": t.Payload, "time_offset": t.Offset,
		"is_queued": t.Queued, "continue_on_failure": t.ContinueOnFailure,
		"created_at": laravel.Stamp(t.Created), "updated_at": laravel.Stamp(t.Updated),
	})
}

func (c *call) showBackup(b *model.Backup) laravel.Object {
	ignored := b.Ignored
	if ignored == nil {
		ignored = []string{}
	}
	attributes := laravel.Object{
		"uuid": b.UUID, "is_successful": b.Successful, "is_locked": b.Locked, "name": b.Name, "ignored_files": ignored,
		"checksum": b.Checksum, "bytes": b.Size, "created_at": laravel.Stamp(b.Created), "completed_at": laravel.StampOrNull(b.Completed),
	}
	if c.Traits.ClientShapes {
		attributes["is_scheduled"] = b.Scheduled
	}
	return laravel.Item("backup", attributes)
}

func showFile(f protocol.File) laravel.Object {
	return laravel.Item("file_object", laravel.Object{
		"name": f.Name, "mode": f.Mode, "mode_bits": f.ModeBits, "size": f.Size, "is_file": f.IsFile, "is_symlink": f.IsSymlink,
		"mimetype": f.MIMEType, "created_at": laravel.Stamp(f.Created), "modified_at": laravel.Stamp(f.Modified),
	})
}
