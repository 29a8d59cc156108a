package paneltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// planter turns a Seed into rows.
type planter struct {
	p     *Panel
	s     *state
	now   time.Time
	heirs map[*egg]SeedEgg // eggs that take something from others
}

// plant fills the state, and starts the nodes.
func (p *Panel) plant(seed Seed) error {
	pl := &planter{p: p, s: p.state, now: time.Now(), heirs: make(map[*egg]SeedEgg)}
	set := &pl.s.settings
	set.autoAllocation, set.portStart, set.portEnd = seed.AutoAllocation, seed.PortStart, seed.PortEnd
	set.requireTwoFactor = seed.RequireTwoFactor
	if p.limits.off {
		set.backupLimit = 0
	}
	for _, u := range seed.Users {
		if err := pl.user(u); err != nil {
			return err
		}
	}
	for _, l := range seed.Locations {
		id := pl.s.locations.planted(l.ID)
		created := pl.time(l.Created)
		pl.s.locations.add(id, &location{id: id, short: cmp.Or(l.Short, "location-"+itoa(id)), long: l.Long, created: created, updated: created})
	}
	for _, n := range seed.Nodes {
		if err := pl.node(n); err != nil {
			return err
		}
	}
	for _, n := range seed.Nests {
		if err := pl.nest(n); err != nil {
			return err
		}
	}
	if err := pl.inherit(); err != nil {
		return err
	}
	for _, h := range seed.DatabaseHosts {
		id := pl.s.databaseHosts.planted(h.ID)
		created := pl.time(h.Created)
		pl.s.databaseHosts.add(id, &databaseHost{
			id: id, name: cmp.Or(h.Name, "host-"+itoa(id)), host: cmp.Or(h.Host, "127.0.0.1"), port: cmp.Or(h.Port, 3306),
			username: cmp.Or(h.Username, "panel"), node: pl.s.nodes.get(h.Node), created: created, updated: created,
		})
	}
	for _, srv := range seed.Servers {
		if err := pl.server(srv); err != nil {
			return fmt.Errorf("paneltest: seed: server %q: %w", srv.Name, err)
		}
	}
	p.chooseKeys()
	return nil
}

// planted returns the id of a row of a seed.
func (t *table[T]) planted(id int) int {
	if id == 0 {
		return t.next()
	}
	t.last = max(t.last, id)
	return id
}

func (pl *planter) time(t time.Time) time.Time {
	if t.IsZero() {
		return pl.now
	}
	return t
}

func (pl *planter) user(u SeedUser) error {
	id := pl.s.users.planted(u.ID)
	created := pl.time(u.Created)
	row := &user{
		id: id, externalID: u.ExternalID, uuid: cmp.Or(u.UUID, randomID()),
		username: cmp.Or(u.Username, "user"+itoa(id)), email: u.Email, firstName: cmp.Or(u.FirstName, "First"),
		lastName: cmp.Or(u.LastName, "Last"), language: "en", password: cmp.Or(u.Password, defaultPassword),
		admin: u.Admin, created: created, updated: created,
	}
	row.email = cmp.Or(row.email, row.username+"@example.org")
	pl.s.addUser(row)
	keys := u.Keys
	if len(keys) == 0 {
		keys = []SeedKey{{Key: newKey("ptlc_"), Description: "client"}}
	}
	for _, k := range keys {
		key := &apiKey{
			kind: clientKey, owner: row, memo: k.Description, allowedIPs: k.AllowedIPs, rights: k.Rights, created: pl.time(k.Created),
		}
		if strings.HasPrefix(k.Key, "ptla_") {
			key.kind = applicationKey
		}
		text := cmp.Or(k.Key, newKey("ptlc_"))
		if len(text) <= keyNameLength {
			return fmt.Errorf("paneltest: seed: key %q is too short", k.Key)
		}
		key.identifier, key.secret = text[:keyNameLength], text[keyNameLength:]
		pl.s.addKey(key)
	}
	return nil
}

func (pl *planter) node(n SeedNode) error {
	id := pl.s.nodes.planted(n.ID)
	created := pl.time(n.Created)
	row := &node{
		id: id, uuid: cmp.Or(n.UUID, randomID()), name: cmp.Or(n.Name, "node-"+itoa(id)), description: n.Description,
		location: pl.s.locations.get(cmp.Or(n.Location, 1)), public: !n.Private, maintenance: n.Maintenance,
		fqdn: "127.0.0.1", scheme: "http", daemonBase: defaultDaemonBase, listen: 8080, sftp: 2022,
		memory: cmp.Or(n.Memory, 8192), disk: cmp.Or(n.Disk, 65536), uploadSize: 100,
		tokenID: randomText(16), token: randomText(64), created: created, updated: created,
	}
	if row.location == nil {
		return fmt.Errorf("paneltest: seed: node %q: there is no location %d", row.name, n.Location)
	}
	pl.s.nodes.add(id, row)
	for _, a := range n.Allocations {
		id := pl.s.allocations.planted(a.ID)
		pl.s.allocations.add(id, &allocation{
			id: id, node: row, ip: cmp.Or(a.IP, "127.0.0.1"), port: cmp.Or(a.Port, 25000+id), alias: a.Alias, notes: a.Notes,
		})
	}
	if n.Down {
		row.down = true
		return nil
	}
	return pl.p.startNode(row)
}

