// Command provision does what a billing system does with a paid order: it creates
// the customer's account and server, waits until that is installed, adds a
// database, a nightly schedule and a first backup, and prints what the customer
// gets.
//
// It looks for everything before it makes it, by the numbers that customer and
// order have in the shop, so that an order may be run again: after a failure it
// goes on where it stopped, and of a complete order it makes nothing twice.
//
//	PTERODACTYL_URL=https://panel.example.org PTERODACTYL_APPLICATION_KEY=ptla_… PTERODACTYL_KEY=ptlc_… \
//	go run ./examples/provision -customer 1001 -username nova -email nova@example.org -order 17 -egg 1
//
// The client key must be that of a root administrator. Without the three it runs
// an order on a Panel within this program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/paneltest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "provision:", err)
		os.Exit(1)
	}
}

// order is what the shop knows.
type order struct {
	number, customer string // of the shop
	username, email  string
	egg, memory      int
}

func run(ctx context.Context, out io.Writer, getenv func(string) string, args []string) error {
	var o order
	flags := flag.NewFlagSet("provision", flag.ContinueOnError)
	flags.StringVar(&o.number, "order", "17", "number of the order in the shop")
	flags.StringVar(&o.customer, "customer", "1001", "number of the customer in the shop")
	flags.StringVar(&o.username, "username", "nova", "user name of the customer")
	flags.StringVar(&o.email, "email", "nova@example.org", "e-mail address of the customer")
	flags.IntVar(&o.egg, "egg", 1, "number of the egg, the kind of server")
	flags.IntVar(&o.memory, "memory", 1024, "memory of the server in MiB")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url, adminKey, key := getenv("PTERODACTYL_URL"), getenv("PTERODACTYL_APPLICATION_KEY"), getenv("PTERODACTYL_KEY")
	switch {
	case url == "" && adminKey == "" && key == "":
		panel, err := paneltest.New()
		if err != nil {
			return err
		}
		defer panel.Close()
		url, adminKey, key = panel.URL, panel.ApplicationKey, panel.AdminKey
		fmt.Fprintln(out, "This runs on a Panel within this program.")
	case flags.NFlag() == 0:
		return errors.New("say what to deliver to whom, see -help")
	}
	admin, err := application.New(url, adminKey)
	if err != nil {
		return err
	}
	c, err := client.New(url, key)
	if err != nil {
		return err
	}
	p := &provisioner{out: out, url: url, admin: admin, c: c}
	if err := p.deliver(ctx, o); err != nil {
		made := "nothing was made"
		if len(p.made) > 0 {
			made = "what was made stays: " + strings.Join(p.made, ", ")
		}
		return fmt.Errorf("%w\nOrder %s is not complete; %s. Run it again to go on from there", err, o.number, made)
	}
	return nil
}

// provisioner delivers an order.
type provisioner struct {
	out   io.Writer
	url   string
	admin *application.Client
	c     *client.Client
	made  []string // what was made in this run
}

// done reports something that was made.
func (p *provisioner) done(format string, args ...any) {
	made := fmt.Sprintf(format, args...)
	p.made = append(p.made, made)
	fmt.Fprintln(p.out, "made", made)
}

// often is how to wait. An installation takes minutes on a real node.
var often = client.WaitOptions{Interval: 250 * time.Millisecond}

func (p *provisioner) deliver(ctx context.Context, o order) error {
	user, err := p.customer(ctx, o)
	if err != nil {
		return err
	}
	created, err := p.server(ctx, o, user)
	if err != nil {
		return err
	}
	if _, err := p.admin.Servers.WaitReady(ctx, created.ID, often); err != nil {
		return err
	}
	server, err := p.c.Servers.Get(ctx, created.Identifier) // for its address and SFTP
	if errors.Is(err, client.ErrNotFound) {
		return fmt.Errorf("%w (PTERODACTYL_KEY must be the client key of a root administrator)", err)
	}
	if err != nil {
		return err
	}
	database, err := p.database(ctx, server.Identifier)
	if err != nil {
		return err
	}
	schedule, err := p.schedule(ctx, server.Identifier)
	if err != nil {
		return err
	}
	backup, err := p.backup(ctx, server.Identifier)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\nOrder %s is complete. The customer gets:\n", o.number)
	fmt.Fprintf(p.out, "  panel     %s/server/%s, as %s\n", p.url, server.Identifier, user.Username)
	for _, address := range server.Allocations() {
		fmt.Fprintf(p.out, "  address   %s:%d\n", address.IP, address.Port)
	}
	if sftp := server.SFTPDetails; sftp != nil {
		fmt.Fprintf(p.out, "  files     sftp://%s.%s@%s:%d\n", user.Username, server.Identifier, sftp.IP, sftp.Port)
	}
	fmt.Fprintf(p.out, "  database  %s at %s:%d, as %s", database.Name, database.Host.Address, database.Host.Port, database.Username)
	if password := database.Password(); password != nil {
		fmt.Fprintf(p.out, " with the password %s", password.Password)
	}
	fmt.Fprintf(p.out, "\n  schedule  %s, of %d tasks, at %s:%s\n", schedule.Name, len(nightly), schedule.Cron.Hour, schedule.Cron.Minute)
	fmt.Fprintf(p.out, "  backup    %s, of %d bytes\n", backup.Name, backup.Bytes)
	return nil
}

