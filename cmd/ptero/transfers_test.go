package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/paneltest"
)

// below returns the paths of all files below a folder, and what they hold.
func below(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files[strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(dir)+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Of a transfer that breaks off nothing is left in place, neither here nor on the
// server.
func TestATransferThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	dir := t.TempDir()
	exits := func(want int, args ...string) {
		t.Helper()
		if code, _, errs := runHere(t, panel, args...); code != want {
			t.Errorf("ptero %q exits with %d, want %d:\n%s", args, code, want, errs)
		}
	}
	fail := func(operation string, fault paneltest.Fault) {
		t.Helper()
		panel.ClearFaults()
		if err := panel.Fail(operation, 1000, fault); err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old content"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, fault := range []paneltest.Fault{paneltest.FaultTruncated, paneltest.FaultReset, paneltest.FaultStatus(500)} {
		fail("wingsDownloadFile", fault)
		exits(exitError, "files", "get", "lobby:/server.properties", filepath.Join(dir, "new"))
		exits(exitError, "files", "get", "lobby:/server.properties", old, "--force")
		if code, _, errs := runHere(t, panel, "files", "get", "lobby:/logs", filepath.Join(dir, "logs")); code == exitOK || strings.Count(errs, "latest.log: Error: ") != 1 {
			t.Errorf("a folder that cannot be saved: %d\n%s", code, errs)
		}
		fail("wingsDownloadBackup", fault)
		exits(exitError, "backups", "download", "lobby", "b4", "--to", filepath.Join(dir, "backup.tar.gz"))
		if got := below(t, dir); len(got) != 1 || got["old"] != "old content" {
			t.Errorf("%s leaves %v", fault, got)
		}
	}
	for _, fault := range []paneltest.Fault{paneltest.FaultReset, paneltest.FaultStatus(500)} {
		fail("wingsUploadFiles", fault)
		exits(exitError, "files", "put", old, "lobby:/server.properties")
		exits(exitError, "files", "put", old, "lobby:/new.txt")
		panel.ClearFaults()
		if _, out, _ := runHere(t, panel, "files", "cat", "lobby:/server.properties"); strings.Contains(out, "old content") || out == "" {
			t.Errorf("%s leaves %q on the server", fault, out)
		}
		exits(exitNotFound, "files", "cat", "lobby:/new.txt")
	}
}

// A server that names its files so that they would land elsewhere writes nothing
// outside of the folder that was asked for.
func TestAHostileServerWritesNothingElsewhere(t *testing.T) {
	t.Parallel()
	seed := testSeed(time.Now())
	seed.Servers[0].Files = map[string]string{"d/VICTIM": "evil", "d/good.txt": "good", "d/VICTIMDIR/file": "evil"}
	panel, err := paneltest.New(paneltest.WithSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(panel.Close)
	target, err := url.Parse(panel.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../outside", "..", ".", "../../outside", "/tmp/ptero-outside", "x/../../outside", `..\outside`, "outside\x00", ""} {
		hostile, _ := json.Marshal(name)
		proxy := httputil.NewSingleHostReverseProxy(target)
		listed := 0
		proxy.ModifyResponse = func(resp *http.Response) error {
			if !strings.HasSuffix(resp.Request.URL.Path, "/files/list") {
				return nil
			}
			text, err := io.ReadAll(resp.Body)
			for _, victim := range []string{`"VICTIM"`, `"VICTIMDIR"`} {
				listed += bytes.Count(text, []byte(victim))
				text = bytes.ReplaceAll(text, []byte(victim), hostile)
			}
			resp.Body = io.NopCloser(bytes.NewReader(text))
			resp.ContentLength = int64(len(text))
			resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
			return err
		}
		front := httptest.NewServer(proxy)
		t.Cleanup(front.Close)
		for _, command := range [][]string{
			{"get", "lobby:/d/*", "IN/"}, {"get", "lobby:/d", "IN"}, {"get", "lobby:/d/*", "IN/", "--force"}, {"sync", "lobby:/d", "IN"}, {"sync", "lobby:/d", "IN", "--delete", "--yes"},
		} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "outside"), []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"files"}, command...)
			for i := range args {
				if after, ok := strings.CutPrefix(args[i], "IN"); ok {
					args[i] = dir + "/a/b" + after
				}
			}
			if err := os.MkdirAll(dir+"/a", 0o700); err != nil {
				t.Fatal(err)
			}
			_, _, errs := here(t, &paneltest.Panel{URL: front.URL}, panel.UserKey, false, args...)
			got := below(t, dir)
			for file := range got {
				if !strings.HasPrefix(file, "a/b/") && file != "outside" {
					t.Errorf("the name %q, %q: %s was written:\n%s", name, args, file, errs)
				}
			}
			if got["outside"] != "mine" {
				t.Errorf("the name %q, %q: a file outside is now %q", name, args, got["outside"])
			}
		}
		if listed == 0 {
			t.Errorf("the name %q was never listed", name)
		}
		if _, err := os.Lstat("/tmp/ptero-outside"); err == nil {
			t.Fatal("/tmp/ptero-outside was written")
		}
	}
}

