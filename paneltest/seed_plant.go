package paneltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// planter turns a Seed into rows.
type planter struct {
	s     *state
	now   time.Time
	heirs map[*egg]SeedEgg // eggs that take something from others
}

// plant turns a Seed into what a Panel holds.
func plant(seed Seed) (*state, error) {
	pl := &planter{s: newState(), now: time.Now(), heirs: make(map[*egg]SeedEgg)}
	set := &pl.s.settings
	set.autoAllocation, set.portStart, set.portEnd = seed.AutoAllocation, seed.PortStart, seed.PortEnd
	set.requireTwoFactor = seed.RequireTwoFactor
	for _, u := range seed.Users {
		if err := pl.user(u); err != nil {
			return nil, err
		}
	}
	for _, l := range seed.Locations {
		id := pl.s.locations.planted(l.ID)
		created := pl.time(l.Created)
		pl.s.locations.add(id, &location{id: id, short: cmp.Or(l.Short, "location-"+strconv.Itoa(id)), long: l.Long, created: created, updated: created})
	}
	for _, n := range seed.Nodes {
		if err := pl.node(n); err != nil {
			return nil, err
		}
	}
	for _, n := range seed.Nests {
		if err := pl.nest(n); err != nil {
			return nil, err
		}
	}
	if err := pl.inherit(); err != nil {
		return nil, err
	}
	for _, h := range seed.DatabaseHosts {
		id := pl.s.databaseHosts.planted(h.ID)
		created := pl.time(h.Created)
		pl.s.databaseHosts.add(id, &databaseHost{
			id: id, name: cmp.Or(h.Name, "host-"+strconv.Itoa(id)), host: cmp.Or(h.Host, "127.0.0.1"), port: cmp.Or(h.Port, 3306),
			username: cmp.Or(h.Username, "panel"), node: pl.s.nodes.get(h.Node), created: created, updated: created,
		})
	}
	for _, srv := range seed.Servers {
		if err := pl.server(srv); err != nil {
			return nil, fmt.Errorf("paneltest: seed: server %q: %w", srv.Name, err)
		}
	}
	return pl.s, nil
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
		id: id, externalID: u.ExternalID, uuid: cmp.Or(u.UUID, random.UUID()),
		username: cmp.Or(u.Username, "user"+strconv.Itoa(id)), email: u.Email, firstName: cmp.Or(u.FirstName, "First"),
		lastName: cmp.Or(u.LastName, "Last"), language: "en", password: cmp.Or(u.Password, defaultPassword),
		admin: u.Admin, created: created, updated: created,
	}
	row.email = cmp.Or(row.email, row.username+"@example.org")
	pl.s.users.add(row.id, row)
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
		id: id, uuid: cmp.Or(n.UUID, random.UUID()), name: cmp.Or(n.Name, "node-"+strconv.Itoa(id)), description: n.Description,
		location: pl.s.locations.get(cmp.Or(n.Location, 1)), public: !n.Private, maintenance: n.Maintenance,
		fqdn: "127.0.0.1", scheme: "http", daemonBase: defaultDaemonBase, listen: 8080, sftp: 2022,
		memory: cmp.Or(n.Memory, 8192), disk: cmp.Or(n.Disk, 65536), uploadSize: 100,
		tokenID: random.Text(16), token: random.Text(64), created: created, updated: created,
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
	row.down = n.Down
	return nil
}

func (pl *planter) nest(n SeedNest) error {
	id := pl.s.nests.planted(n.ID)
	created := pl.time(n.Created)
	row := &nest{
		id: id, uuid: cmp.Or(n.UUID, random.UUID()), author: cmp.Or(n.Author, "eggs@example.org"), name: cmp.Or(n.Name, "nest-"+strconv.Itoa(id)),
		description: n.Description, created: created, updated: created,
	}
	pl.s.nests.add(id, row)
	for _, e := range n.Eggs {
		id := pl.s.eggs.planted(e.ID)
		egg := &egg{
			id: id, uuid: cmp.Or(e.UUID, random.UUID()), nest: row, name: cmp.Or(e.Name, "egg-"+strconv.Itoa(id)),
			author: cmp.Or(e.Author, row.author), description: e.Description, images: images(e.Images), features: e.Features,
			denylist: e.FileDenylist, files: e.ConfigFiles, startup: e.ConfigStart, logs: e.ConfigLogs, stop: e.Stop,
			command: e.Startup, privileged: !e.Unprivileged, install: e.InstallScript,
			entry: cmp.Or(e.InstallEntry, "ash"), container: cmp.Or(e.InstallContainer, "alpine:3.4"), game: e.Game.spec(), cannotStart: e.Game.CannotStart,
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

func images(seeds []SeedImage) []image {
	rows := make([]image, len(seeds))
	for i, seed := range seeds {
		rows[i] = image{seed.Label, seed.Image}
	}
	return rows
}

// spec turns the sample game of a Seed into one for a node.
func (g SeedGame) spec() protocol.Game {
	spec := protocol.Game{
		Boot: g.Boot, Done: g.Done, Stop: g.Stop, BootTime: g.BootTime, StopTime: g.StopTime,
		Rate: g.Rate, Line: g.Line, Answer: g.Answer,
	}
	if spec.Line == nil && len(g.Lines) > 0 {
		spec.Line = func(n int) string { return g.Lines[(n-1)%len(g.Lines)] }
	}
	if spec.Answer == nil && len(g.Answers) > 0 {
		spec.Answer = func(command string) []string {
			if lines, known := g.Answers[command]; known {
				return lines
			}
			return []string{"> " + command}
		}
	}
	return spec
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

// chooseKeys finds the keys that a Panel shows.
func (p *Panel) chooseKeys(s *state) {
	subusers := s.subusers.all()
	var userOfKey *user
	for _, k := range s.keyOrder {
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
