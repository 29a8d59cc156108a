package paneltest

import (
	"net/http"
	"time"
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
	p.mu.Lock()
	defer p.mu.Unlock()
	k := &apiKey{
		kind: clientKey, identifier: key.Key[:keyNameLength], secret: key.Key[keyNameLength:], owner: p.state.users.get(owner),
		memo: key.Description, allowedIPs: key.AllowedIPs, rights: key.Rights, created: key.Created,
	}
	p.state.addKey(k)
}

// AddActivity notes what happened before. An empty server means an account.
func (p *Panel) AddActivity(event string, actor int, server string, properties map[string]any, order []string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := &activity{
		id: len(p.state.activity) + 1, event: event, actor: p.state.users.get(actor), isAPI: true, ip: "127.0.0.1",
		server: p.state.serversByUUID[server], at: at,
	}
	if server == "" {
		line.account = line.actor
	}
	for _, key := range order {
		line.properties = append(line.properties, property{key, properties[key]})
	}
	p.state.activity = append(p.state.activity, line)
}

// CountActivity counts what happened to a server.
func (p *Panel) CountActivity(server string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, line := range p.state.activity {
		if line.server != nil && line.server.identifier() == server {
			n++
		}
	}
	return n
}

// AddDeletedBackup makes a server one that had a backup which is gone.
func (p *Panel) AddDeletedBackup(server string, created time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.state.serversByUUID[server]
	s.backups = append([]*backup{{uuid: randomID(), name: "gone", created: created, completed: &created, successful: true, deleted: true}}, s.backups...)
}

// Settings changes what an administrator of the Panel would.
func (p *Panel) Settings(autoAllocation bool, portStart, portEnd, backupLimit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set := &p.state.settings
	set.autoAllocation, set.portStart, set.portEnd, set.backupLimit = autoAllocation, portStart, portEnd, backupLimit
}

// NextIDs makes sure that the next rows get certain ids.
func (p *Panel) NextIDs(locations, schedules, tasks, databases, servers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	raise := func(last *int, next int) { *last = max(*last, next-1) }
	raise(&p.state.locations.last, locations)
	raise(&p.state.schedules.last, schedules)
	raise(&p.state.tasks.last, tasks)
	raise(&p.state.databases.last, databases)
	raise(&p.state.servers.last, servers)
}

// Served lists the operations that the version has.
func (p *Panel) Served() []string {
	return p.router.operations()
}
