package soak

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
)

// worker makes calls of all kinds, one after the other.
type worker struct {
	*world
	name     string
	random   *rand.Rand
	n        int // of its last thing with a name
	commands int // of its last command
}

func (w *worker) next() string {
	w.n++
	return w.name + "-" + strconv.Itoa(w.n)
}

// server picks one.
func (w *worker) server() string { return w.servers[w.random.IntN(consoles)] }

// run works until ctx ends.
func (w *worker) run(ctx context.Context) {
	jobs := []func(context.Context){
		w.read, w.read, w.walk, w.command, w.command, w.writeFile, w.upload, w.user, w.place, w.schedule, w.power, w.backup, w.hurried,
		w.badArgument,
	}
	for ctx.Err() == nil {
		jobs[w.random.IntN(len(jobs))](ctx)
	}
}

func (w *worker) read(ctx context.Context) {
	server := w.server()
	found, err := w.client.Servers.Get(ctx, server, client.ServerIncludeEgg)
	if w.check("get", err) && found.Identifier != server {
		w.trouble("get", "another server came")
	}
	_, err = w.client.Servers.Resources(ctx, server)
	w.check("resources", err)
	_, err = w.client.Files.List(ctx, server, "/")
	w.check("list files", err)
	_, err = w.client.Startup.Get(ctx, server)
	w.check("startup", err)
}

// walk walks a list that does not change.
func (w *worker) walk(ctx context.Context) {
	seen := 0
	for _, err := range w.admin.Servers.All(ctx, application.ServerListOptions{PerPage: 10}) {
		if !w.check("walk", err) {
			return
		}
		seen++
	}
	if seen != consoles+spares {
		w.trouble("walk", fmt.Sprintf("%d servers came", seen))
	}
}

func (w *worker) command(ctx context.Context) {
	w.commands++
	line, server := text(w.name, w.commands), w.server()
	w.ledger.begin(line, server, false)
	err := w.client.Servers.Command(ctx, server, line)
	w.ledger.end(line, err)
	w.check("command", err)
}

func (w *worker) content() []byte {
	content := make([]byte, w.random.IntN(100_000))
	for i := range content {
		content[i] = byte(w.random.Uint32())
	}
	return content
}

func (w *worker) writeFile(ctx context.Context) {
	server, file, content := w.server(), "/"+w.next()+".txt", w.content()
	written := w.check("write", w.client.Files.Write(ctx, server, file, bytes.NewReader(content)))
	switch {
	case !written:
	case w.client.Flavor() == client.Pelican: // it makes texts of what is read
		w.download(ctx, server, file, content)
	default:
		got, err := w.client.Files.Read(ctx, server, file)
		// Nothing tells a file from the garbage of that fault.
		if w.check("read", err) && !bytes.Equal(got, content) && !bytes.HasPrefix(got, []byte(`{"object":"list","data":[{"obj`)) {
			w.trouble("read", fmt.Sprintf("%d bytes of %d came, or others", len(got), len(content)))
		}
	}
	w.check("delete", w.client.Files.Delete(ctx, server, file))
}

func (w *worker) upload(ctx context.Context) {
	server, name, content := w.server(), w.next()+".bin", w.content()
	if w.check("upload", w.client.Files.Upload(ctx, server, "/", client.FileBytes(name, content))) {
		w.download(ctx, server, "/"+name, content)
	}
	w.check("delete", w.client.Files.Delete(ctx, server, "/"+name))
}

func (w *worker) download(ctx context.Context, server, name string, want []byte) {
	d, err := w.client.Files.Download(ctx, server, name)
	if !w.check("download", err) {
		return
	}
	got, err := io.ReadAll(d)
	if w.check("download", errors.Join(err, d.Close())) && !bytes.Equal(got, want) {
		w.trouble("download", fmt.Sprintf("%d bytes of %d came, or others", len(got), len(want)))
	}
}

// names returns a name where accounts have some.
func (w *worker) names(name string) string {
	if w.admin.Flavor() == client.Pelican {
		return ""
	}
	return name
}

