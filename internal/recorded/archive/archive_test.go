package archive_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ptero-go/ptero/internal/recorded/archive"
)

func TestUnpackReturnsWhatWasPacked(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"b.json":  {Data: []byte("{\n \"name\": \"b\"\n}\n")},
		"a.jsonl": {Data: []byte(strings.Repeat(`{"dir":"in","raw":"the same line again"}`+"\n", 10_000))},
	}
	var packed bytes.Buffer
	if err := archive.Pack(folder, &packed); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 4000 {
		t.Errorf("the archive has %d bytes", packed.Len())
	}
	files, err := archive.Open(packed.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files, "a.jsonl", "b.json"); err != nil {
		t.Error(err)
	}
	dir := filepath.Join(t.TempDir(), "made", "here")
	if err := archive.Unpack(packed.Bytes(), dir); err != nil {
		t.Fatal(err)
	}
	for name, file := range folder {
		for place, from := range map[string]fs.FS{"opened": files, "unpacked": os.DirFS(dir)} {
			if got, err := fs.ReadFile(from, name); err != nil || !bytes.Equal(got, file.Data) {
				t.Errorf("%s %s: %d bytes, %v", place, name, len(got), err)
			}
		}
	}
}

// An archive that is packed anew changes in the repository only where a
// recording did.
func TestPackIsReproducible(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	for to, when := range map[*bytes.Buffer]time.Time{&first: time.Unix(1, 0), &second: time.Unix(1e9, 0)} {
		folder := fstest.MapFS{"a.json": {Data: []byte("{}"), ModTime: when}, "b.json": {Data: []byte("[]"), ModTime: when, Mode: 0o600}}
		if err := archive.Pack(folder, to); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same recordings gave two archives")
	}
}

func TestPackRefusesWhatIsNoRecording(t *testing.T) {
	t.Parallel()
	for want, folder := range map[string]fstest.MapFS{
		"empty":    {},
		"key.txt":  {"a.json": {}, "key.txt": {}},
		"sub.json": {"sub.json/a.json": {}},
	} {
		if err := archive.Pack(folder, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: err = %v", want, err)
		}
	}
}

func TestOpenRefusesWhatIsNoArchive(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	if err := archive.Pack(fstest.MapFS{"a.json": {Data: []byte("{}")}}, &packed); err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, []byte("{}"), packed.Bytes()[:packed.Len()-9]} {
		if _, err := archive.Open(broken); err == nil {
			t.Errorf("%q was taken", broken)
		}
		if err := archive.Unpack(broken, t.TempDir()); err == nil {
			t.Errorf("%q was unpacked", broken)
		}
	}
}
