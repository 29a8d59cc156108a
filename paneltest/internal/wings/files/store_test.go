package files

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
func forEachVolume(t *testing.T, cfg Config, test func(t *testing.T, s *Store)) {
	t.Helper()
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg := cfg
				cfg.Folder, cfg.Context = dir, t.Context()
				cfg.Spawn = func(task func()) bool { go task(); return true }
				test(t, New(cfg))
			})
		})
	}
}

// must ends a test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantStatus fails unless an error has the status and the text.
func wantStatus(t *testing.T, err error, status int, text string) {
	t.Helper()
	var known *protocol.Error
	if !errors.As(err, &known) || known.Status != status || !strings.Contains(known.Message, text) {
		t.Errorf("err = %#v, want %d %s", err, status, text)
	}
}

// names lists the names in a folder.
func names(t *testing.T, s *Store, dir string) string {
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

// content reads a file.
func content(t *testing.T, s *Store, name string) string {
	t.Helper()
	data, err := s.Read(name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(data)
}

func TestFilesBasics(t *testing.T) {
	forEachVolume(t, Config{}, func(t *testing.T, files *Store) { //nolint:thelper // it is the test
		if got := names(t, files, "/"); got != "" || files.Usage() != 0 {
			t.Error(got, files.Usage())
		}
		must(t, files.Write("/dir1/a.txt", []byte("line one\nline two")))
		must(t, files.Write("b", nil))
		must(t, files.Mkdir("/", "dir0/sub"))
		must(t, files.Mkdir("/", "dir0/sub")) // again is fine
		if got := names(t, files, "/"); got != "dir0, dir1, b" {
			t.Error(got)
		}
		if got := content(t, files, "dir1/a.txt"); got != "line one\nline two" || files.Usage() != 17 {
			t.Error(got, files.Usage())
		}
		must(t, files.Write("/dir1/a.txt", []byte("x")))
		if files.Usage() != 1 {
			t.Error(files.Usage())
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

		must(t, files.Copy("/dir1/a.txt"))
		must(t, files.Copy("/dir1/a.txt"))
		must(t, files.Copy("/dir1/a.txt"))
		must(t, files.Write("/x.tar.gz", nil))
		must(t, files.Copy("/x.tar.gz"))
		must(t, files.Copy("/b"))
		if got := names(t, files, "/dir1") + "; " + names(t, files, "/"); got != "a copy 1.txt, a copy 2.txt, a copy.txt, a.txt; dir0, dir1, b, b copy, x copy.tar.gz, x.tar.gz" {
			t.Error(got)
		}

		must(t, files.Rename("/dir1", []protocol.Rename{{From: "a.txt", To: "new/b.txt"}, {From: "missing", To: "x"}}))
		wantStatus(t, files.Rename("/dir1", []protocol.Rename{{From: "a copy.txt", To: "new/b.txt"}}), 400, "destination already exists")
		must(t, files.Rename("/", []protocol.Rename{{From: "dir1/new", To: "moved"}}))
		if got := content(t, files, "/moved/b.txt"); got != "x" {
			t.Error(got)
		}

		must(t, files.Chmod("/moved", []protocol.Mode{{File: "b.txt", Mode: "600"}, {File: "missing", Mode: "777"}}))
		entries, _ = files.List("/moved")
		if e := entries[0]; e.Mode != "-rw-------" || e.ModeBits != "600" {
			t.Errorf("%+v", e)
		}
		wantStatus(t, files.Chmod("/moved", []protocol.Mode{{File: "b.txt", Mode: "9"}}), 400, "Invalid file mode.")

		must(t, files.Delete("/", []string{"dir0", "dir1", "b copy", "x.tar.gz", "x copy.tar.gz", "missing", "no/way"}))
		if got := names(t, files, "/"); got != "moved, b" || files.Usage() != 1 {
			t.Error(got, files.Usage())
		}
	})
}

func TestFilesErrors(t *testing.T) {
	forEachVolume(t, Config{Limit: 100, Denied: []string{"secret/", "*.key"}}, func(t *testing.T, files *Store) { //nolint:thelper // it is the test
		must(t, files.Write("/dir/a", make([]byte, 60)))
		_, err := files.List("/missing")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.List("/dir/a")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.Read("/missing")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.Read("/dir")
		wantStatus(t, err, 502, "")
		wantStatus(t, files.Decompress("/", "missing.zip"), 500, "An unexpected error")
		wantStatus(t, files.Copy("/missing"), 500, "An unexpected error")
		wantStatus(t, files.Copy("/dir"), 500, "An unexpected error")
		wantStatus(t, files.Delete("/", []string{"/"}), 500, "An unexpected error")
		wantStatus(t, files.Delete("/dir", []string{".."}), 500, "An unexpected error")
		wantStatus(t, files.Write("/dir", nil), 400, "conflicts with an existing directory")
		wantStatus(t, files.Write("/dir/a/b", nil), 500, "An unexpected error")
		wantStatus(t, files.Mkdir("/dir", "a/b"), 400, "not a directory")
		_, err = files.Compress("/", nil, protocol.ArchiveName{})
		wantStatus(t, err, 422, "")

		wantStatus(t, files.Write("/b", make([]byte, 41)), 400, "There is not enough disk space available to perform that action.")
		must(t, files.Write("/b", make([]byte, 40)))
		must(t, files.Write("/dir/a", make([]byte, 60))) // in place of itself
		wantStatus(t, files.Copy("/b"), 400, "not enough disk space")

		for _, err := range []error{
			files.Write("/secret/x", nil), files.Write("/my.key", nil), files.Delete("/", []string{"secret/x"}),
			files.Rename("/", []protocol.Rename{{From: "b", To: "b.key"}}), files.Rename("/", []protocol.Rename{{From: "b.key", To: "c"}}),
		} {
			wantStatus(t, err, 403, "This file cannot be modified: present in egg denylist.")
		}
		must(t, files.Write("/../../etc/x", nil)) // leads nowhere
		if got := names(t, files, "/etc"); got != "x" {
			t.Error(got)
		}
	})
}

func TestFilesArchive(t *testing.T) {
	forEachVolume(t, Config{}, func(t *testing.T, files *Store) { //nolint:thelper // it is the test
		time.Sleep(1500 * time.Millisecond) // names have whole seconds
		must(t, files.Write("/dir/a.txt", []byte("a")))
		must(t, files.Write("/dir/sub/b.sh", []byte("b")))
		must(t, files.Chmod("/dir/sub", []protocol.Mode{{File: "b.sh", Mode: "755"}}))
		must(t, files.Mkdir("/dir", "empty"))
		archive, err := files.Compress("/", []string{"dir", "missing"}, protocol.ArchiveName{})
		if err != nil {
			t.Fatal(err)
		}
		if archive.Name != "archive-2000-01-01T000001Z.tar.gz" || archive.MIMEType != "application/tar+gzip" || archive.Size == 0 || !archive.IsFile {
			t.Errorf("%+v", archive)
		}
		again, err := files.Compress("/", []string{"missing"}, protocol.ArchiveName{}) // in the same second
		if err != nil || again.Name != archive.Name {
			t.Errorf("%+v, %v", again, err)
		}
		entries, _ := files.List("/")
		if len(entries) != 2 || entries[1].MIMEType != "application/gzip" {
			t.Errorf("%+v", entries)
		}
		time.Sleep(time.Second)
		archive, err = files.Compress("/dir", []string{"/"}, protocol.ArchiveName{})
		if err != nil {
			t.Fatal(err)
		}
		must(t, files.Rename("/", []protocol.Rename{{From: "dir/" + archive.Name, To: "x"}}))
		must(t, files.Delete("/", []string{"dir"}))
		must(t, files.Mkdir("/", "out"))
		must(t, files.Rename("/", []protocol.Rename{{From: "x", To: "out/x"}}))
		must(t, files.Decompress("/out", "x"))
		if got := content(t, files, "/out/a.txt") + content(t, files, "/out/sub/b.sh"); got != "ab" {
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
	forEachVolume(t, Config{Limit: 1 << 20, Denied: []string{"*.key"}}, func(t *testing.T, files *Store) { //nolint:thelper // it is the test
		members := []struct{ name, text string }{{"dir/a.txt", "hello\n"}, {"../../evil", "x"}, {"no.key", "x"}}
		var tarred, zipped, compressed, single bytes.Buffer
		tw, zw := tar.NewWriter(&tarred), zip.NewWriter(&zipped)
		must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "dir/", Mode: 0o755}))
		must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc/passwd"}))
		for _, member := range members {
			must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: member.name, Mode: 0o644, Size: int64(len(member.text)), ModTime: time.Unix(1e9, 0)}))
			io.WriteString(tw, member.text)
			w, err := zw.Create(member.name)
			must(t, err)
			io.WriteString(w, member.text)
		}
		must(t, tw.Close())
		must(t, zw.Close())
		gw := gzip.NewWriter(&compressed)
		gw.Write(tarred.Bytes())
		must(t, gw.Close())
		gw = gzip.NewWriter(&single)
		gw.Write([]byte("hello\n"))
		must(t, gw.Close())
		bz2, err := base64.StdEncoding.DecodeString(tarBz2)
		must(t, err)
		for name, data := range map[string][]byte{"a.zip": zipped.Bytes(), "a.tar": tarred.Bytes(), "a.tar.gz": compressed.Bytes(), "misnamed.zip": compressed.Bytes(), "a.tar.bz2": bz2} {
			must(t, files.Write("/in/"+name, data))
			must(t, files.Decompress("/in", name))
			if got := content(t, files, "/in/dir/a.txt"); got != "hello\n" {
				t.Errorf("%s: %q", name, got)
			}
			if got, want := names(t, files, "/in"), "dir, "+name+", evil"; name != "a.tar.bz2" && name != "misnamed.zip" && got != want {
				t.Errorf("%s: %s", name, got)
			}
			must(t, files.Delete("/", []string{"in"}))
		}
		must(t, files.Write("/a.txt.gz", single.Bytes()))
		must(t, files.Decompress("/", "a.txt.gz"))
		if got := content(t, files, "/a.txt"); got != "hello\n" {
			t.Error(got)
		}
		for _, text := range []string{"", "plain", strings.Repeat("plain", 200)} {
			must(t, files.Write("/bad", []byte(text)))
			wantStatus(t, files.Decompress("/", "bad"), 400, "in a format Wings does not understand")
		}
		must(t, files.Write("/bad", compressed.Bytes()[:compressed.Len()/2]))
		wantStatus(t, files.Decompress("/", "bad"), 500, "An unexpected error")
		must(t, files.Write("/bad", []byte("PK\x03\x04 and no more")))
		wantStatus(t, files.Decompress("/", "bad"), 500, "An unexpected error")

		var bomb bytes.Buffer
		gw = gzip.NewWriter(&bomb)
		gw.Write(bytes.Repeat([]byte("x"), 2<<20))
		must(t, gw.Close())
		must(t, files.Write("/zeros.gz", bomb.Bytes()))
		if err := files.Decompress("/", "zeros.gz"); err == nil {
			t.Error("what is unpacked is over the limit")
		}
	})
}

