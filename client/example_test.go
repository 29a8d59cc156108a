package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/testdata"
)

// connect returns a client of a Panel that answers from recordings, and what
// shuts that Panel down. A program calls [client.New] instead.
func connect() (c *client.Client, shutDown func()) {
	replay, err := recorded.NewReplay(testdata.Panel())
	if err != nil {
		log.Fatal(err)
	}
	panel := httptest.NewServer(replay)
	if c, err = client.New(panel.URL, replay.Key("client_user")); err != nil {
		log.Fatal(err)
	}
	return c, panel.Close
}

func ExampleAccountService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	account, err := c.Account.Get(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(account.Username, account.Email)

	changes := client.ActivityListOptions{Filter: client.ActivityFilter{Event: "user:account"}}
	for entry, err := range c.Account.AllActivity(ctx, changes) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(entry.Timestamp.UTC(), entry.Event)
	}
	// Output:
	// normal user@example.com
	// 2026-11-21 22:40:43 +0000 UTC user:account.password-changed
	// 2026-11-21 22:44:09 +0000 UTC user:account.password-changed
}

func ExampleAPIKeysService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	key, err := c.APIKeys.Create(ctx, "tmp 15562b0", "127.0.0.1", "10.0.0.0/8")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The whole key is shown this once: put key.Key into a safe place.
	fmt.Println(key, "works from", key.AllowedIPs, "and is", len(key.Key), "characters long")

	fmt.Println(c.APIKeys.Delete(ctx, key.Identifier))
	// Output:
	// API key ptlc_Xk20EDIU3Hd works from [127.0.0.1 10.0.0.0/8] and is 48 characters long
	// <nil>
}

func ExampleSSHKeysService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	key, err := c.SSHKeys.Create(ctx, client.CreateSSHKeyRequest{
		Name:      "laptop",
		PublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICLl0iAqLa3oCrEU6aHEDvicf9DjV6atpGb2Wb6YWWp9 tmp",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key.Name, key.Fingerprint)

	fmt.Println(c.SSHKeys.Remove(ctx, key.Fingerprint))
	// Output:
	// laptop vHxnyQ9g4ihzEMNQ/JBZ4cx7NgNJCT1tWd3vUQ+iqd4
	// <nil>
}

func ExampleServersService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	server, err := c.Servers.Get(ctx, "1830a9e7", client.ServerIncludeEgg, client.ServerIncludeSubusers)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(server.Name, "is made from the egg", server.Egg().Name)
	for _, allocation := range server.Allocations() {
		fmt.Println("listens on port", allocation.Port)
	}
	stats, err := c.Servers.Resources(ctx, "1830a9e7")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stats.CurrentState, "with", stats.Resources.MemoryBytes>>10, "KiB")
	if stats.CurrentState == client.PowerStateRunning {
		fmt.Println(c.Servers.Command(ctx, "1830a9e7", "say hi"))
	}
	fmt.Println(c.Servers.Signal(ctx, "1830a9e7", client.PowerSignalKill))
	// Output:
	// throwaway is made from the egg Fake Game
	// listens on port 25506
	// running with 1340 KiB
	// <nil>
	// <nil>
}

func ExampleFilesService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	if err := c.Files.CreateFolder(ctx, "3d2f6345", "/dir1"); err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Files.Write(ctx, "3d2f6345", "/dir1/a.txt", strings.NewReader("line one\nline two")); err != nil {
		fmt.Println(err)
		return
	}
	content, err := c.Files.Read(ctx, "3d2f6345", "/dir1/a.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", content)

	archive, err := c.Files.Compress(ctx, "3d2f6345", "/dir1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(archive.Path, archive.Size, "bytes")

	err = c.Files.Write(ctx, "3d2f6345", "", strings.NewReader("lost"))
	fmt.Println(errors.Is(err, client.ErrArgument), err)
	// Output:
	// "line one\nline two"
	// /archive-2026-11-21T224415Z.tar.gz 168 bytes
	// true clientWriteFile: argument file is empty
}

func ExampleDatabasesService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	database, err := c.Databases.Create(ctx, "3d2f6345", client.CreateDatabaseRequest{Database: "c_15562b0", Remote: "%"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s:%d %s %s %s\n",
		database.Host.Address, database.Host.Port, database.Name, database.Username, database.Password().Password)

	_, err = c.Databases.Create(ctx, "3d2f6345", client.CreateDatabaseRequest{Database: "c4_15562b0", Remote: "%"})
	var refused *client.Error
	if errors.As(err, &refused) && refused.HasCode("TooManyDatabasesException") {
		fmt.Println("no more databases for this server")
	}
	// Output:
	// 127.0.0.1:3306 s1_c_15562b0 u1_sNqkvmsr2V pppppppppppppppppppppppp
	// no more databases for this server
}

