package paneltest

import (
	"net/http"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// What the tests of the Panel reach of its inside.

// WithMiddleware wraps the Panel.
func WithMiddleware(wrap func(http.Handler) http.Handler) Option {
	return func(cfg *config) error {
		cfg.wrap = wrap
		return nil
	}
}

// change changes what the Panel holds.
func (p *Panel) change(do func(*state)) {
	_ = p.core.update(func(s *state) error { // nor does it fail
		do(s)
		return nil
	})
}

// AddKey gives an account another key.
func (p *Panel) AddKey(owner int, key SeedKey) {
	p.change(func(s *state) {
		s.addKey(&apiKey{
			kind: clientKey, identifier: key.Key[:keyNameLength], secret: key.Key[keyNameLength:], owner: s.users.get(owner),
			memo: key.Description, allowedIPs: key.AllowedIPs, rights: key.Rights, created: key.Created,
		})
	})
}

// AddActivity notes what happened before. An empty server means an account.
func (p *Panel) AddActivity(event string, actor int, server string, properties map[string]any, order []string, at time.Time) {
	p.change(func(s *state) {
		line := &activity{
			id: len(s.activity) + 1, event: event, actor: s.users.get(actor), isAPI: true, ip: "127.0.0.1",
			server: s.serversByUUID[server], at: at,
		}
		if server == "" {
			line.account = line.actor
		}
		for _, key := range order {
			line.properties = append(line.properties, with(key, properties[key]))
		}
		s.activity = append(s.activity, line)
	})
}

// CountActivity counts what happened to a server.
func (p *Panel) CountActivity(server string) int {
	n := 0
	p.change(func(s *state) {
		for _, line := range s.activity {
			if line.server != nil && line.server.identifier() == server {
				n++
			}
		}
	})
	return n
}

// AddDeletedBackup makes a server one that had a backup which is gone.
func (p *Panel) AddDeletedBackup(server string, created time.Time) {
	p.change(func(s *state) {
		row := s.serversByUUID[server]
		row.backups = append([]*backup{{
			uuid: random.UUID(), name: "gone", created: created, completed: &created, successful: true, deleted: true,
		}}, row.backups...)
	})
}

// Settings changes what an administrator of the Panel would.
func (p *Panel) Settings(autoAllocation bool, portStart, portEnd, backupLimit int) {
	p.change(func(s *state) {
		set := &s.settings
		set.autoAllocation, set.portStart, set.portEnd, set.backupLimit = autoAllocation, portStart, portEnd, backupLimit
	})
}

// NextIDs makes sure that the next rows get certain ids.
func (p *Panel) NextIDs(locations, schedules, tasks, databases, servers int) {
	p.change(func(s *state) {
		s.locations.planted(locations - 1)
		s.schedules.planted(schedules - 1)
		s.tasks.planted(tasks - 1)
		s.databases.planted(databases - 1)
		s.servers.planted(servers - 1)
	})
}

// Served lists the operations that the version has.
func (p *Panel) Served() []string { return p.core.operations() }