// defaultDaemonBase is where nodes keep the files of servers, unless told
// otherwise.
const defaultDaemonBase = "/var/lib/pterodactyl/volumes"

func (pl *planter) nest(n SeedNest) error {
	id := pl.s.nests.planted(n.ID)
	created := pl.time(n.Created)
	row := &nest{
		id: id, uuid: cmp.Or(n.UUID, randomID()), author: cmp.Or(n.Author, "eggs@example.org"), name: cmp.Or(n.Name, "nest-"+itoa(id)),
		description: n.Description, created: created, updated: created,
	}
	pl.s.nests.add(id, row)
	for _, e := range n.Eggs {
		id := pl.s.eggs.planted(e.ID)
		egg := &egg{
			id: id, uuid: cmp.Or(e.UUID, randomID()), nest: row, name: cmp.Or(e.Name, "egg-"+itoa(id)),
			author: cmp.Or(e.Author, row.author), description: e.Description, images: e.Images, features: e.Features,
			denylist: e.FileDenylist, files: e.ConfigFiles, startup: e.ConfigStart, logs: e.ConfigLogs, stop: e.Stop,
			command: e.Startup, privileged: !e.Unprivileged, install: e.InstallScript,
			entry: cmp.Or(e.InstallEntry, "ash"), container: cmp.Or(e.InstallContainer, "alpine:3.4"), game: e.Game,
			created: pl.time(cmp.Or(e.Created, n.Created)), updated: pl.time(cmp.Or(e.Created, n.Created)),
		}
		pl.s.eggs.add(id, egg)
		pl.heirs[egg] = e
		for _, document := range []json.RawMessage{e.ConfigFiles, e.ConfigStart, e.ConfigLogs} {
			if len(document) > 0 && !json.Valid(document) {
				return fmt.Errorf("paneltest: seed: egg %q: its configuration is no JSON", egg.name)
			}
		}
		if egg.game.Stop == "" {
			egg.game.Stop = deref(egg.stop)
		}
		for _, v := range e.Variables {
			id := pl.s.variables.planted(v.ID)
			variable := &variable{
				id: id, egg: egg, name: v.Name, description: v.Description, env: v.Env, value: v.Default,
				viewable: !v.Hidden, editable: !v.ReadOnly, rules: v.Rules, created: egg.created, updated: egg.created,
			}
			pl.s.variables.add(id, variable)
			egg.variables = append(egg.variables, variable)
		}
	}
	return nil
}

// inherit connects eggs with those that they take their configuration from.
func (pl *planter) inherit() error {
	for row, seed := range pl.heirs {
		for _, parent := range []struct {
			id int
			of **egg
		}{{seed.ConfigFrom, &row.configFrom}, {seed.ScriptFrom, &row.scriptFrom}} {
			if parent.id == 0 {
				continue
			}
			if *parent.of = pl.s.eggs.get(parent.id); *parent.of == nil {
				return fmt.Errorf("paneltest: seed: egg %q: there is no egg %d", row.name, parent.id)
			}
		}
	}
	return nil
}

func (pl *planter) server(seed SeedServer) error {
	id := pl.s.servers.planted(seed.ID)
	created := pl.time(seed.Created)
	row := &server{
		id: id, externalID: seed.ExternalID, uuid: cmp.Or(seed.UUID, randomID()), name: cmp.Or(seed.Name, "server-"+itoa(id)),
		description: &seed.Description, status: seed.Status, transferring: seed.Transferring,
		installed: seed.Status != statusInstalling && seed.Status != statusInstallFailed,
		limits: limits{
			memory: seed.Memory, swap: seed.Swap, disk: seed.Disk, io: cmp.Or(seed.IO, 500), cpu: seed.CPU,
			threads: seed.Threads, oomDisabled: true,
		},
		databaseLimit: seed.DatabaseLimit, allocationLimit: seed.AllocationLimit, backupLimit: seed.BackupLimit,
		values: make(map[int]*string), files: seed.Files, running: seed.Running, created: created, updated: created,
	}
	if row.owner = pl.s.users.get(seed.Owner); seed.Owner == 0 {
		row.owner = cmp.Or(pl.s.users.first(func(u *user) bool { return !u.admin }), pl.s.users.first(func(*user) bool { return true }))
	}
	if row.egg = pl.s.eggs.get(seed.Egg); seed.Egg == 0 {
		row.egg = pl.s.eggs.first(func(*egg) bool { return true })
	}
	switch {
	case row.owner == nil:
		return fmt.Errorf("there is no user %d", seed.Owner)
	case row.egg == nil:
		return fmt.Errorf("there is no egg %d", seed.Egg)
	case len(row.uuid) <= shortID:
		return fmt.Errorf("its UUID %q is too short", row.uuid)
	}
	if err := pl.assign(row, seed.Allocations); err != nil {
		return err
	}
	row.image, row.command = seed.Image, cmp.Or(seed.Startup, row.egg.command)
	if row.image == "" && len(row.egg.images) > 0 {
		row.image = row.egg.images[0].Image
	}
	row.hadContainer = row.installed && !row.egg.game.CannotStart
	for _, v := range row.egg.variables {
		value, given := seed.Environment[v.env]
		if !given {
			value = v.value
		}
		row.values[v.id] = &value
	}
	pl.s.addServer(row)
	if err := pl.belongings(row, seed); err != nil {
		return err
	}
	// Others are made when they are asked for, so that ten thousand cost little.
	if row.running || len(row.backups) > 0 || row.status == statusRestoring {
		pl.p.machine(row)
	}
	return nil
}

