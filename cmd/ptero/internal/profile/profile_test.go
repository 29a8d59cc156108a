package profile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// The keyring of go-keyring is one for the process, so these tests take turns.

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeysAreInTheKeyring(t *testing.T) { //nolint:paralleltest // see above
	keyring.MockInit()
	dir := filepath.Join(t.TempDir(), "ptero")
	s := open(t, dir)
	p, err := s.Put("work", Profile{URL: "https://panel.example.org"}, Client, "ptlc_secret", false)
	if err != nil || p.Client != Keyring {
		t.Fatalf("kept in %q, %v", p.Client, err)
	}
	if _, err := s.Put("work", p, Application, "ptla_secret", false); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir) // another process
	for kind, want := range map[Kind]string{Client: "ptlc_secret", Application: "ptla_secret"} {
		if key, err := s.Key("work", kind); err != nil || key != want {
			t.Errorf("the %s key is %q, %v", kind, key, err)
		}
	}
	if s.Current() != "work" {
		t.Errorf("the only profile is not the current one but %q", s.Current())
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("%s holds a key: %s, %v", files[0], text, err)
	}
	if err := s.Remove("work"); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Get(service, keyName("work", Client)); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("a key is left in the keyring: %v", err)
	}
	if _, ok := open(t, dir).Get("work"); ok {
		t.Error("the profile is left")
	}
}

func TestKeysAreInAFileWithoutAKeyring(t *testing.T) { //nolint:paralleltest // see above
	keyring.MockInitWithError(errors.New("no keyring"))
	dir := t.TempDir()
	s := open(t, dir)
	if p, err := s.Put(Default, Profile{URL: "https://panel.example.org"}, Client, "ptlc_secret", false); err != nil || p.Client != File {
		t.Fatalf("kept in %q, %v", p.Client, err)
	}
	if key, err := open(t, dir).Key(Default, Client); err != nil || key != "ptlc_secret" {
		t.Errorf("the key is %q, %v", key, err)
	}
	if info, err := os.Stat(filepath.Join(dir, keysFile)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("the file of keys: %v, %v", info, err)
	}
	if _, err := s.Key(Default, Application); !errors.Is(err, ErrNoKey) {
		t.Errorf("a key that is not there gives %v", err)
	}
}

// A key that moves from one place to the other is left in neither.
func TestANewKeyReplacesTheOldOne(t *testing.T) { //nolint:paralleltest // see above
	keyring.MockInit()
	dir := t.TempDir()
	s := open(t, dir)
	p, err := s.Put(Default, Profile{URL: "https://panel.example.org"}, Client, "ptlc_first", false)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.Put(Default, p, Client, "ptlc_second", true); err != nil || p.Client != File {
		t.Fatalf("kept in %q, %v", p.Client, err)
	}
	if _, err := keyring.Get(service, keyName(Default, Client)); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the first key is left in the keyring: %v", err)
	}
	if _, err = s.Put(Default, p, Client, "ptlc_third", false); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, keysFile))
	if err != nil || strings.Contains(string(text), "ptlc_") {
		t.Errorf("the second key is left in the file: %s, %v", text, err)
	}
}

func TestNamesOfProfiles(t *testing.T) { //nolint:paralleltest // see above
	keyring.MockInit()
	s := open(t, t.TempDir())
	for _, name := range []string{"", "a/b", "a b", "../x", strings.Repeat("x", 65)} {
		if _, err := s.Put(name, Profile{}, Client, "k", true); err == nil {
			t.Errorf("%q was taken as a name", name)
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, profilesFile), []byte("profiles: [1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.dir); err == nil || !strings.Contains(err.Error(), profilesFile) {
		t.Errorf("a broken file gives %v", err)
	}
}

func TestKeysThatOthersCouldReadAreClosedToThem(t *testing.T) { //nolint:paralleltest // see above
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes there")
	}
	keyring.MockInitWithError(errors.New("no keyring"))
	dir := t.TempDir()
	if _, err := open(t, dir).Put(Default, Profile{URL: "https://panel.example.org"}, Client, "ptlc_secret", false); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, keysFile)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o600} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		if key, err := s.Key(Default, Client); err != nil || key != "ptlc_secret" {
			t.Errorf("mode %o: the key is %q, %v", mode, key, err)
		}
		if exposed := s.Exposed == name; exposed != (mode != 0o600) {
			t.Errorf("mode %o: Exposed is %q", mode, s.Exposed)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %o became %v, %v", mode, info.Mode(), err)
		}
	}
}
