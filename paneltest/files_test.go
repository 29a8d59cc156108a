package paneltest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// forEachVolume runs a test on files in memory and in a folder.
func forEachVolume(t *testing.T, cfg storeConfig, test func(t *testing.T, s *fileStore)) {
	t.Helper()
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg.Folder, cfg.Context = dir, t.Context()
				cfg.Spawn = func(task func()) bool { go task(); return true }
				test(t, newFileStore(cfg))
			})
		})
	}
}

// mustFiles ends a test if there is an error.
func mustFiles(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantStatusOf fails unless an error has the status and the text.
func wantStatusOf(t *testing.T, err error, status int, text string) {
	t.Helper()
	var known *protocol.Error
	if !errors.As(err, &known) || known.Status != status || !strings.Contains(known.Message, text) {
		t.Errorf("err = %#v, want %d %s", err, status, text)
	}
}

// namesIn lists the names in a folder.
func namesIn(t *testing.T, s *fileStore, dir string) string {
	t.Helper()
	entries, err := s.List(dir)
	if err != nil {
		t.Errorf("list %s: %v", dir, err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return strings.Join(names, ", ")
}

// contentOf reads a file.
func contentOf(t *testing.T, s *fileStore, name string) string {
	t.Helper()
	data, err := s.Read(name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(data)
}

func TestFilesBasics(t *testing.T) {
	forEachVolume(t, storeConfig{}, func(t *testing.T, files *fileStore) {
		if got := namesIn(t, files, "/"); got != "" || files.usage() != 0 {
			t.Error(got, files.usage())
		}
		mustFiles(t, files.Write("/dir1/a.txt", []byte("line one\nline two")))
		mustFiles(t, files.Write("b", nil))
		mustFiles(t, files.Mkdir("/", "dir0/sub"))
		mustFiles(t, files.Mkdir("/", "dir0/sub")) // again is fine
		if got := namesIn(t, files, "/"); got != "dir0, dir1, b" {
			t.Error(got)
		}
		if got := contentOf(t, files, "dir1/a.txt"); got != "line one\nline two" || files.usage() != 17 {
			t.Error(got, files.usage())
		}
		mustFiles(t, files.Write("/dir1/a.txt", []byte("x")))
		if files.usage() != 1 {
			t.Error(files.usage())
		}
		entries, err := files.List("/dir1")
		if err != nil || len(entries) != 1 {
			t.Fatal(entries, err)
		}
		if e := entries[0]; e.Mode != "-rw-r--r--" || e.ModeBits != "644" || e.Size != 1 || !e.IsFile || e.IsSymlink || e.MIMEType != "text/plain; charset=utf-8" || e.Modified.IsZero() {
			t.Errorf("%+v", e)
		}
		entries, _ = files.List("/")
		if e := entries[0]; e.Mode != "drwxr-xr-x" || e.ModeBits != "755" || e.IsFile || e.MIMEType != "inode/directory" {
			t.Errorf("%+v", e)
		}

		mustFiles(t, files.Copy("/dir1/a.txt"))
		mustFiles(t, files.Copy("/dir1/a.txt"))
		mustFiles(t, files.Copy("/dir1/a.txt"))
		mustFiles(t, files.Write("/x.tar.gz", nil))
		mustFiles(t, files.Copy("/x.tar.gz"))
		mustFiles(t, files.Copy("/b"))
		if got := namesIn(t, files, "/dir1") + "; " + namesIn(t, files, "/"); got != "a copy 1.txt, a copy 2.txt, a copy.txt, a.txt; dir0, dir1, b, b copy, x copy.tar.gz, x.tar.gz" {
			t.Error(got)
		}

		mustFiles(t, files.Rename("/dir1", []protocol.Rename{{From: "a.txt", To: "new/b.txt"}, {From: "missing", To: "x"}}))
		wantStatusOf(t, files.Rename("/dir1", []protocol.Rename{{From: "a copy.txt", To: "new/b.txt"}}), 400, "destination already exists")
		mustFiles(t, files.Rename("/", []protocol.Rename{{From: "dir1/new", To: "moved"}}))
		if got := contentOf(t, files, "/moved/b.txt"); got != "x" {
			t.Error(got)
		}

		mustFiles(t, files.Chmod("/moved", []protocol.Mode{{File: "b.txt", Mode: "600"}, {File: "missing", Mode: "777"}}))
		entries, _ = files.List("/moved")
		if e := entries[0]; e.Mode != "-rw-------" || e.ModeBits != "600" {
			t.Errorf("%+v", e)
		}
		wantStatusOf(t, files.Chmod("/moved", []protocol.Mode{{File: "b.txt", Mode: "9"}}), 400, "Invalid file mode.")

		mustFiles(t, files.Delete("/", []string{"dir0", "dir1", "b copy", "x.tar.gz", "x copy.tar.gz", "missing", "no/way"}))
		if got := namesIn(t, files, "/"); got != "moved, b" || files.usage() != 1 {
			t.Error(got, files.usage())
		}
	})
}

func TestFilesErrors(t *testing.T) {
	forEachVolume(t, storeConfig{Limit: 100, Denied: []string{"secret/", "*.key"}}, func(t *testing.T, files *fileStore) {
		mustFiles(t, files.Write("/dir/a", make([]byte, 60)))
		_, err := files.List("/missing")
		wantStatusOf(t, err, 500, "An unexpected error")
		_, err = files.List("/dir/a")
		wantStatusOf(t, err, 500, "An unexpected error")
		_, err = files.Read("/missing")
		wantStatusOf(t, err, 500, "An unexpected error")
		_, err = files.Read("/dir")
		wantStatusOf(t, err, 502, "")
		wantStatusOf(t, files.Decompress("/", "missing.zip"), 500, "An unexpected error")
		wantStatusOf(t, files.Copy("/missing"), 500, "An unexpected error")
		wantStatusOf(t, files.Copy("/dir"), 500, "An unexpected error")
		wantStatusOf(t, files.Delete("/", []string{"/"}), 500, "An unexpected error")
		wantStatusOf(t, files.Delete("/dir", []string{".."}), 500, "An unexpected error")
		wantStatusOf(t, files.Write("/dir", nil), 400, "conflicts with an existing directory")
		wantStatusOf(t, files.Write("/dir/a/b", nil), 500, "An unexpected error")
		wantStatusOf(t, files.Mkdir("/dir", "a/b"), 400, "not a directory")
		_, err = files.Compress("/", nil)
		wantStatusOf(t, err, 422, "")

		wantStatusOf(t, files.Write("/b", make([]byte, 41)), 400, "There is not enough disk space available to perform that action.")
		mustFiles(t, files.Write("/b", make([]byte, 40)))
		mustFiles(t, files.Write("/dir/a", make([]byte, 60))) // in place of itself
		wantStatusOf(t, files.Copy("/b"), 400, "not enough disk space")

		for _, err := range []error{
			files.Write("/secret/x", nil), files.Write("/my.key", nil), files.Delete("/", []string{"secret/x"}),
			files.Rename("/", []protocol.Rename{{From: "b", To: "b.key"}}), files.Rename("/", []protocol.Rename{{From: "b.key", To: "c"}}),
		} {
			wantStatusOf(t, err, 403, "This file cannot be modified: present in egg denylist.")
		}
		mustFiles(t, files.Write("/../../etc/x", nil)) // leads nowhere
		if got := namesIn(t, files, "/etc"); got != "x" {
			t.Error(got)
		}
	})
}

func TestFilesArchive(t *testing.T) {
	forEachVolume(t, storeConfig{}, func(t *testing.T, files *fileStore) {
		time.Sleep(1500 * time.Millisecond) // names have whole seconds
		mustFiles(t, files.Write("/dir/a.txt", []byte("a")))
		mustFiles(t, files.Write("/dir/sub/b.sh", []byte("b")))
		mustFiles(t, files.Chmod("/dir/sub", []protocol.Mode{{File: "b.sh", Mode: "755"}}))
		mustFiles(t, files.Mkdir("/dir", "empty"))
		archive, err := files.Compress("/", []string{"dir", "missing"})
		if err != nil {
			t.Fatal(err)
		}
		if archive.Name != "archive-2000-01-01T000001Z.tar.gz" || archive.MIMEType != "application/tar+gzip" || archive.Size == 0 || !archive.IsFile {
			t.Errorf("%+v", archive)
		}
		again, err := files.Compress("/", []string{"missing"}) // in the same second
		if err != nil || again.Name != archive.Name {
			t.Errorf("%+v, %v", again, err)
		}
		entries, _ := files.List("/")
		if len(entries) != 2 || entries[1].MIMEType != "application/gzip" {
			t.Errorf("%+v", entries)
		}
		time.Sleep(time.Second)
		archive, err = files.Compress("/dir", []string{"/"})
		if err != nil {
			t.Fatal(err)
		}
		mustFiles(t, files.Rename("/", []protocol.Rename{{From: "dir/" + archive.Name, To: "x"}}))
		mustFiles(t, files.Delete("/", []string{"dir"}))
		mustFiles(t, files.Mkdir("/", "out"))
		mustFiles(t, files.Rename("/", []protocol.Rename{{From: "x", To: "out/x"}}))
		mustFiles(t, files.Decompress("/out", "x"))
		if got := contentOf(t, files, "/out/a.txt") + contentOf(t, files, "/out/sub/b.sh"); got != "ab" {
			t.Error(got)
		}
		entries, _ = files.List("/out/sub")
		if len(entries) != 1 || entries[0].ModeBits != "755" {
			t.Errorf("%+v", entries)
		}
		if _, err := files.List("/out/empty"); err == nil {
			t.Error("Wings packs no folders")
		}
	})
}

// A .tar.bz2 with dir/a.txt, "hello\n", which package bzip2 cannot make.
const tarBz2 = `QlpoOTFBWSZTWV6hAwoAAHH7hMmQAERAAfcAAIBmZJ5AAACACCAAVDKgaBkMnpDJptQSU0QDQABoEvnRcyEFEAEiF85jVCYi5JAwdMPk2zP0nRMWEWoG6xewxgkllOggECUbOuC2LVX5EkD8XckU4UJBeoQMKA==`

func TestFilesDecompress(t *testing.T) {
	forEachVolume(t, storeConfig{Limit: 1 << 20, Denied: []string{"*.key"}}, func(t *testing.T, files *fileStore) {
		members := []struct{ name, text string }{{"dir/a.txt", "hello\n"}, {"../../evil", "x"}, {"no.key", "x"}}
		var tarred, zipped, compressed, single bytes.Buffer
		tw, zw := tar.NewWriter(&tarred), zip.NewWriter(&zipped)
		mustFiles(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "dir/", Mode: 0o755}))
		mustFiles(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc/passwd"}))
		for _, member := range members {
			mustFiles(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: member.name, Mode: 0o644, Size: int64(len(member.text)), ModTime: time.Unix(1e9, 0)}))
			io.WriteString(tw, member.text)
			w, err := zw.Create(member.name)
			mustFiles(t, err)
			io.WriteString(w, member.text)
		}
		mustFiles(t, tw.Close())
		mustFiles(t, zw.Close())
		gw := gzip.NewWriter(&compressed)
		gw.Write(tarred.Bytes())
		mustFiles(t, gw.Close())
		gw = gzip.NewWriter(&single)
		gw.Write([]byte("hello\n"))
		mustFiles(t, gw.Close())
		bz2, err := base64.StdEncoding.DecodeString(tarBz2)
		mustFiles(t, err)
		for name, data := range map[string][]byte{"a.zip": zipped.Bytes(), "a.tar": tarred.Bytes(), "a.tar.gz": compressed.Bytes(), "misnamed.zip": compressed.Bytes(), "a.tar.bz2": bz2} {
			mustFiles(t, files.Write("/in/"+name, data))
			mustFiles(t, files.Decompress("/in", name))
			if got := contentOf(t, files, "/in/dir/a.txt"); got != "hello\n" {
				t.Errorf("%s: %q", name, got)
			}
			if got, want := namesIn(t, files, "/in"), "dir, "+name+", evil"; name != "a.tar.bz2" && name != "misnamed.zip" && got != want {
				t.Errorf("%s: %s", name, got)
			}
			mustFiles(t, files.Delete("/", []string{"in"}))
		}
		mustFiles(t, files.Write("/a.txt.gz", single.Bytes()))
		mustFiles(t, files.Decompress("/", "a.txt.gz"))
		if got := contentOf(t, files, "/a.txt"); got != "hello\n" {
			t.Error(got)
		}
		for _, text := range []string{"", "plain", strings.Repeat("plain", 200)} {
			mustFiles(t, files.Write("/bad", []byte(text)))
			wantStatusOf(t, files.Decompress("/", "bad"), 400, "in a format Wings does not understand")
		}
		mustFiles(t, files.Write("/bad", compressed.Bytes()[:compressed.Len()/2]))
		wantStatusOf(t, files.Decompress("/", "bad"), 500, "An unexpected error")
		mustFiles(t, files.Write("/bad", []byte("PK\x03\x04 and no more")))
		wantStatusOf(t, files.Decompress("/", "bad"), 500, "An unexpected error")

		var bomb bytes.Buffer
		gw = gzip.NewWriter(&bomb)
		gw.Write(bytes.Repeat([]byte("x"), 2<<20))
		mustFiles(t, gw.Close())
		mustFiles(t, files.Write("/zeros.gz", bomb.Bytes()))
		if err := files.Decompress("/", "zeros.gz"); err == nil {
			t.Error("what is unpacked is over the limit")
		}
	})
}

func TestFilesPull(t *testing.T) {
	forEachVolume(t, storeConfig{}, func(t *testing.T, files *fileStore) {
		release := make(chan struct{})
		files.cfg.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := &http.Response{StatusCode: 200, Header: make(http.Header), Body: io.NopCloser(strings.NewReader("pulled " + req.URL.Path))}
			switch req.URL.Path {
			case "/missing":
				resp.StatusCode = 404
			case "/slow":
				<-release
			}
			resp.Header.Set("Content-Disposition", `attachment; filename="from header"`)
			return resp, nil
		})
		const site = "http://site.example"
		mustFiles(t, files.Pull(protocol.Pull{Directory: "/in", URL: site + "/a/b.txt?x=1", Foreground: true}))
		mustFiles(t, files.Pull(protocol.Pull{URL: site + "/x", UseHeader: true, Foreground: true}))
		mustFiles(t, files.Pull(protocol.Pull{URL: site + "/x", UseHeader: true, FileName: "named", Foreground: true}))
		wantStatusOf(t, files.Pull(protocol.Pull{URL: site + "/missing", Foreground: true}), 500, "")
		wantStatusOf(t, files.Pull(protocol.Pull{URL: "http://[bad", Foreground: true}), 500, "")
		mustFiles(t, files.Pull(protocol.Pull{URL: site + "/missing"})) // nobody is told
		for range 3 {
			synctest.Wait()
			mustFiles(t, files.Pull(protocol.Pull{URL: site + "/slow"}))
		}
		wantStatusOf(t, files.Pull(protocol.Pull{URL: site + "/x"}), 400, "limit of 3 simultaneous remote file downloads")
		close(release)
		synctest.Wait()
		if got := contentOf(t, files, "/in/b.txt") + namesIn(t, files, "/"); got != "pulled /a/b.txtin, from header, named, slow" {
			t.Error(got)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestFilesFolderOfTheCaller(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "server")
	mustFiles(t, os.MkdirAll(filepath.Join(folder, "world"), 0o755))
	mustFiles(t, os.WriteFile(filepath.Join(folder, "world", "level.dat"), []byte("12345"), 0o600))
	mustFiles(t, os.WriteFile(filepath.Join(dir, "secret"), nil, 0o600))
	mustFiles(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(folder, "link")))
	files := newFileStore(storeConfig{Folder: folder})
	if got := contentOf(t, files, "/world/level.dat"); got != "12345" || files.usage() != 5 {
		t.Error(got, files.usage())
	}
	if _, err := files.Read("/link"); err == nil {
		t.Error("a link leads out of the folder")
	}
	mustFiles(t, files.Write("/new.txt", []byte("new")))
	if data, err := os.ReadFile(filepath.Join(folder, "new.txt")); err != nil || string(data) != "new" {
		t.Errorf("%s, %v", data, err)
	}
}

func TestIgnoreRules(t *testing.T) {
	t.Parallel()
	rules := newIgnoreRules([]string{"# comment", "", "*.log", "!keep.log", "/top", "cache/", "a/b", "docs/**/x", "**/deep", "file /  "})
	for name, want := range map[string]bool{
		"x.log": true, "dir/x.log": true, "keep.log": false, "dir/keep.log": false, "top": true, "dir/top": false,
		"cache": false, "cache/x": true, "d/cache/x/y": true, "a/b": true, "a/b/c": true, "z/a/b": false,
		"docs/x": true, "docs/1/2/x": true, "docs/y": false, "deep": true, "1/2/deep": true, "other": false,
	} {
		if got := rules.match(name, false); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if !rules.match("cache", true) {
		t.Error("a folder")
	}
	if slices.ContainsFunc([]string{"a", "b"}, func(name string) bool { return ignoreRules(nil).match(name, false) }) {
		t.Error("no rules")
	}
}
