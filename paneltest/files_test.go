package paneltest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// forEachStore runs a test on files in memory and in a folder.
func forEachStore(t *testing.T, spec machineSpec, f func(d *testDaemon, files *fileStore)) {
	t.Helper()
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := startDaemon(t, daemonConfig{FilesDir: dir})
				f(d, d.create(testServer, spec).files())
			})
		})
	}
}

// names lists the names in a folder.
func names(t *testing.T, files *fileStore, dir string) string {
	t.Helper()
	entries, err := files.list(dir)
	if err != nil {
		t.Errorf("list %s: %v", dir, err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name)
	}
	return strings.Join(names, ", ")
}

func TestFilesBasics(t *testing.T) {
	forEachStore(t, machineSpec{}, func(d *testDaemon, files *fileStore) {
		t := d.t
		if got := names(t, files, "/"); got != "" || files.usage() != 0 {
			t.Error(got, files.usage())
		}
		must(t, files.write("/dir1/a.txt", []byte("line one\nline two")))
		must(t, files.write("b", nil))
		must(t, files.mkdir("/", "dir0/sub"))
		must(t, files.mkdir("/", "dir0/sub")) // again is fine
		if got := names(t, files, "/"); got != "dir0, dir1, b" {
			t.Error(got)
		}
		if got := content(t, files, "dir1/a.txt"); got != "line one\nline two" || files.usage() != 17 {
			t.Error(got, files.usage())
		}
		must(t, files.write("/dir1/a.txt", []byte("x")))
		if files.usage() != 1 {
			t.Error(files.usage())
		}
		entries, err := files.list("/dir1")
		if err != nil || len(entries) != 1 {
			t.Fatal(entries, err)
		}
		if e := entries[0]; e.Mode != "-rw-r--r--" || e.ModeBits != "644" || e.Size != 1 || !e.IsFile || e.IsSymlink || e.MIMEType != "text/plain; charset=utf-8" || e.Modified.IsZero() {
			t.Errorf("%+v", e)
		}
		entries, _ = files.list("/")
		if e := entries[0]; e.Mode != "drwxr-xr-x" || e.ModeBits != "755" || e.IsFile || e.MIMEType != "inode/directory" {
			t.Errorf("%+v", e)
		}

		must(t, files.copy("/dir1/a.txt"))
		must(t, files.copy("/dir1/a.txt"))
		must(t, files.copy("/dir1/a.txt"))
		must(t, files.write("/x.tar.gz", nil))
		must(t, files.copy("/x.tar.gz"))
		must(t, files.copy("/b"))
		if got := names(t, files, "/dir1") + "; " + names(t, files, "/"); got != "a copy 1.txt, a copy 2.txt, a copy.txt, a.txt; dir0, dir1, b, b copy, x copy.tar.gz, x.tar.gz" {
			t.Error(got)
		}

		must(t, files.rename("/dir1", []fileRename{{"a.txt", "new/b.txt"}, {"missing", "x"}}))
		wantStatus(t, files.rename("/dir1", []fileRename{{"a copy.txt", "new/b.txt"}}), 400, "destination already exists")
		must(t, files.rename("/", []fileRename{{"dir1/new", "moved"}}))
		if got := content(t, files, "/moved/b.txt"); got != "x" {
			t.Error(got)
		}

		must(t, files.chmod("/moved", []fileMode{{"b.txt", "600"}, {"missing", "777"}}))
		entries, _ = files.list("/moved")
		if e := entries[0]; e.Mode != "-rw-------" || e.ModeBits != "600" {
			t.Errorf("%+v", e)
		}
		wantStatus(t, files.chmod("/moved", []fileMode{{"b.txt", "9"}}), 400, "Invalid file mode.")

		must(t, files.delete("/", []string{"dir0", "dir1", "b copy", "x.tar.gz", "x copy.tar.gz", "missing", "no/way"}))
		if got := names(t, files, "/"); got != "moved, b" || files.usage() != 1 {
			t.Error(got, files.usage())
		}
	})
}

