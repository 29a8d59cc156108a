package foldersync_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/internal/foldersync"
)

func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

// randomTree holds files and folders, some of which are kept.
func randomTree(random *rand.Rand, keeps bool) foldersync.Tree {
	tree := make(foldersync.Tree)
	var grow func(folder string, depth int)
	grow = func(folder string, depth int) {
		for _, name := range []string{"a", "a-b", "b", "c"} {
			full := path.Join(folder, name)
			entry := foldersync.Entry{Size: random.Int64N(2), ModTime: at(random.Int64N(2)), Kept: keeps && random.IntN(8) == 0}
			switch random.IntN(3) {
			case 0:
				continue
			case 1:
				entry.IsDir = depth < 3
			}
			if tree[full] = entry; entry.IsDir && !entry.Kept {
				grow(full, depth+1)
			}
		}
	}
	grow("", 0)
	return tree
}

// carryOut does what a plan says, and fails where that cannot be done.
func carryOut(t *testing.T, plan foldersync.Plan, from, to foldersync.Tree) foldersync.Tree {
	t.Helper()
	done := maps.Clone(to)
	remove := func(name string) {
		if _, ok := done[name]; !ok {
			t.Errorf("%s is to go, but is not there", name)
		}
		for other, entry := range done {
			if other == name || strings.HasPrefix(other, name+"/") {
				if entry.Kept {
					t.Errorf("%s goes with %s, though it is kept", other, name)
				}
				delete(done, other)
			}
		}
	}
	add := func(name string) {
		if parent := path.Dir(name); parent != "." && !done[parent].IsDir {
			t.Errorf("%s comes before the folder that it is in", name)
		}
		if there, ok := done[name]; ok && (there.IsDir || from[name].IsDir || there.Kept) {
			t.Errorf("something stands in the place of %s", name)
		}
		done[name] = from[name]
	}
	for _, name := range plan.Remove {
		remove(name)
	}
	for _, name := range plan.Folders {
		add(name)
	}
	for _, name := range plan.Files {
		add(name)
	}
	for _, name := range plan.Delete {
		remove(name)
	}
	return done
}

// A plan, carried out, makes two folders the same but for what is kept.
func TestCompare(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		from, to := randomTree(random, seed%2 == 1), randomTree(random, seed%4 >= 2)
		remove := seed%8 >= 4
		plan := foldersync.Compare(from, to, foldersync.Entry.Same, remove)
		done := carryOut(t, plan, from, to)
		if !remove && len(plan.Remove)+len(plan.Delete) > 0 {
			t.Errorf("%d: %+v removes unasked", seed, plan)
		}
		blocked := make(map[string]bool)
		for _, name := range plan.Blocked {
			blocked[name] = true
		}
		for name, want := range from {
			got, ok := done[name]
			switch {
			case want.Kept:
				if before, existed := to[name]; ok != existed || got != before {
					t.Errorf("%d: %s is kept, but was changed from %+v to %+v", seed, name, before, got)
				}
			case foldersync.In(blocked, name):
				if before, existed := to[name]; ok != existed || got != before {
					t.Errorf("%d: %s is blocked, but was changed from %+v to %+v", seed, name, before, got)
				}
			case !ok || got.IsDir != want.IsDir || !want.IsDir && !want.Same(got):
				t.Errorf("%d: %s is %+v, exists %t, want %+v", seed, name, got, ok, want)
			}
		}
		keptAbove := func(tree foldersync.Tree, name string) bool {
			for folder := name; folder != "."; folder = path.Dir(folder) {
				if tree[folder].Kept {
					return true
				}
			}
			return false
		}
		keptBelow := func(name string) bool {
			for other, entry := range to {
				if entry.Kept && strings.HasPrefix(other, name+"/") {
					return true
				}
			}
			return false
		}
		for name, before := range to {
			_, remains := done[name]
			if _, wanted := from[name]; wanted {
				continue
			}
			may := before.Kept || keptAbove(from, name) || keptBelow(name) || foldersync.In(blocked, name)
			switch {
			case !remains && before.Kept:
				t.Errorf("%d: %s is kept, but gone", seed, name)
			case remains && remove && !may:
				t.Errorf("%d: %s is left: %+v", seed, name, plan)
			case !remains && !remove:
				t.Errorf("%d: %s is gone", seed, name)
			}
		}
	}
}

func TestLeaves(t *testing.T) {
	t.Parallel()
	got := foldersync.Leaves([]string{"a", "a/b", "c", "d", "d-e"}, []string{"c/file"})
	if want := []string{"a/b", "d", "d-e"}; !slices.Equal(got, want) {
		t.Errorf("Leaves = %q, want %q", got, want)
	}
}