// Names that are odd but right go there and back.
func TestOddNamesGoThereAndBack(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	dir := t.TempDir()
	names := []string{"a b.txt", "-dash.txt", "co:lon.txt", "st*r.txt", "q?.txt", "[b].txt", "ünï☃.txt", ".hidden", "quo'te.txt", "per%20cent.txt", "plus+&=#.txt", "deep/ b /c.txt"}
	for _, name := range names {
		file := filepath.Join(dir, "odd", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("content of "+name), 0o600); err != nil {
			t.Skip(err) // not every system has all of them
		}
	}
	want := below(t, filepath.Join(dir, "odd"))
	for i, commands := range [][]string{{"put", "get"}, {"sync", "sync"}} {
		back := filepath.Join(dir, fmt.Sprint("back", i))
		remote := fmt.Sprintf("lobby:/odd%d", i)
		for _, args := range [][]string{{"files", commands[0], filepath.Join(dir, "odd"), remote}, {"files", commands[1], remote, back}} {
			if code, _, errs := runHere(t, panel, args...); code != exitOK {
				t.Errorf("ptero %q: %d\n%s", args, code, errs)
			}
		}
		if got := below(t, back); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v brings back %v, want %v", commands, got, want)
		}
	}
	// Each by its name alone, with a backslash or without one.
	for _, name := range names {
		texts := []string{name}
		if strings.ContainsAny(name, "*?[") {
			texts = append(texts, strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`).Replace(name))
		}
		for _, text := range texts {
			code, out, errs := runHere(t, panel, "files", "cat", "--", "lobby:/odd0/"+text)
			if code != exitOK || out != "content of "+name {
				t.Errorf("cat %q: %d, %q\n%s", text, code, out, errs)
			}
			one := filepath.Join(dir, "one")
			if code, _, errs := runHere(t, panel, "files", "get", "--force", "--", "lobby:/odd0/"+text, one); code != exitOK {
				t.Errorf("get %q: %d\n%s", text, code, errs)
			}
			if code, _, errs := runHere(t, panel, "files", "put", "--", one, `lobby:/again/`+text); code != exitOK && len(texts) == 1 {
				t.Errorf("put %q: %d\n%s", text, code, errs)
			}
		}
	}
	// A file that no server can have is named, and the others are stored.
	if err := os.WriteFile(filepath.Join(dir, "odd", `back\slash.txt`), nil, 0o600); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{{"put"}, {"sync"}, {"sync", "--dry-run"}} {
		args = append([]string{"files"}, append(args, filepath.Join(dir, "odd"), "lobby:/odd3")...)
		code, _, errs := runHere(t, panel, args...)
		if code != exitPartly || strings.Count(errs, `back\slash.txt: Error: no file on a server can have this name`) != 1 {
			t.Errorf("ptero %q: %d\n%s", args, code, errs)
		}
	}
	_, out, _ := runHere(t, panel, "files", "ls", "lobby:/odd3", "-o", "name")
	if got := strings.Fields(out); !slices.Contains(got, "-dash.txt") {
		t.Errorf("the others were not stored: %q", got)
	}
}