// user makes an account. Were the request sent twice, the second one would be
// refused, as its names are taken.
func (w *worker) user(ctx context.Context) {
	name := w.next()
	user, err := w.admin.Users.Create(ctx, application.CreateUserRequest{
		Username: name, Email: name + "@example.org", FirstName: w.names("A"), LastName: w.names("B"), ExternalID: name,
	})
	if errors.Is(err, client.ErrValidation) {
		w.trouble("a create was sent twice", err)
	}
	if !w.check("create user", err) {
		return
	}
	_, err = w.admin.Users.Update(ctx, user.ID, func(r *application.UpdateUserRequest) error { r.FirstName = w.names("C"); return nil })
	w.check("update user", err)
	found, err := w.admin.Users.GetByExternalID(ctx, name)
	if w.check("get user", err) && found.ID != user.ID {
		w.trouble("get user", "another user came")
	}
	w.check("delete user", w.admin.Users.Delete(ctx, user.ID))
}

// place makes a location or, on Pelican, which has none, changes the roles of an
// account.
func (w *worker) place(ctx context.Context) {
	if w.admin.Flavor() == client.Pelican {
		w.role(ctx)
		return
	}
	w.location(ctx)
}

func (w *worker) role(ctx context.Context) {
	role, err := w.admin.Roles.Create(ctx, w.next())
	if !w.check("create role", err) {
		return
	}
	_, err = w.admin.Roles.Rename(ctx, role.ID, w.next())
	w.check("rename role", err)
	_, err = w.admin.Roles.Assign(ctx, 3, role.ID)
	w.check("assign role", err)
	_, err = w.admin.Roles.Remove(ctx, 3, role.ID)
	w.check("remove role", err)
}

func (w *worker) location(ctx context.Context) {
	location, err := w.admin.Locations.Create(ctx, w.next(), "")
	if errors.Is(err, client.ErrValidation) {
		w.trouble("a create was sent twice", err)
	}
	if w.check("create location", err) {
		w.check("delete location", w.admin.Locations.Delete(ctx, location.ID))
	}
}

func (w *worker) schedule(ctx context.Context) {
	server := w.server()
	s, err := w.client.Schedules.Create(ctx, server, client.CreateScheduleRequest{
		Name: w.next(), Minute: "0", Hour: "4", DayOfMonth: "1", Month: "1", DayOfWeek: "*",
	})
	if !w.check("create schedule", err) {
		return
	}
	_, err = w.client.Schedules.CreateTask(ctx, server, s.ID, client.CreateScheduleTaskRequest{Action: client.TaskActionBackup})
	w.check("create task", err)
	w.check("delete schedule", w.client.Schedules.Delete(ctx, server, s.ID))
}

// spare picks a server that no console looks at.
func (w *worker) spare() string { return w.servers[consoles+w.random.IntN(spares)] }

func (w *worker) power(ctx context.Context) {
	signals := []client.PowerSignal{client.PowerSignalStart, client.PowerSignalStop, client.PowerSignalRestart, client.PowerSignalKill}
	w.check("power", w.client.Servers.Signal(ctx, w.spare(), signals[w.random.IntN(len(signals))]))
}

func (w *worker) backup(ctx context.Context) {
	server := w.spare()
	if backup, err := w.client.Backups.Create(ctx, server, client.CreateBackupRequest{}); w.check("create backup", err) {
		w.check("delete backup", w.client.Backups.Delete(ctx, server, backup.UUID))
	}
}

// hurried makes a call that may not have the time it takes.
func (w *worker) hurried(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(w.random.IntN(int(20*time.Millisecond))))
	defer cancel()
	_, err := w.client.Servers.List(ctx, client.ServerListOptions{})
	w.check("list", err)
}

func (w *worker) badArgument(ctx context.Context) {
	if err := w.client.Files.Delete(ctx, "../..", "/a"); w.check("bad argument", err) || !errors.Is(err, client.ErrArgument) {
		w.trouble("bad argument", err)
	}
	pause(ctx, time.Millisecond) // else a worker without other work would spin
}

// operate sends commands by a console, one after the other, each as soon as a
// person could.
func (w *world) operate(ctx context.Context, group *console.Group, server string, rest time.Duration, random *rand.Rand) {
	for n := 1; pause(ctx, time.Duration(random.Int64N(int64(rest)))); n++ {
		c := group.Console(server)
		if c == nil {
			w.trouble("console", "it is gone")
			return
		}
		line := text(server, n)
		w.ledger.begin(line, server, true)
		err := c.SendCommand(ctx, line)
		w.ledger.end(line, err)
		if !w.check("console command", err) && ctx.Err() == nil && errors.Is(err, context.Canceled) {
			w.trouble("console command", err)
		}
	}
}