func TestFilesErrors(t *testing.T) {
	forEachStore(t, machineSpec{Disk: 100, Denied: []string{"secret/", "*.key"}}, func(d *testDaemon, files *fileStore) {
		t := d.t
		must(t, files.write("/dir/a", make([]byte, 60)))
		_, err := files.list("/missing")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.list("/dir/a")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.read("/missing")
		wantStatus(t, err, 500, "An unexpected error")
		_, err = files.read("/dir")
		wantStatus(t, err, 502, "")
		wantStatus(t, files.decompress("/", "missing.zip"), 500, "An unexpected error")
		wantStatus(t, files.copy("/missing"), 500, "An unexpected error")
		wantStatus(t, files.copy("/dir"), 500, "An unexpected error")
		wantStatus(t, files.delete("/", []string{"/"}), 500, "An unexpected error")
		wantStatus(t, files.delete("/dir", []string{".."}), 500, "An unexpected error")
		wantStatus(t, files.write("/dir", nil), 400, "conflicts with an existing directory")
		wantStatus(t, files.write("/dir/a/b", nil), 500, "An unexpected error")
		wantStatus(t, files.mkdir("/dir", "a/b"), 400, "not a directory")
		_, err = files.compress("/", nil)
		wantStatus(t, err, 422, "")

		wantStatus(t, files.write("/b", make([]byte, 41)), 400, "There is not enough disk space available to perform that action.")
		must(t, files.write("/b", make([]byte, 40)))
		must(t, files.write("/dir/a", make([]byte, 60))) // in place of itself
		wantStatus(t, files.copy("/b"), 400, "not enough disk space")

		for _, err := range []error{
			files.write("/secret/x", nil), files.write("/my.key", nil), files.delete("/", []string{"secret/x"}),
			files.rename("/", []fileRename{{"b", "b.key"}}), files.rename("/", []fileRename{{"b.key", "c"}}),
		} {
			wantStatus(t, err, 403, "This file cannot be modified: present in egg denylist.")
		}
		must(t, files.write("/../../etc/x", nil)) // leads nowhere
		if got := names(t, files, "/etc"); got != "x" {
			t.Error(got)
		}
	})
}

func TestFilesArchive(t *testing.T) {
	forEachStore(t, machineSpec{}, func(d *testDaemon, files *fileStore) {
		t := d.t
		time.Sleep(1500 * time.Millisecond) // names have whole seconds
		must(t, files.write("/dir/a.txt", []byte("a")))
		must(t, files.write("/dir/sub/b.sh", []byte("b")))
		must(t, files.chmod("/dir/sub", []fileMode{{"b.sh", "755"}}))
		must(t, files.mkdir("/dir", "empty"))
		archive, err := files.compress("/", []string{"dir", "missing"})
		if err != nil {
			t.Fatal(err)
		}
		if archive.Name != "archive-2000-01-01T000001Z.tar.gz" || archive.MIMEType != "application/tar+gzip" || archive.Size == 0 || !archive.IsFile {
			t.Errorf("%+v", archive)
		}
		again, err := files.compress("/", []string{"missing"}) // in the same second
		if err != nil || again.Name != archive.Name {
			t.Errorf("%+v, %v", again, err)
		}
		entries, _ := files.list("/")
		if len(entries) != 2 || entries[1].MIMEType != "application/gzip" {
			t.Errorf("%+v", entries)
		}
		time.Sleep(time.Second)
		archive, err = files.compress("/dir", []string{"/"})
		if err != nil {
			t.Fatal(err)
		}
		must(t, files.rename("/", []fileRename{{"dir/" + archive.Name, "x"}}))
		must(t, files.delete("/", []string{"dir"}))
		must(t, files.mkdir("/", "out"))
		must(t, files.rename("/", []fileRename{{"x", "out/x"}}))
		must(t, files.decompress("/out", "x"))
		if got := content(t, files, "/out/a.txt") + content(t, files, "/out/sub/b.sh"); got != "ab" {
			t.Error(got)
		}
		entries, _ = files.list("/out/sub")
		if len(entries) != 1 || entries[0].ModeBits != "755" {
			t.Errorf("%+v", entries)
		}
		if _, err := files.list("/out/empty"); err == nil {
			t.Error("Wings packs no folders")
		}
	})
}

