package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/console"
	"github.com/ptero-go/ptero/paneltest"
)

// often is how to wait for a Panel on this very machine.
var often = client.WaitOptions{Interval: 100 * time.Millisecond}

// story is the tour of an embedded Panel: the life of a server.
type story struct {
	out    io.Writer
	panel  *paneltest.Panel
	admin  *application.Client
	c      *client.Client
	user   *application.User
	server *application.Server
}

// tourEmbedded starts a Panel, with the daemon of its nodes, and tells the story.
func tourEmbedded(ctx context.Context, out io.Writer) error {
	fmt.Fprint(out, "This is live: a Panel and its Wings run within this program.\n"+
		"Set PTERODACTYL_URL and PTERODACTYL_KEY to tour your own.\n\n")
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	panel, err := paneltest.New()
	if err != nil {
		return err
	}
	defer panel.Close()
	admin, err := application.New(panel.URL, panel.ApplicationKey)
	if err != nil {
		return err
	}
	c, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		return err
	}
	s := &story{out: out, panel: panel, admin: admin, c: c}
	for _, tell := range []func(context.Context) error{
		s.createUser, s.createServer, s.useConsole, s.useFiles, s.makeBackup, s.beRefused, s.beRateLimited, s.cleanUp,
	} {
		if err := tell(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nAll that took %.1f seconds.\n", time.Since(began).Seconds())
	return nil
}

// say prints the result of a step.
func (s *story) say(step, format string, args ...any) {
	fmt.Fprintf(s.out, "%-12s%s\n", step, fmt.Sprintf(format, args...))
}

// quote shows a line of the console.
func (s *story) quote(line console.Output) { fmt.Fprintf(s.out, "%12s%s\n", "| ", line.Text()) }

func (s *story) createUser(ctx context.Context) (err error) {
	s.user, err = s.admin.Users.Create(ctx, application.CreateUserRequest{
		Username: "nova", Email: "nova@example.org", FirstName: "Nova", LastName: "Newcomer", ExternalID: "customer-1",
	})
	if err != nil {
		return err
	}
	s.say("user", "%s was created, number %d", s.user.Username, s.user.ID)
	return nil
}

// createServer creates a server on a node of the Panel's choice, and waits until
// it is installed.
func (s *story) createServer(ctx context.Context) error {
	const nest = 1
	eggs, err := s.admin.Eggs.List(ctx, nest)
	if err != nil {
		return err
	}
	egg := eggs[0]
	s.server, err = s.admin.Servers.Create(ctx, application.CreateServerRequest{
		Name: "Nova's world", UserID: s.user.ID,
		EggID:         egg.ID, // tells what else there is to tell, such as the image
		Environment:   map[string]string{"VERSION": "1.21"},
		Limits:        application.ServerLimitsRequest{Memory: 1024, Disk: 2048, CPU: 100},
		FeatureLimits: application.FeatureLimitsRequest{Backups: 1},
		Deploy:        &application.Deployment{},
	})
	if err != nil {
		return err
	}
	s.say("server", "%q was created: %s, of the egg %q, with %d MiB", s.server.Name, s.server.Identifier, egg.Name, s.server.Limits.Memory)
	began := time.Now()
	if s.server, err = s.admin.Servers.WaitReady(ctx, s.server.ID, often); err != nil {
		return err
	}
	s.say("install", "done after %.1f seconds", time.Since(began).Seconds())
	return nil
}

// useConsole starts the server, shows what it prints meanwhile, and runs a
// command.
func (s *story) useConsole(ctx context.Context) error {
	con, err := console.Dial(ctx, s.c.Servers.Console(s.server.Identifier))
	if err != nil {
		return err
	}
	defer con.Close()
	s.say("console", "connected; the server is %s", con.Power())
	began := time.Now()
	if err := con.Signal(ctx, client.PowerSignalStart); err != nil {
		return err
	}
	s.say("start", "the signal was sent; the console prints:")
	for event, err := range con.Events(ctx) {
		if err != nil {
			return err
		}
		line, isLine := event.(console.Output)
		if !isLine {
			continue
		}
		s.quote(line)
		if strings.Contains(line.Text(), `For help, type "help"`) {
			break
		}
	}
	if err := con.WaitPower(ctx, client.PowerStateRunning); err != nil {
		return err
	}
	s.say("running", "after %.1f seconds", time.Since(began).Seconds())

	answer, err := con.Run(ctx, "list", func(line console.Output) bool { return strings.Contains(line.Text(), "players online") })
	if err != nil {
		return err
	}
	s.say("command", `"list" is answered with:`)
	for _, line := range answer {
		s.quote(line)
	}
	return nil
}

// useFiles uploads two files and reads one of them.
func (s *story) useFiles(ctx context.Context) error {
	world := bytes.Repeat([]byte("stone "), 1<<20)
	err := s.c.Files.Upload(ctx, s.server.UUID, "/",
		client.FileBytes("server.properties", []byte("motd=Welcome to Nova's world\nmax-players=20\n")),
		client.FileBytes("world.dat", world))
	if err != nil {
		return err
	}
	s.say("upload", "server.properties and world.dat, %d MiB", len(world)>>20)
	text, err := s.c.Files.Read(ctx, s.server.UUID, "/server.properties")
	if err != nil {
		return err
	}
	motd, _, _ := strings.Cut(string(text), "\n")
	s.say("read", "server.properties begins with %q", motd)
	return nil
}

func (s *story) makeBackup(ctx context.Context) error {
	backup, err := s.c.Backups.Create(ctx, s.server.Identifier, client.CreateBackupRequest{Name: "the first"})
	if err != nil {
		return err
	}
	if backup, err = s.c.Backups.Wait(ctx, s.server.Identifier, backup.UUID, often); err != nil {
		return err
	}
	s.say("backup", "%q is complete, %d KiB", backup.Name, backup.Bytes>>10)
	return nil
}

// beRefused asks for something that breaks rules.
func (s *story) beRefused(ctx context.Context) error {
	_, err := s.admin.Users.Create(ctx, application.CreateUserRequest{
		Username: "nova", Email: "nova at example.org", FirstName: "Nova", LastName: "Newcomer",
	})
	if !errors.Is(err, client.ErrValidation) {
		return fmt.Errorf("expected a validation error, got: %w", err)
	}
	s.say("refusal", "a second such user gives the error")
	fmt.Fprintf(s.out, "%12s%v\n", "", err)
	return nil
}

// beRateLimited makes a call that the Panel answers with 429 at first.
func (s *story) beRateLimited(ctx context.Context) error {
	refusals := 0
	count := func(next client.Sender) client.Sender {
		return func(req *http.Request, call client.Call) (*http.Response, error) {
			resp, err := next(req, call)
			if err == nil && resp.StatusCode == http.StatusTooManyRequests {
				refusals++
			}
			return resp, err
		}
	}
	c, err := client.New(s.panel.URL, s.panel.UserKey, client.WithMiddleware(count))
	if err != nil {
		return err
	}
	if err := s.panel.Fail("clientGetAccount", 1, paneltest.FaultRateLimited(time.Second)); err != nil {
		return err
	}
	began := time.Now()
	account, err := c.Account.Get(ctx)
	if err != nil {
		return err
	}
	s.say("rate limit", "the Panel answered 429 (%d×) and asked for a second; the client waited %.1f seconds,\n"+
		"%12ssent the request again and got the account of %s %s",
		refusals, time.Since(began).Seconds(), "", account.FirstName, account.LastName)
	return nil
}

func (s *story) cleanUp(ctx context.Context) error {
	if err := s.admin.Servers.Delete(ctx, s.server.ID); err != nil {
		return err
	}
	if err := s.admin.Users.Delete(ctx, s.user.ID); err != nil {
		return err
	}
	s.say("clean-up", "server and user were deleted")
	return nil
}