func ExampleSchedulesService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	schedule, err := c.Schedules.Create(ctx, "3d2f6345", client.CreateScheduleRequest{
		Name:   "sch 15562b0",
		Minute: "*/5", Hour: "*", DayOfMonth: "*", Month: "*", DayOfWeek: "*",
		IsActive: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schedule.Name, "runs next at", schedule.NextRunAt.UTC())

	task, err := c.Schedules.CreateTask(ctx, "3d2f6345", schedule.ID, client.CreateScheduleTaskRequest{
		Action: client.TaskActionCommand, Payload: "say hi",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("task", task.SequenceID, task.Action, task.Payload)

	// Update keeps what it is not told to change.
	schedule, err = c.Schedules.Update(ctx, "3d2f6345", schedule.ID, func(req *client.UpdateScheduleRequest) {
		req.Name, req.IsActive = "renamed", false
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schedule.Name, schedule.IsActive, "every", schedule.Cron.Minute, "minutes,", len(schedule.Tasks()), "tasks")
	// Output:
	// sch 15562b0 runs next at 2026-11-21 22:45:00 +0000 UTC
	// task 1 command say hi
	// renamed false every */5 minutes, 2 tasks
}

func ExampleNetworkService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	allocations, err := c.Network.List(ctx, "3d2f6345")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, allocation := range allocations {
		fmt.Println(allocation.IP, allocation.Port, allocation.IsDefault)
		noted, err := c.Network.SetNote(ctx, "3d2f6345", allocation.ID, "note 15562b0")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(*noted.Notes)
	}
	// Output:
	// 127.0.0.1 25500 true
	// note 15562b0
}

func ExampleSubusersService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	subuser, err := c.Subusers.Create(ctx, "3d2f6345", "sub15562b0@example.com",
		client.PermissionControlConsole, client.PermissionControlStart, client.PermissionWebsocketConnect)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(subuser.Username, subuser.Permissions)

	// Update replaces all permissions; the Panel adds websocket.connect.
	subuser, err = c.Subusers.Update(ctx, "3d2f6345", subuser.UUID, client.PermissionControlConsole, client.PermissionFileRead)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(subuser.Username, subuser.Permissions)
	// Output:
	// sub15562b0p48 [control.console control.start websocket.connect]
	// sub15562b0p48 [control.console file.read websocket.connect]
}

func ExampleBackupsService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	backup, err := c.Backups.Create(ctx, "3d2f6345", client.CreateBackupRequest{Name: "bk15562d6", Ignored: "*.log"})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The node works on after the answer.
	backup, err = c.Backups.Get(ctx, "3d2f6345", backup.UUID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(backup.Name, backup.Bytes, "bytes, done:", backup.CompletedAt != nil, "good:", backup.IsSuccessful)

	backup, err = c.Backups.Lock(ctx, "3d2f6345", backup.UUID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("locked:", backup.IsLocked)

	fmt.Println(c.Backups.Restore(ctx, "3d2f6345", backup.UUID, client.RestoreOver))
	// Output:
	// bk15562d6 35 bytes, done: true good: true
	// locked: true
	// <nil>
}

func ExampleStartupService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	startup, err := c.Startup.Get(ctx, "3d2f6345")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(startup.RawStartupCommand)
	for _, variable := range startup.Variables {
		fmt.Println(variable.EnvVariable, *variable.ServerValue, variable.IsEditable)
	}

	change, err := c.Startup.Set(ctx, "3d2f6345", "GREETING", "hiya")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(change.StartupCommand)
	// Output:
	// sh run.sh "{{GREETING}}" {{LEVEL}}
	// GREETING hello true
	// LEVEL 3 false
	// sh run.sh "hiya" 3
}

func ExampleSettingsService() {
	c, shutDown := connect()
	defer shutDown()
	ctx := context.Background()

	// Rename takes both; Update keeps what it is not told to change.
	fmt.Println(c.Settings.Rename(ctx, "3d2f6345", "ref-user", "Server ref-user"))

	err := c.Settings.SetDockerImage(ctx, "3d2f6345", "evil/image:1")
	fmt.Println(errors.Is(err, client.ErrValidation), err)
	// Output:
	// <nil>
	// true clientUpdateDockerImage: 422 Unprocessable Entity: docker_image: The selected docker image is invalid
}
