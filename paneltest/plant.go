package paneltest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// planter turns a Seed into rows.
type planter struct {
	s     *model.State
	is    panel.Traits // of the version
	now   time.Time
	heirs map[*model.Egg]SeedEgg // eggs that take something from others
}

// plant turns a Seed into what a Panel holds.
func plant(seed Seed, is panel.Traits) (*model.State, error) {
	pl := &planter{s: model.NewState(), is: is, now: time.Now(), heirs: make(map[*model.Egg]SeedEgg)}
	set := &pl.s.Settings
	set.AutoAllocation, set.PortStart, set.PortEnd = seed.AutoAllocation, seed.PortStart, seed.PortEnd
	set.RequireTwoFactor = seed.RequireTwoFactor
	if is.Roles {
		pl.roles(seed.Roles)
	}
	for _, u := range seed.Users {
		if err := pl.user(u); err != nil {
			return nil, err
		}
	}
	for _, l := range seed.Locations {
		id := pl.s.Locations.Planted(l.ID)
		created := pl.time(l.Created)
		pl.s.Locations.Add(id, &model.Location{ID: id, Short: cmp.Or(l.Short, "location-"+strconv.Itoa(id)), Long: l.Long, Created: created, Updated: created})
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
		id := pl.s.DatabaseHosts.Planted(h.ID)
		created := pl.time(h.Created)
		row := &model.DatabaseHost{
			ID: id, Name: cmp.Or(h.Name, "host-"+strconv.Itoa(id)), Host: cmp.Or(h.Host, "127.0.0.1"), Port: cmp.Or(h.Port, 3306),
			Username: cmp.Or(h.Username, "panel"), Created: created, Updated: created,
		}
		if node := pl.s.Nodes.Get(h.Node); node != nil {
			row.Nodes = []*model.Node{node}
		}
		pl.s.DatabaseHosts.Add(id, row)
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
	id := pl.s.Users.Planted(u.ID)
	created := pl.time(u.Created)
	row := &model.User{
		ID: id, ExternalID: u.ExternalID, UUID: cmp.Or(u.UUID, random.UUID()),
		Username: cmp.Or(u.Username, "user"+strconv.Itoa(id)), Email: u.Email, FirstName: cmp.Or(u.FirstName, "First"),
		LastName: cmp.Or(u.LastName, "Last"), Language: "en", Password: cmp.Or(u.Password, defaultPassword),
		Admin: u.Admin, Managed: u.Managed, Created: created, Updated: created,
	}
	for _, id := range u.Roles {
		role := pl.s.Roles.Get(id)
		if role == nil {
			return fmt.Errorf("paneltest: seed: user %q: there is no role %d", row.Username, id)
		}
		row.GiveRole(role)
	}
	row.Email = cmp.Or(row.Email, row.Username+"@example.org")
	pl.s.Users.Add(row.ID, row)
	keys := u.Keys
	if len(keys) == 0 {
		keys = []SeedKey{{Description: "client"}}
	}
	for _, k := range keys {
		key := &model.Key{
			Kind: model.ClientKey, Owner: row, Memo: k.Description, AllowedIPs: k.AllowedIPs, Rights: k.Rights, Created: pl.time(k.Created),
		}
		prefix := pl.is.ClientKey
		if k.Application || strings.HasPrefix(k.Key, "ptla_") || strings.HasPrefix(k.Key, "papp_") {
			key.Kind, prefix = model.ApplicationKey, pl.is.ApplicationKey
		}
		text := cmp.Or(k.Key, model.NewKey(prefix))
		if len(text) <= model.KeyNameLength {
			return fmt.Errorf("paneltest: seed: key %q is too short", k.Key)
		}
		key.Identifier, key.Secret = text[:model.KeyNameLength], text[model.KeyNameLength:]
		pl.s.AddKey(key)
	}
	return nil
}

// roles adds the role of administrators, and those of a Seed.
func (pl *planter) roles(seeds []SeedRole) {
	id := pl.s.Roles.Next()
	pl.s.Roles.Add(id, &model.Role{ID: id, Name: model.RootRole, Created: pl.now, Updated: pl.now})
	for _, seed := range seeds {
		id, created := pl.s.Roles.Planted(seed.ID), pl.time(seed.Created)
		role := &model.Role{ID: id, Name: cmp.Or(seed.Name, "role-"+strconv.Itoa(id)), Created: created, Updated: created}
		for _, name := range seed.Permissions {
			role.Permissions = append(role.Permissions, model.RolePermission{Name: name, Created: created})
		}
		pl.s.Roles.Add(id, role)
	}
}

func (pl *planter) node(n SeedNode) error {
	id := pl.s.Nodes.Planted(n.ID)
	created := pl.time(n.Created)
	row := &model.Node{
		ID: id, UUID: cmp.Or(n.UUID, random.UUID()), Name: cmp.Or(n.Name, "node-"+strconv.Itoa(id)), Description: n.Description,
		Location: pl.s.Locations.Get(cmp.Or(n.Location, 1)), Public: !n.Private, Maintenance: n.Maintenance,
		FQDN: "127.0.0.1", Scheme: "http", DaemonBase: pl.is.DaemonBase, Listen: 8080, SFTP: 2022,
		Memory: cmp.Or(n.Memory, 8192), Disk: cmp.Or(n.Disk, 65536), UploadSize: 100,
		TokenID: random.Text(16), Token: random.Text(64), Created: created, Updated: created,
	}
	if row.Tags, row.CPU, row.Connect = append([]string{}, n.Tags...), n.CPU, row.Listen; pl.is.Tags {
		row.Location = nil
	} else if row.Location == nil {
		return fmt.Errorf("paneltest: seed: node %q: there is no location %d", row.Name, n.Location)
	}
	pl.s.Nodes.Add(id, row)
	for _, a := range n.Allocations {
		id := pl.s.Allocations.Planted(a.ID)
		pl.s.Allocations.Add(id, &model.Allocation{
			ID: id, Node: row, IP: cmp.Or(a.IP, "127.0.0.1"), Port: cmp.Or(a.Port, 25000+id), Alias: a.Alias, Notes: a.Notes,
		})
	}
	row.Down = n.Down
	return nil
}

func (pl *planter) nest(n SeedNest) error {
	id := pl.s.Nests.Planted(n.ID)
	created := pl.time(n.Created)
	row := &model.Nest{
		ID: id, UUID: cmp.Or(n.UUID, random.UUID()), Author: cmp.Or(n.Author, "eggs@example.org"), Name: cmp.Or(n.Name, "nest-"+strconv.Itoa(id)),
		Description: n.Description, Created: created, Updated: created,
	}
	pl.s.Nests.Add(id, row)
	for _, e := range n.Eggs {
		id := pl.s.Eggs.Planted(e.ID)
		egg := &model.Egg{
			ID: id, UUID: cmp.Or(e.UUID, random.UUID()), Nest: row, Name: cmp.Or(e.Name, "egg-"+strconv.Itoa(id)),
			Author: cmp.Or(e.Author, row.Author), Description: e.Description, Images: images(e.Images), Features: e.Features,
			Denylist: e.FileDenylist, Files: e.ConfigFiles, Startup: e.ConfigStart, Logs: e.ConfigLogs, Stop: e.Stop,
			Command: e.Startup, Tags: e.Tags, Privileged: !e.Unprivileged, Install: e.InstallScript,
			Entry: cmp.Or(e.InstallEntry, "ash"), Container: cmp.Or(e.InstallContainer, "alpine:3.4"), Game: e.Game.spec(), CannotStart: e.Game.CannotStart,
			Created: pl.time(cmp.Or(e.Created, n.Created)), Updated: pl.time(cmp.Or(e.Created, n.Created)),
		}
		for _, command := range e.Startups {
			egg.Commands = append(egg.Commands, model.Command{Label: command.Label, Command: command.Command})
		}
		switch {
		case len(egg.Commands) == 0:
			egg.Commands = []model.Command{{Label: "Default", Command: egg.Command}}
		case egg.Command == "":
			egg.Command = egg.Commands[0].Command
		}
		pl.s.Eggs.Add(id, egg)
		pl.heirs[egg] = e
		for _, document := range []json.RawMessage{e.ConfigFiles, e.ConfigStart, e.ConfigLogs} {
			if len(document) > 0 && !json.Valid(document) {
				return fmt.Errorf("paneltest: seed: egg %q: its configuration is no JSON", egg.Name)
			}
		}
		if egg.Game.Stop == "" {
			egg.Game.Stop = model.Deref(egg.Stop)
		}
		for _, v := range e.Variables {
			id := pl.s.Variables.Planted(v.ID)
			variable := &model.Variable{
				ID: id, Egg: egg, Name: v.Name, Description: v.Description, Env: v.Env, Value: v.Default,
				Viewable: !v.Hidden, Editable: !v.ReadOnly, Rules: v.Rules, Created: egg.Created, Updated: egg.Created,
			}
			pl.s.Variables.Add(id, variable)
			egg.Variables = append(egg.Variables, variable)
		}
	}
	return nil
}

func images(seeds []SeedImage) []model.Image {
	rows := make([]model.Image, len(seeds))
	for i, seed := range seeds {
		rows[i] = model.Image{Label: seed.Label, Image: seed.Image}
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
			of **model.Egg
		}{{seed.ConfigFrom, &row.ConfigFrom}, {seed.ScriptFrom, &row.ScriptFrom}} {
			if parent.id == 0 {
				continue
			}
			if *parent.of = pl.s.Eggs.Get(parent.id); *parent.of == nil {
				return fmt.Errorf("paneltest: seed: egg %q: there is no egg %d", row.Name, parent.id)
			}
		}
	}
	return nil
}