func TestFilesPull(t *testing.T) {
	forEachVolume(t, Config{}, func(t *testing.T, files *Store) { //nolint:thelper // it is the test
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
		must(t, files.Pull(protocol.Pull{Directory: "/in", URL: site + "/a/b.txt?x=1", Foreground: true}))
		must(t, files.Pull(protocol.Pull{URL: site + "/x", UseHeader: true, Foreground: true}))
		must(t, files.Pull(protocol.Pull{URL: site + "/x", UseHeader: true, FileName: "named", Foreground: true}))
		wantStatus(t, files.Pull(protocol.Pull{URL: site + "/missing", Foreground: true}), 500, "")
		wantStatus(t, files.Pull(protocol.Pull{URL: "http://[bad", Foreground: true}), 500, "")
		must(t, files.Pull(protocol.Pull{URL: site + "/missing"})) // nobody is told
		for range 3 {
			synctest.Wait()
			must(t, files.Pull(protocol.Pull{URL: site + "/slow"}))
		}
		wantStatus(t, files.Pull(protocol.Pull{URL: site + "/x"}), 400, "limit of 3 simultaneous remote file downloads")
		close(release)
		synctest.Wait()
		if got := content(t, files, "/in/b.txt") + names(t, files, "/"); got != "pulled /a/b.txtin, from header, named, slow" {
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
	must(t, os.MkdirAll(filepath.Join(folder, "world"), 0o755))
	must(t, os.WriteFile(filepath.Join(folder, "world", "level.dat"), []byte("12345"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secret"), nil, 0o600))
	must(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(folder, "link")))
	files := New(Config{Folder: folder})
	if got := content(t, files, "/world/level.dat"); got != "12345" || files.Usage() != 5 {
		t.Error(got, files.Usage())
	}
	if _, err := files.Read("/link"); err == nil {
		t.Error("a link leads out of the folder")
	}
	must(t, files.Write("/new.txt", []byte("new")))
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

// A folder is listed by name, folders first. Wings 1.11 has files first, and
// those backwards, which nobody had in mind.
func TestOrderOfLists(t *testing.T) {
	t.Parallel()
	for order, want := range map[bool]string{
		false: "A, a, sub, Z.txt, a b.txt, a.txt, f1, f10, f2, ü.txt",
		true:  "ü.txt, f2, f10, f1, a.txt, a b.txt, Z.txt, A, a, sub",
	} {
		t.Run(want, func(t *testing.T) {
			forEachVolume(t, Config{OrderOf111: order}, func(t *testing.T, s *Store) {
				t.Helper()
				for _, name := range []string{"f10", "a/x", "Z.txt", "sub/x", "f2", "a.txt", "A/x", "ü.txt", "f1", "a b.txt"} {
					must(t, s.Write(name, nil))
				}
				if got := names(t, s, "/"); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				entries, err := s.List("/")
				must(t, err)
				for _, entry := range entries {
					if entry.IsFile && entry.MIMEType != "text/plain" {
						t.Errorf("the empty file %s is %s", entry.Name, entry.MIMEType)
					}
				}
			})
		})
	}
}
