package paneltest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

func (pl *planter) server(seed SeedServer) error {
	id := pl.s.servers.planted(seed.ID)
	created := pl.time(seed.Created)
	row := &server{
		id: id, externalID: seed.ExternalID, uuid: cmp.Or(seed.UUID, random.UUID()), name: cmp.Or(seed.Name, "server-"+strconv.Itoa(id)),
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
	case !slices.Contains(statuses, row.status):
		return fmt.Errorf("its status %q is none of %q", row.status, statuses)
	case len(row.uuid) <= shortID:
		return fmt.Errorf("its UUID %q is too short", row.uuid)
	}
	if err := pl.assign(row, seed.Allocations); err != nil {
		return err
	}
	row.image, row.command = seed.Image, cmp.Or(seed.Startup, row.egg.command)
	if row.image == "" && len(row.egg.images) > 0 {
		row.image = row.egg.images[0].image
	}
	row.hadContainer = row.installed && !row.egg.cannotStart
	for _, v := range row.egg.variables {
		value, given := seed.Environment[v.env]
		if !given {
			value = v.value
		}
		row.values[v.id] = &value
	}
	pl.s.addServer(row)
	return pl.belongings(row, seed)
}

// assign gives a server its allocations, or a free one.
func (pl *planter) assign(row *server, ids []int) error {
	if len(ids) == 0 {
		free := pl.s.allocations.first(func(a *allocation) bool { return a.server == nil })
		if free == nil {
			return errors.New("there is no free allocation")
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
			id: id, user: pl.s.users.get(sub.User), server: row, permissions: append([]string{}, sub.Permissions...), created: created, updated: created,
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
			uuid: cmp.Or(b.UUID, random.UUID()), name: cmp.Or(b.Name, "backup"), successful: true, locked: b.Locked,
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
		id: id, server: row, name: seed.Name,
		cron:   laravel.Cron{Minute: fields[0], Hour: fields[1], DayOfMonth: fields[2], Month: fields[3], DayOfWeek: fields[4]},
		active: !seed.Inactive, onlyOnline: seed.OnlyOnline, created: created, updated: created,
	}
	next, err := sched.cron.Next(pl.now)
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