func (pl *planter) server(seed SeedServer) error {
	id := pl.s.Servers.Planted(seed.ID)
	created := pl.time(seed.Created)
	row := &model.Server{
		ID: id, ExternalID: seed.ExternalID, UUID: cmp.Or(seed.UUID, random.UUID()), Name: cmp.Or(seed.Name, "server-"+strconv.Itoa(id)),
		Description: &seed.Description, Status: seed.Status, Transferring: seed.Transferring,
		Installed: seed.Status != model.StatusInstalling && seed.Status != model.StatusInstallFailed,
		Limits: model.Limits{
			Memory: seed.Memory, Swap: seed.Swap, Disk: seed.Disk, IO: cmp.Or(seed.IO, 500), CPU: seed.CPU,
			Threads: seed.Threads, OOMDisabled: true,
		},
		DatabaseLimit: seed.DatabaseLimit, AllocationLimit: seed.AllocationLimit, BackupLimit: seed.BackupLimit,
		Values: make(map[int]*string), Files: seed.Files, Running: seed.Running, Created: created, Updated: created,
	}
	if row.Owner = pl.s.Users.Get(seed.Owner); seed.Owner == 0 {
		row.Owner = cmp.Or(pl.s.Users.First(func(u *model.User) bool { return !u.Admin }), pl.s.Users.First(func(*model.User) bool { return true }))
	}
	if row.Egg = pl.s.Eggs.Get(seed.Egg); seed.Egg == 0 {
		row.Egg = pl.s.Eggs.First(func(*model.Egg) bool { return true })
	}
	switch {
	case row.Owner == nil:
		return fmt.Errorf("there is no user %d", seed.Owner)
	case row.Egg == nil:
		return fmt.Errorf("there is no egg %d", seed.Egg)
	case !slices.Contains(model.Statuses, row.Status):
		return fmt.Errorf("its status %q is none of %q", row.Status, model.Statuses)
	case !model.IsUUID(row.UUID):
		return fmt.Errorf("%q is no UUID", row.UUID)
	}
	if err := pl.assign(row, seed.Allocations); err != nil {
		return err
	}
	row.Image, row.Command = seed.Image, cmp.Or(seed.Startup, row.Egg.Command)
	if row.Image == "" && len(row.Egg.Images) > 0 {
		row.Image = row.Egg.Images[0].Image
	}
	row.HadContainer = row.Installed && !row.Egg.CannotStart
	for _, v := range row.Egg.Variables {
		value, given := seed.Environment[v.Env]
		if !given {
			value = v.Value
		}
		row.Values[v.ID] = &value
	}
	pl.s.AddServer(row)
	return pl.belongings(row, seed)
}