// shortID is the length of the part of a UUID that names a server too.
const shortID = 8

// assign gives a server its allocations, or a free one.
func (pl *planter) assign(row *server, ids []int) error {
	if len(ids) == 0 {
		free := pl.s.allocations.first(func(a *allocation) bool { return a.server == nil })
		if free == nil {
			return fmt.Errorf("there is no free allocation")
		}
		ids = []int{free.id}
	}
	for _, id := range ids {
		a := pl.s.allocations.get(id)
		if a == nil || a.server != nil {
			return fmt.Errorf("allocation %d does not exist or is taken", id)
		}
		row.assign(a)
	}
	row.allocation = pl.s.allocations.get(ids[0])
	row.node = row.allocation.node
	return nil
}

// belongings adds what hangs on a server.
func (pl *planter) belongings(row *server, seed SeedServer) error {
	for _, sub := range seed.Subusers {
		id := pl.s.subusers.planted(sub.ID)
		created := pl.time(sub.Created)
		subuser := &subuser{
			id: id, user: pl.s.users.get(sub.User), server: row, permissions: sub.Permissions, created: created, updated: created,
		}
		if subuser.user == nil {
			return fmt.Errorf("there is no user %d", sub.User)
		}
		pl.s.subusers.add(id, subuser)
		row.subusers = append(row.subusers, subuser)
	}
	for _, d := range seed.Databases {
		host := pl.s.databaseHosts.get(cmp.Or(d.Host, 1))
		if host == nil {
			return fmt.Errorf("there is no database host %d", d.Host)
		}
		created := pl.time(d.Created)
		pl.s.addDatabase(pl.s.databases.planted(d.ID), row, host, d.Name, cmp.Or(d.Remote, "%"), created)
	}
	for _, sched := range seed.Schedules {
		if err := pl.schedule(row, sched); err != nil {
			return err
		}
	}
	for _, b := range seed.Backups {
		created := pl.time(b.Created)
		row.backups = append(row.backups, &backup{
			uuid: cmp.Or(b.UUID, randomID()), name: cmp.Or(b.Name, "backup"), successful: true, locked: b.Locked,
			checksum: some("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"), created: created, completed: &created,
		})
	}
	return nil
}

func (pl *planter) schedule(row *server, seed SeedSchedule) error {
	id := pl.s.schedules.planted(seed.ID)
	created := pl.time(seed.Created)
	fields := strings.Fields(cmp.Or(seed.Cron, "0 * * * *"))
	if len(fields) != 5 {
		return fmt.Errorf("cron %q has not five fields", seed.Cron)
	}
	sched := &schedule{
		id: id, server: row, name: seed.Name, minute: fields[0], hour: fields[1], dayOfMonth: fields[2], month: fields[3],
		dayOfWeek: fields[4], active: !seed.Inactive, onlyOnline: seed.OnlyOnline, created: created, updated: created,
	}
	next, err := sched.after(pl.now)
	if err != nil {
		return err
	}
	sched.nextRun = &next
	pl.s.schedules.add(id, sched)
	row.schedules = append(row.schedules, sched)
	for i, t := range seed.Tasks {
		id := pl.s.tasks.planted(t.ID)
		row := &task{
			id: id, schedule: sched, sequence: i + 1, action: t.Action, payload: t.Payload, offset: t.Offset,
			continueOnFailure: t.ContinueOnFailure, created: created, updated: created,
		}
		pl.s.tasks.add(id, row)
		sched.tasks = append(sched.tasks, row)
	}
	return nil
}

// chooseKeys finds the keys that a Panel shows.
func (p *Panel) chooseKeys() {
	subusers := p.state.subusers.all()
	var userOfKey *user
	for _, k := range p.state.keyOrder {
		text := k.identifier + k.secret
		switch {
		case len(k.allowedIPs) > 0:
		case k.kind == applicationKey:
			if p.ApplicationKey == "" && k.rights == nil {
				p.ApplicationKey = text
			}
		case k.owner.admin:
			p.AdminKey = cmp.Or(p.AdminKey, text)
		case p.UserKey == "":
			p.UserKey, userOfKey = text, k.owner
		case p.SubuserKey == "" && k.owner != userOfKey &&
			slices.ContainsFunc(subusers, func(s *subuser) bool { return s.user == k.owner }):
			p.SubuserKey = text
		}
	}
}