// What covers some files stands for these and no others.
func TestCover(t *testing.T) {
	t.Parallel()
	shorter := 0
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 2))
		tree := randomTree(random, true)
		share := random.IntN(10)
		var files []string
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			if entry := tree[name]; !entry.IsDir && !entry.Kept && random.IntN(10) >= share {
				files = append(files, name)
			}
		}
		cover := foldersync.Cover(tree, files)
		var stands []string
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			for _, covering := range cover {
				if entry := tree[name]; (!entry.IsDir || entry.Kept) && (name == covering || strings.HasPrefix(name, covering+"/")) {
					stands = append(stands, name)
				}
			}
		}
		if !slices.Equal(stands, files) {
			t.Errorf("%d: %q stands for %q, want %q", seed, cover, stands, files)
		}
		if len(cover) < len(files) {
			shorter++
		}
	}
	if shorter == 0 {
		t.Error("no folder ever stands for its files")
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	sizes := map[string]int64{"a": 3, "b": 3, "c": 5, "d": 20, "e": 0, "f": 1, "g": 1, "h": 1}
	files := slices.Sorted(maps.Keys(sizes))
	got := fmt.Sprint(foldersync.Batches(files, func(name string) int64 { return sizes[name] }, 3, 10))
	if want := "[[a b] [c] [d] [e f g] [h]]"; got != want {
		t.Errorf("Batches = %s, want %s", got, want)
	}
	if none := foldersync.Batches(nil, nil, 1, 1); len(none) != 0 {
		t.Errorf("there are batches of nothing: %q", none)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, paths := range map[string]string{ // those that do not match begin with !
		"*.log":    "a.log logs/b.log !a.log.gz dir.log/ !sub/x",
		"logs/":    "logs/ sub/logs/ !logs !logs2/",
		"/logs":    "logs logs/ !sub/logs",
		"a/*.txt":  "a/b.txt !a/b/c.txt !b.txt !x/a/b.txt",
		"/a/b/":    "a/b/ !a/b !b/",
		"[ab]?":    "a1 b2 x/b2 !c1 !a",
		".ptero*":  ".ptero .pteroignore !ptero",
		`\*`:       "* !a",
		"cache/*/": "cache/x/ !cache/x !cache/",
	} {
		patterns, err := foldersync.ParsePatterns([]string{"no-such", pattern})
		if err != nil {
			t.Fatal(err)
		}
		for name := range strings.FieldsSeq(paths) {
			name, not := strings.CutPrefix(name, "!")
			name, isDir := strings.CutSuffix(name, "/")
			if patterns.Match(name, isDir) == not {
				t.Errorf("%q matches %q (folder %t): %t", pattern, name, isDir, !not)
			}
		}
	}
	for _, bad := range []string{"", "/", "[", "a/**/b", "**", "./a", "../a", "a//b", "..", "a/../b", "."} {
		if _, err := foldersync.ParsePatterns([]string{bad}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: err = %v", bad, err)
		}
	}
}

func openRoot(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func TestPackAndMembers(t *testing.T) {
	t.Parallel()
	root, dir := openRoot(t)
	long := strings.Repeat("long/", 40) + "name ü.txt"
	files := map[string]string{"a.txt": "A", "empty": "", long: strings.Repeat("x", 100_000)}
	for name, content := range files {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, []byte(content), 0o600),
			os.Chtimes(full, at(1000), time.UnixMilli(1999_900))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a.txt", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	read, unreadable := make(map[string]int64), make(map[string]error)
	packer := foldersync.Packer{
		Root: root, Mode: func(string) int64 { return 0o640 },
		Progress:   func(name string, done int64) { read[name] = done },
		Unreadable: func(name string, err error) { unreadable[name] = err },
	}
	if err := packer.Pack(&archive, []string{"a.txt", "empty", "gone", "link", long, "../x"}); err != nil {
		t.Fatal(err)
	}
	if len(unreadable) != 3 || !errors.Is(unreadable["gone"], os.ErrNotExist) || unreadable["link"] == nil || unreadable["../x"] == nil {
		t.Errorf("unreadable: %v", unreadable)
	}
	packed := bytes.Clone(archive.Bytes())
	found := 0
	for member, err := range foldersync.Members(&archive, foldersync.UnpackLimit(3, 100_001)) {
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(member.Content)
		if want, ok := files[member.Name]; err != nil || !ok || string(content) != want || member.Size != int64(len(want)) || !member.ModTime.Equal(at(1999)) {
			t.Errorf("%s: %d bytes, %v, %v", member.Name, len(content), member.ModTime, err)
		}
		if read[member.Name] != member.Size {
			t.Errorf("%s: %d bytes were counted, want %d", member.Name, read[member.Name], member.Size)
		}
		found++
	}
	if found != 3 {
		t.Errorf("%d files came back", found)
	}
	tooLarge := false
	for _, err := range foldersync.Members(bytes.NewReader(packed), 50_000) {
		tooLarge = tooLarge || errors.Is(err, foldersync.ErrTooLarge)
	}
	if !tooLarge {
		t.Error("an archive may unpack to more than the limit")
	}
	// A file that becomes shorter while it is packed.
	packer.Progress = func(name string, _ int64) { _ = os.Truncate(filepath.Join(dir, name), 10) }
	if err := packer.Pack(io.Discard, []string{long}); err == nil {
		t.Error("a file that became shorter was packed")
	}
}

// craft makes an archive of headers, whose files hold their names.
func craft(t *testing.T, headers ...tar.Header) *bytes.Buffer {
	t.Helper()
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	w := tar.NewWriter(compressed)
	for _, header := range headers {
		if header.Typeflag == tar.TypeReg {
			header.Size = int64(len(header.Name))
		}
		if err := w.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeReg {
			if _, err := io.WriteString(w, header.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return &archive
}

func TestMembersPassesOverWhatIsNotAFile(t *testing.T) {
	t.Parallel()
	archive := craft(t,
		tar.Header{Typeflag: tar.TypeReg, Name: "../up"},
		tar.Header{Typeflag: tar.TypeReg, Name: "/etc/passwd"},
		tar.Header{Typeflag: tar.TypeReg, Name: "a/../../up"},
		tar.Header{Typeflag: tar.TypeReg, Name: "a//b"},
		tar.Header{Typeflag: tar.TypeDir, Name: "dir/"},
		tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc"},
		tar.Header{Typeflag: tar.TypeLink, Name: "hard", Linkname: "/etc/passwd"},
		tar.Header{Typeflag: tar.TypeChar, Name: "tty", Devmajor: 5},
		tar.Header{Typeflag: tar.TypeFifo, Name: "fifo"},
		tar.Header{Typeflag: tar.TypeReg, Name: "./good"},
		tar.Header{Typeflag: tar.TypeReg, Name: "link/below"},
	)
	var names []string
	for member, err := range foldersync.Members(archive, 1<<20) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, member.Name)
	}
	if got := strings.Join(names, " "); got != "good link/below" {
		t.Errorf("members: %s", got)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	root, dir := openRoot(t)
	target := filepath.Join(dir, "a")
	if err := foldersync.Place(root, "a", strings.NewReader("first"), at(1000)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(target, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := foldersync.Place(root, "a", strings.NewReader("second"), at(2000)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := foldersync.Place(root, "a", io.MultiReader(strings.NewReader("third"), failing{broken}), at(3000)); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	content, err := os.ReadFile(target)
	info, statErr := os.Stat(target)
	if err != nil || statErr != nil || string(content) != "second" || !info.ModTime().Equal(at(2000)) || info.Mode().Perm() != 0o750 {
		t.Errorf("%q, %v, %v, %v", content, info, err, statErr)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"folder": "x", "missing/a": "x", "../out": "x"} {
		if err := foldersync.Place(root, name, strings.NewReader(content), at(1)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%v is left, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "..", "out")); err == nil {
		t.Error("something was written outside")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestLocal(t *testing.T) {
	t.Parallel()
	root, dir := openRoot(t)
	for _, name := range []string{"a/b.txt", "skip/c.txt", "skip.txt", foldersync.TemporaryName(".part")} {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("a", filepath.Join(dir, "to-folder")), os.Symlink("/etc/passwd", filepath.Join(dir, "to-file"))); err != nil {
		t.Fatal(err)
	}
	tree, odd, err := foldersync.Local(t.Context(), root, func(name string, _ bool) bool { return strings.HasPrefix(name, "skip") })
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		entry := tree[name]
		if foldersync.IsTemporary(name) {
			name = "temporary"
		}
		shown = append(shown, fmt.Sprintf("%s dir=%t kept=%t", name, entry.IsDir, entry.Kept))
	}
	want := "temporary dir=false kept=true, a dir=true kept=false, a/b.txt dir=false kept=false, skip dir=true kept=true, " +
		"skip.txt dir=false kept=true, to-file dir=false kept=true, to-folder dir=false kept=true"
	if got := strings.Join(shown, ", "); got != want || tree["a/b.txt"].Size != 7 || strings.Join(odd, " ") != "to-file to-folder" {
		t.Errorf("got  %s\nwant %s\nodd %q", got, want, odd)
	}
	modified := tree[shownTemporary(tree)].ModTime
	if early, late := tree.Stale(modified.Add(59*time.Minute)), tree.Stale(modified.Add(61*time.Minute)); len(early) != 0 || len(late) != 1 {
		t.Errorf("stale: %q early, %q late", early, late)
	}
}

func shownTemporary(tree foldersync.Tree) string {
	for name := range tree {
		if foldersync.IsTemporary(name) {
			return name
		}
	}
	return ""
}
