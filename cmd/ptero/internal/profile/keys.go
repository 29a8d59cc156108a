package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

// Place is where a key is kept.
type Place string

// The places.
const (
	Nowhere Place = ""
	Keyring Place = "keyring" // the system's
	File    Place = "file"    // of mode 0600, beside the profiles
)

// service is the name of this program in keyrings.
const service = "ptero"

// ErrNoKey means that a profile has no key of that kind.
var ErrNoKey = errors.New("no key")

func keyName(profile string, kind Kind) string { return profile + "/" + string(kind) }

// Key returns a key of a profile.
func (s *Store) Key(name string, kind Kind) (string, error) {
	p := s.file.Profiles[name]
	switch *p.place(kind) {
	case Keyring:
		var key string
		err := inTime(func() (err error) {
			key, err = keyring.Get(service, keyName(name, kind))
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read the key from the system's keyring: %w", err)
		}
		return key, nil
	case File:
		keys, err := s.keys()
		if key, ok := keys[keyName(name, kind)]; ok || err != nil {
			return key, err
		}
	}
	return "", ErrNoKey
}

// putKey stores a key in the system's keyring, or in a file if there is none or
// the file is asked for. What an earlier key left elsewhere is removed.
func (s *Store) putKey(profile string, kind Kind, key string, inFile bool) (Place, error) {
	if !inFile {
		err := inTime(func() error { return keyring.Set(service, keyName(profile, kind), key) })
		if err == nil {
			return Keyring, s.removeKey(profile, kind, File)
		}
	}
	keys, err := s.keys()
	if err != nil {
		return Nowhere, err
	}
	keys[keyName(profile, kind)] = key
	if err := write(filepath.Join(s.dir, keysFile), keys); err != nil {
		return Nowhere, err
	}
	old := s.file.Profiles[profile]
	if *old.place(kind) == Keyring {
		err = s.removeKey(profile, kind, Keyring)
	}
	return File, err
}

func (s *Store) removeKey(profile string, kind Kind, place Place) error {
	switch place {
	case Keyring:
		err := inTime(func() error { return keyring.Delete(service, keyName(profile, kind)) })
		if err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("delete the key from the system's keyring: %w", err)
		}
	case File:
		keys, err := s.keys()
		if _, ok := keys[keyName(profile, kind)]; !ok || err != nil {
			return err
		}
		delete(keys, keyName(profile, kind))
		return write(filepath.Join(s.dir, keysFile), keys)
	}
	return nil
}

// keys reads the keys that are kept in the file. One that others can read, e.g.
// since it was copied, is closed to them first.
func (s *Store) keys() (map[string]string, error) {
	keys := make(map[string]string)
	name := filepath.Join(s.dir, keysFile)
	if info, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(name, 0o600); err != nil {
			return nil, fmt.Errorf("others can read the keys: %w", err)
		}
		s.Exposed = name
	}
	err := read(name, &keys)
	return keys, err
}

// patience is how long a keyring may take, which includes asking its owner for
// a password.
const patience = 30 * time.Second

// inTime runs a call that may never return, e.g. because no desktop answers.
func inTime(call func() error) error {
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return errors.New("the keyring does not answer")
	}
}
