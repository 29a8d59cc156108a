package paneltest_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

// names lists the names in a directory of a server.
func names(t *testing.T, c *client.Client, server, directory string) string {
	t.Helper()
	var names []string
	for _, file := range get(c.Files.List(t.Context(), server, directory))(t) {
		names = append(names, file.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestSDKFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { testFiles(t, newWorld(t)) })
}

func TestSDKFilesInAFolder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { testFiles(t, newWorld(t, paneltest.WithFilesDir(t.TempDir()))) })
}

func testFiles(t *testing.T, w *world) {
	t.Helper()
	ctx, files := t.Context(), w.user.Files
	read := func(name string) string { return string(get(files.Read(ctx, w.lobby, name))(t)) }
	expect(t, "seeded files", names(t, w.user, w.lobby, "/"), "logs server.properties")

	check(t, files.Write(ctx, w.lobby, "/new & old/50%.txt", strings.NewReader("first")))
	expect(t, "content", read("/new & old/50%.txt"), "first")
	check(t, files.CreateFolder(ctx, w.lobby, "/world"))
	check(t, files.Rename(ctx, w.lobby, "/new & old/50%.txt", "/world/a.txt"))
	check(t, files.Copy(ctx, w.lobby, "/world/a.txt"))
	expect(t, "after a copy", names(t, w.user, w.lobby, "/world"), "a copy.txt a.txt")
	check(t, files.Chmod(ctx, w.lobby, 0o755, "/world/a.txt"))
	expect(t, "mode", get(files.Stat(ctx, w.lobby, "/world/a.txt"))(t).ModeBits, "755")

	archive := get(files.Compress(ctx, w.lobby, "/world/a.txt", "/world/a copy.txt"))(t)
	check(t, files.Delete(ctx, w.lobby, "/world/a.txt", "/world/a copy.txt"))
	check(t, files.Decompress(ctx, w.lobby, archive.Path))
	expect(t, "from the archive", read("/world/a copy.txt"), "first")

	download := get(files.Download(ctx, w.lobby, "/world/a.txt"))(t)
	content := get(io.ReadAll(download))(t)
	check(t, download.Close())
	expect(t, "download", string(content)+" "+download.Name, "first a.txt")

	local := t.TempDir()
	check(t, os.WriteFile(filepath.Join(local, "up.bin"), []byte(strings.Repeat("x", 1<<20)), 0o600))
	check(t, files.Upload(ctx, w.lobby, "/up", get(client.LocalFile(filepath.Join(local, "up.bin")))(t), client.FileBytes("b.txt", []byte("B"))))
	check(t, files.DownloadFile(ctx, w.lobby, "/up/up.bin", filepath.Join(local, "down.bin"), client.SaveOptions{}))
	expect(t, "size of what came back", len(get(os.ReadFile(filepath.Join(local, "down.bin")))(t)), 1<<20)
	get(files.SyncFolder(ctx, w.lobby, client.SyncUp, local, "/folder", client.SyncOptions{}))(t)
	back := t.TempDir()
	get(files.SyncFolder(ctx, w.lobby, client.SyncDown, back, "/folder", client.SyncOptions{}))(t)
	expect(t, "files that came back", len(get(os.ReadDir(back))(t)), 2)

	signed := get(files.Download(ctx, w.lobby, "/up/b.txt"))(t)
	check(t, signed.Close())
	check(t, files.Pull(ctx, w.lobby, client.PullFileRequest{URL: pullURL(t, w, "/up/b.txt"), Directory: "/", Filename: "pulled.txt", Foreground: true}))
	expect(t, "pulled", read("/pulled.txt"), "B")

	if _, err := files.Read(ctx, w.lobby, "/none"); err == nil {
		t.Error("a file that is not there can be read")
	}
	if err := files.Delete(ctx, w.lobby, "/none"); err != nil {
		t.Errorf("Wings deletes what is not there: %v", err)
	}
	expect(t, "what the subuser reads", len(get(w.subuser.Files.Read(ctx, w.lobby, "/pulled.txt"))(t)), 1)
	if err := w.subuser.Files.Write(ctx, w.lobby, "/x", strings.NewReader("x")); !errors.Is(err, client.ErrForbidden) {
		t.Error(err)
	}
}

// pullURL is an address of a file that a node can fetch: one of its own.
func pullURL(t *testing.T, w *world, file string) string {
	t.Helper()
	url, _ := must(t, w.panel, w.panel.UserKey, "GET", "/api/client/servers/"+w.lobby+"/files/download?file="+file, "").attributes()["url"].(string)
	return url
}

func TestSDKBackups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, backups := t.Context(), w.user.Backups
		check(t, w.user.Files.Write(ctx, w.lobby, "/world.dat", strings.NewReader("before")))
		made := get(backups.Create(ctx, w.lobby, client.CreateBackupRequest{Name: "before", Ignored: "logs\n"}))(t)
		done := get(backups.Wait(ctx, w.lobby, made.UUID, client.WaitOptions{}))(t)
		if !done.IsSuccessful || done.Bytes == 0 || done.Checksum == nil || !slices.Equal(done.IgnoredFiles, []string{"logs"}) {
			t.Errorf("%+v", done)
		}
		expect(t, "counted", get(backups.List(ctx, w.lobby, client.BackupListOptions{}))(t).Counted, 1)

		check(t, w.user.Files.Write(ctx, w.lobby, "/world.dat", strings.NewReader("after")))
		check(t, w.user.Files.Write(ctx, w.lobby, "/later.dat", strings.NewReader("later")))
		check(t, backups.Restore(ctx, w.lobby, made.UUID, client.RestoreTruncate))
		get(w.user.Servers.WaitReady(ctx, w.lobby, client.WaitOptions{}))(t)
		expect(t, "after the restoration", names(t, w.user, w.lobby, "/"), "server.properties world.dat")
		expect(t, "content", string(get(w.user.Files.Read(ctx, w.lobby, "/world.dat"))(t)), "before")

		local := filepath.Join(t.TempDir(), "backup.tar.gz")
		check(t, backups.DownloadFile(ctx, w.lobby, made.UUID, local, client.SaveOptions{}))
		expect(t, "size", int64(len(get(os.ReadFile(local))(t))), done.Bytes)

		get(backups.Lock(ctx, w.lobby, made.UUID))(t)
		if err := backups.Delete(ctx, w.lobby, made.UUID); err == nil {
			t.Error("a locked backup is deleted")
		}
		expect(t, "locked", get(backups.Unlock(ctx, w.lobby, made.UUID))(t).IsLocked, false)
		check(t, backups.Delete(ctx, w.lobby, made.UUID))
		if _, err := backups.Get(ctx, w.lobby, made.UUID); !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}

		// The SDK waits where the Panel throttles.
		begin := time.Now()
		patient := get(client.New(w.panel.URL, w.panel.UserKey, client.WithHTTPClient(w.panel.HTTPClient()), client.WithRetryBudget(time.Hour)))(t)
		for range 2 {
			get(patient.Backups.Create(ctx, w.lobby, client.CreateBackupRequest{}))(t)
		}
		if waited := time.Since(begin); waited < 9*time.Minute {
			t.Errorf("it waited for %v", waited)
		}
	})
}
