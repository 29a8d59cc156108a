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

// AddKey gives an account another key.
func (p *Panel) AddKey(owner int, key SeedKey) {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	k := &apiKey{
		kind: clientKey, identifier: key.Key[:keyNameLength], secret: key.Key[keyNameLength:], owner: p.core.state.users.get(owner),
		memo: key.Description, allowedIPs: key.AllowedIPs, rights: key.Rights, created: key.Created,
	}
	p.core.state.addKey(k)
}

// AddActivity notes what happened before. An empty server means an account.
func (p *Panel) AddActivity(event string, actor int, server string, properties map[string]any, order []string, at time.Time) {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	line := &activity{
		id: len(p.core.state.activity) + 1, event: event, actor: p.core.state.users.get(actor), isAPI: true, ip: "127.0.0.1",
		server: p.core.state.serversByUUID[server], at: at,
	}
	if server == "" {
		line.account = line.actor
	}
	for _, key := range order {
		line.properties = append(line.properties, property{key, properties[key]})
	}
	p.core.state.activity = append(p.core.state.activity, line)
}

// CountActivity counts what happened to a server.
func (p *Panel) CountActivity(server string) int {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	n := 0
	for _, line := range p.core.state.activity {
		if line.server != nil && line.server.identifier() == server {
			n++
		}
	}
	return n
}

// AddDeletedBackup makes a server one that had a backup which is gone.
func (p *Panel) AddDeletedBackup(server string, created time.Time) {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	s := p.core.state.serversByUUID[server]
	s.backups = append([]*backup{{uuid: random.UUID(), name: "gone", created: created, completed: &created, successful: true, deleted: true}}, s.backups...)
}

// Settings changes what an administrator of the Panel would.
func (p *Panel) Settings(autoAllocation bool, portStart, portEnd, backupLimit int) {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	set := &p.core.state.settings
	set.autoAllocation, set.portStart, set.portEnd, set.backupLimit = autoAllocation, portStart, portEnd, backupLimit
}

// NextIDs makes sure that the next rows get certain ids.
func (p *Panel) NextIDs(locations, schedules, tasks, databases, servers int) {
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	raise := func(last *int, next int) { *last = max(*last, next-1) }
	raise(&p.core.state.locations.last, locations)
	raise(&p.core.state.schedules.last, schedules)
	raise(&p.core.state.tasks.last, tasks)
	raise(&p.core.state.databases.last, databases)
	raise(&p.core.state.servers.last, servers)
}

// Served lists the operations that the version has.
func (p *Panel) Served() []string {
	return p.core.router.Operations()
}