// assign gives a server its allocations, or a free one.
func (pl *planter) assign(row *model.Server, ids []int) error {
	if len(ids) == 0 {
		free := pl.s.Allocations.First(func(a *model.Allocation) bool { return a.Server == nil })
		if free == nil {
			return errors.New("there is no free allocation")
		}
		ids = []int{free.ID}
	}
	for _, id := range ids {
		a := pl.s.Allocations.Get(id)
		if a == nil || a.Server != nil {
			return fmt.Errorf("allocation %d does not exist or is taken", id)
		}
		row.Assign(a)
	}
	row.Allocation = pl.s.Allocations.Get(ids[0])
	row.Node = row.Allocation.Node
	return nil
}

// belongings adds what hangs on a server.
func (pl *planter) belongings(row *model.Server, seed SeedServer) error {
	for _, sub := range seed.Subusers {
		id := pl.s.Subusers.Planted(sub.ID)
		created := pl.time(sub.Created)
		subuser := &model.Subuser{
			ID: id, User: pl.s.Users.Get(sub.User), Server: row, Permissions: append([]string{}, sub.Permissions...), Created: created, Updated: created,
		}
		if subuser.User == nil {
			return fmt.Errorf("there is no user %d", sub.User)
		}
		pl.s.Subusers.Add(id, subuser)
		row.Subusers = append(row.Subusers, subuser)
	}
	for _, d := range seed.Databases {
		host := pl.s.DatabaseHosts.Get(cmp.Or(d.Host, 1))
		if host == nil {
			return fmt.Errorf("there is no database host %d", d.Host)
		}
		created := pl.time(d.Created)
		pl.s.AddDatabase(pl.s.Databases.Planted(d.ID), row, host, d.Name, cmp.Or(d.Remote, "%"), created)
	}
	for _, sched := range seed.Schedules {
		if err := pl.schedule(row, sched); err != nil {
			return err
		}
	}
	for _, b := range seed.Backups {
		created := pl.time(b.Created)
		row.Backups = append(row.Backups, &model.Backup{
			UUID: cmp.Or(b.UUID, random.UUID()), Name: cmp.Or(b.Name, "backup"), Successful: true, Locked: b.Locked,
			Checksum: some("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"), Created: created, Completed: &created,
		})
	}
	return nil
}