// A .tar.bz2 with dir/a.txt, "hello\n", which package bzip2 cannot make.
const tarBz2 = `QlpoOTFBWSZTWV6hAwoAAHH7hMmQAERAAfcAAIBmZJ5AAACACCAAVDKgaBkMnpDJptQSU0QDQABoEvnRcyEFEAEiF85jVCYi5JAwdMPk2zP0nRMWEWoG6xewxgkllOggECUbOuC2LVX5EkD8XckU4UJBeoQMKA==`

func TestFilesDecompress(t *testing.T) {
	forEachStore(t, machineSpec{Disk: 1 << 20, Denied: []string{"*.key"}}, func(d *testDaemon, files *fileStore) {
		t := d.t
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
			must(t, files.write("/in/"+name, data))
			must(t, files.decompress("/in", name))
			if got := content(t, files, "/in/dir/a.txt"); got != "hello\n" {
				t.Errorf("%s: %q", name, got)
			}
			if got, want := names(t, files, "/in"), "dir, "+name+", evil"; name != "a.tar.bz2" && name != "misnamed.zip" && got != want {
				t.Errorf("%s: %s", name, got)
			}
			must(t, files.delete("/", []string{"in"}))
		}
		must(t, files.write("/a.txt.gz", single.Bytes()))
		must(t, files.decompress("/", "a.txt.gz"))
		if got := content(t, files, "/a.txt"); got != "hello\n" {
			t.Error(got)
		}
		for _, text := range []string{"", "plain", strings.Repeat("plain", 200)} {
			must(t, files.write("/bad", []byte(text)))
			wantStatus(t, files.decompress("/", "bad"), 400, "in a format Wings does not understand")
		}
		must(t, files.write("/bad", compressed.Bytes()[:compressed.Len()/2]))
		wantStatus(t, files.decompress("/", "bad"), 500, "An unexpected error")
		must(t, files.write("/bad", []byte("PK\x03\x04 and no more")))
		wantStatus(t, files.decompress("/", "bad"), 500, "An unexpected error")

		var bomb bytes.Buffer
		gw = gzip.NewWriter(&bomb)
		gw.Write(bytes.Repeat([]byte("x"), 2<<20))
		must(t, gw.Close())
		must(t, files.write("/zeros.gz", bomb.Bytes()))
		if err := files.decompress("/", "zeros.gz"); err == nil {
			t.Error("what is unpacked is over the limit")
		}
	})
}

func TestFilesPull(t *testing.T) {
	forEachStore(t, machineSpec{}, func(d *testDaemon, files *fileStore) {
		t := d.t
		release := make(chan struct{})
		d.cfg.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
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
		must(t, files.pull(filePull{Directory: "/in", URL: site + "/a/b.txt?x=1", Foreground: true}))
		must(t, files.pull(filePull{URL: site + "/x", UseHeader: true, Foreground: true}))
		must(t, files.pull(filePull{URL: site + "/x", UseHeader: true, FileName: "named", Foreground: true}))
		wantStatus(t, files.pull(filePull{URL: site + "/missing", Foreground: true}), 500, "")
		wantStatus(t, files.pull(filePull{URL: "http://[bad", Foreground: true}), 500, "")
		must(t, files.pull(filePull{URL: site + "/missing"})) // nobody is told
		for range 3 {
			synctest.Wait()
			must(t, files.pull(filePull{URL: site + "/slow"}))
		}
		wantStatus(t, files.pull(filePull{URL: site + "/x"}), 400, "limit of 3 simultaneous remote file downloads")
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
	must(t, os.MkdirAll(filepath.Join(dir, testServer, "world"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, testServer, "world", "level.dat"), []byte("12345"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "secret"), nil, 0o600))
	must(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, testServer, "link")))
	d := newDaemon(daemonConfig{FilesDir: dir})
	defer d.close()
	files := d.create(testServer, machineSpec{}).files()
	if got := content(t, files, "/world/level.dat"); got != "12345" || files.usage() != 5 {
		t.Error(got, files.usage())
	}
	if _, err := files.read("/link"); err == nil {
		t.Error("a link leads out of the folder")
	}
	must(t, files.write("/new.txt", []byte("new")))
	if data, err := os.ReadFile(filepath.Join(dir, testServer, "new.txt")); err != nil || string(data) != "new" {
		t.Errorf("%s, %v", data, err)
	}
	d.remove(testServer)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
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