// customer finds the account of the customer, or creates it. The Panel mails the
// customer a link to set a password.
func (p *provisioner) customer(ctx context.Context, o order) (*application.User, error) {
	externalID := "customer-" + o.customer
	user, err := p.admin.Users.GetByExternalID(ctx, externalID)
	if !errors.Is(err, client.ErrNotFound) {
		return user, err
	}
	user, err = p.admin.Users.Create(ctx, application.CreateUserRequest{
		ExternalID: externalID, Username: o.username, Email: o.email, FirstName: o.username, LastName: o.customer,
	})
	if err != nil {
		return nil, err
	}
	p.done("user %s", user.Username)
	return user, nil
}

// server finds the server of the order, or creates it on a node of the Panel's
// choice.
func (p *provisioner) server(ctx context.Context, o order, user *application.User) (*application.Server, error) {
	externalID := "order-" + o.number
	server, err := p.admin.Servers.GetByExternalID(ctx, externalID)
	if !errors.Is(err, client.ErrNotFound) {
		return server, err
	}
	server, err = p.admin.Servers.Create(ctx, application.CreateServerRequest{
		ExternalID: externalID, Name: o.username + "'s server", UserID: user.ID,
		EggID:             o.egg, // image, start command and variables are those of the egg
		Limits:            application.ServerLimitsRequest{Memory: o.memory, Disk: 4 * o.memory, CPU: 100},
		FeatureLimits:     application.FeatureLimitsRequest{Databases: 1, Backups: 3},
		Deploy:            &application.Deployment{},
		StartOnCompletion: true,
	})
	if err != nil {
		return nil, err
	}
	p.done("server %s", server.Identifier)
	return server, nil
}

func (p *provisioner) database(ctx context.Context, server string) (*client.Database, error) {
	const name = "game" // before which the Panel puts a prefix
	all, err := p.c.Databases.List(ctx, server, client.DatabaseIncludePassword)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(d *client.Database) bool { return strings.HasSuffix(d.Name, "_"+name) }); i >= 0 {
		return all[i], nil
	}
	database, err := p.c.Databases.Create(ctx, server, client.CreateDatabaseRequest{Database: name, Remote: "%"})
	if err != nil {
		return nil, err
	}
	p.done("database %s", database.Name)
	return database, nil
}

// nightly is what happens to the server each night.
var nightly = []client.CreateScheduleTaskRequest{
	{Action: client.TaskActionPower, Payload: string(client.PowerSignalRestart)},
	{Action: client.TaskActionBackup, TimeOffset: 300, ContinueOnFailure: true},
}

// schedule finds the nightly schedule, or creates it, and adds the tasks that it
// lacks.
func (p *provisioner) schedule(ctx context.Context, server string) (*client.Schedule, error) {
	const name = "nightly"
	all, err := p.c.Schedules.List(ctx, server)
	if err != nil {
		return nil, err
	}
	var schedule *client.Schedule
	if i := slices.IndexFunc(all, func(s *client.Schedule) bool { return s.Name == name }); i >= 0 {
		schedule = all[i]
	} else {
		schedule, err = p.c.Schedules.Create(ctx, server, client.CreateScheduleRequest{
			Name: name, Minute: "30", Hour: "4", DayOfMonth: "*", Month: "*", DayOfWeek: "*", IsActive: true,
		})
		if err != nil {
			return nil, err
		}
		p.done("schedule %s", schedule.Name)
	}
	for _, task := range nightly[min(len(schedule.Tasks()), len(nightly)):] {
		if _, err := p.c.Schedules.CreateTask(ctx, server, schedule.ID, task); err != nil {
			return nil, err
		}
		p.done("task %s", task.Action)
	}
	return schedule, nil
}

// backup finds the backup of the server as it was delivered, or makes it.
func (p *provisioner) backup(ctx context.Context, server string) (*client.Backup, error) {
	const name = "as delivered"
	backup, err := find(p.c.Backups.All(ctx, server, client.BackupListOptions{}), func(b *client.Backup) bool {
		return b.Name == name && (b.IsSuccessful || b.CompletedAt == nil)
	})
	if err != nil {
		return nil, err
	}
	if backup == nil {
		if backup, err = p.c.Backups.Create(ctx, server, client.CreateBackupRequest{Name: name}); err != nil {
			return nil, err
		}
		p.done("backup %q", backup.Name)
	}
	return p.c.Backups.Wait(ctx, server, backup.UUID, often)
}

// find returns the first of all that fits, nil if there is none.
func find[T any](all iter.Seq2[*T, error], fits func(*T) bool) (*T, error) {
	for item, err := range all {
		if err != nil {
			return nil, err
		}
		if fits(item) {
			return item, nil
		}
	}
	return nil, nil
}
