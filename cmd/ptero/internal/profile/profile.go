// Package profile remembers Panels and the keys to them.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Default is the name of the profile of those who need only one.
const Default = "default"

// Profile is a Panel and an account there.
type Profile struct {
	URL string `yaml:"url"`

	// Account is the name of the account that the client key belongs to.
	Account string `yaml:"account,omitempty"`

	// Client and Application say where the keys are kept, if there are any.
	Client      Place `yaml:"client_key,omitempty"`
	Application Place `yaml:"application_key,omitempty"`
}

// Kind is a kind of API key.
type Kind string

// The kinds, and what keys of them begin with.
const (
	Client      Kind = "client"
	Application Kind = "application"
)

// place returns where the profile says that a key is kept.
func (p *Profile) place(kind Kind) *Place {
	if kind == Application {
		return &p.Application
	}
	return &p.Client
}

// Store is the file with the profiles. The keys are elsewhere.
type Store struct {
	// Exposed names the file with the keys if others could read it until now.
	Exposed string

	dir  string
	file file
}

// file is the form of the file.
type file struct {
	Current  string             `yaml:"current,omitempty"`
	Profiles map[string]Profile `yaml:"profiles,omitempty"`
}

const (
	profilesFile = "profiles.yaml"
	keysFile     = "keys.yaml"
)

// Open reads the profiles of a folder, which need not exist.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir}
	if err := read(filepath.Join(dir, profilesFile), &s.file); err != nil {
		return nil, err
	}
	if s.file.Profiles == nil {
		s.file.Profiles = make(map[string]Profile)
	}
	return s, nil
}

// Names returns the names of all profiles, sorted.
func (s *Store) Names() []string {
	names := make([]string, 0, len(s.file.Profiles))
	for name := range s.file.Profiles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Current is the name of the profile that is used unless another is asked for.
func (s *Store) Current() string {
	if s.file.Current == "" {
		return Default
	}
	return s.file.Current
}

// Get returns a profile.
func (s *Store) Get(name string) (Profile, bool) {
	p, ok := s.file.Profiles[name]
	return p, ok
}

// Use makes a profile the current one.
func (s *Store) Use(name string) error {
	s.file.Current = name
	return s.save()
}

var validName = regexp.MustCompile(`^[\w.-]{1,64}$`)

// Put stores a profile and one key of it.
func (s *Store) Put(name string, p Profile, kind Kind, key string, inFile bool) (Profile, error) {
	if !validName.MatchString(name) {
		return p, fmt.Errorf("%q is no name for a profile: use letters, digits, dots, dashes and underscores", name)
	}
	place, err := s.putKey(name, kind, key, inFile)
	if err != nil {
		return p, err
	}
	*p.place(kind) = place
	if len(s.file.Profiles) == 0 {
		s.file.Current = name
	}
	s.file.Profiles[name] = p
	return p, s.save()
}

// Remove deletes a profile with its keys.
func (s *Store) Remove(name string) error {
	p, ok := s.file.Profiles[name]
	if !ok {
		return fs.ErrNotExist
	}
	var problems []error
	for _, kind := range []Kind{Client, Application} {
		problems = append(problems, s.removeKey(name, kind, *p.place(kind)))
	}
	if err := errors.Join(problems...); err != nil {
		return err // the profile stays as long as a key of it does
	}
	delete(s.file.Profiles, name)
	if s.file.Current == name {
		s.file.Current = ""
		if names := s.Names(); len(names) == 1 {
			s.file.Current = names[0]
		}
	}
	return s.save()
}

func (s *Store) save() error { return write(filepath.Join(s.dir, profilesFile), s.file) }

// read reads a YAML file, which may be missing.
func read(name string, into any) error {
	text, err := os.ReadFile(name) //nolint:gosec // a file of this program
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// write replaces a file at once, so that there is never half of one. Only its
// owner can read it.
func write(name string, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
	}
	return err
}
