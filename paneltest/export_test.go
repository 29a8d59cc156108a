package paneltest

import (
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// What the tests of the Panel reach of its inside.

// change changes what the Panel holds.
func (p *Panel) change(do func(*model.State)) {
	_ = p.core.Update(func(s *model.State) error { // nor does it fail
		do(s)
		return nil
	})
}

// AddKey gives an account another key.
func (p *Panel) AddKey(owner int, key SeedKey) {
	p.change(func(s *model.State) {
		s.AddKey(&model.Key{
			Kind: model.ClientKey, Identifier: key.Key[:model.KeyNameLength], Secret: key.Key[model.KeyNameLength:], Owner: s.Users.Get(owner),
			Memo: key.Description, AllowedIPs: key.AllowedIPs, Rights: key.Rights, Created: key.Created,
		})
	})
}

// AddActivity notes what happened before. An empty server means an account, no
// actor the system.
func (p *Panel) AddActivity(event string, actor int, server string, properties map[string]any, order []string, at time.Time) {
	p.change(func(s *model.State) {
		line := &model.Activity{
			ID: len(s.Activity) + 1, Event: event, Actor: s.Users.Get(actor), IsAPI: actor != 0, IP: "127.0.0.1",
			Server: s.ServersByUUID[server], At: at,
		}
		if server == "" {
			line.Account = line.Actor
		}
		for _, key := range order {
			line.Properties = append(line.Properties, model.With(key, properties[key]))
		}
		s.Activity = append(s.Activity, line)
	})
}

// CountActivity counts what happened to a server.
func (p *Panel) CountActivity(server string) int {
	n := 0
	p.change(func(s *model.State) {
		for _, line := range s.Activity {
			if line.Server != nil && line.Server.Identifier() == server {
				n++
			}
		}
	})
	return n
}

// AddDeletedBackup makes a server one that had a backup which is gone.
func (p *Panel) AddDeletedBackup(server string, created time.Time) {
	p.change(func(s *model.State) {
		row := s.ServersByUUID[server]
		row.Backups = append([]*model.Backup{{
			UUID: random.UUID(), Name: "gone", Created: created, Completed: &created, Successful: true, Deleted: true,
		}}, row.Backups...)
	})
}

// Settings changes what an administrator of the Panel would.
func (p *Panel) Settings(autoAllocation bool, portStart, portEnd, backupLimit int) {
	p.change(func(s *model.State) {
		set := &s.Settings
		set.AutoAllocation, set.PortStart, set.PortEnd, set.BackupLimit = autoAllocation, portStart, portEnd, backupLimit
	})
}

// SetStatus gives a server a status.
func (p *Panel) SetStatus(server, status string) {
	p.change(func(s *model.State) { s.ServersByUUID[server].Status = status })
}

// SetMaintenance begins or ends the maintenance of a node.
func (p *Panel) SetMaintenance(node int, on bool) {
	p.change(func(s *model.State) { s.Nodes.Get(node).Maintenance = on })
}

// Reserve makes allocations taken, or free again.
func (p *Panel) Reserve(taken bool, ids ...int) {
	p.change(func(s *model.State) {
		for _, id := range ids {
			if s.Allocations.Get(id).Server = nil; taken {
				s.Allocations.Get(id).Server = s.Servers.All()[0]
			}
		}
	})
}

// AddRole adds a role.
func (p *Panel) AddRole(id int, name string) {
	p.change(func(s *model.State) { s.Roles.Add(id, &model.Role{ID: id, Name: name}) })
}

// NextIDs makes sure that the next rows get certain ids.
func (p *Panel) NextIDs(locations, schedules, tasks, databases, servers int) {
	p.change(func(s *model.State) {
		s.Locations.Planted(locations - 1)
		s.Schedules.Planted(schedules - 1)
		s.Tasks.Planted(tasks - 1)
		s.Databases.Planted(databases - 1)
		s.Servers.Planted(servers - 1)
	})
}

// Served lists the operations that the version has.
func (p *Panel) Served() []string { return p.core.Operations() }