func (pl *planter) schedule(row *model.Server, seed SeedSchedule) error {
	id := pl.s.Schedules.Planted(seed.ID)
	created := pl.time(seed.Created)
	fields := strings.Fields(cmp.Or(seed.Cron, "0 * * * *"))
	if len(fields) != 5 {
		return fmt.Errorf("cron %q has not five fields", seed.Cron)
	}
	sched := &model.Schedule{
		ID: id, Server: row, Name: seed.Name,
		Cron:   laravel.Cron{Minute: fields[0], Hour: fields[1], DayOfMonth: fields[2], Month: fields[3], DayOfWeek: fields[4]},
		Active: !seed.Inactive, OnlyOnline: seed.OnlyOnline, Created: created, Updated: created,
	}
	next, err := sched.Cron.Next(pl.now)
	if err != nil {
		return err
	}
	sched.NextRun = &next
	pl.s.Schedules.Add(id, sched)
	row.Schedules = append(row.Schedules, sched)
	for i, t := range seed.Tasks {
		id := pl.s.Tasks.Planted(t.ID)
		row := &model.Task{
			ID: id, Schedule: sched, Sequence: i + 1, Action: t.Action, Payload: t.Payload, Offset: t.Offset,
			ContinueOnFailure: t.ContinueOnFailure, Created: created, Updated: created,
		}
		pl.s.Tasks.Add(id, row)
		sched.Tasks = append(sched.Tasks, row)
	}
	return nil
}

// chooseKeys finds the keys that a Panel shows.
func (p *Panel) chooseKeys(s *model.State) {
	subusers := s.Subusers.All()
	var userOfKey *model.User
	for _, k := range s.KeyOrder {
		text := k.Identifier + k.Secret
		switch {
		case len(k.AllowedIPs) > 0:
		case k.Kind == model.ApplicationKey:
			if p.ApplicationKey == "" && k.Rights == nil {
				p.ApplicationKey = text
			}
		case k.Owner.Admin:
			p.AdminKey = cmp.Or(p.AdminKey, text)
		case p.UserKey == "":
			p.UserKey, userOfKey = text, k.Owner
		case p.SubuserKey == "" && k.Owner != userOfKey &&
			slices.ContainsFunc(subusers, func(s *model.Subuser) bool { return s.User == k.Owner }):
			p.SubuserKey = text
		}
	}
}
