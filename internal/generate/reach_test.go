package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const compiledSource = `package api
type Server struct { Limits *Limits; Owner envelope.Item[User]; Nodes []Node }
type Limits struct { Memory int }
type User struct { Servers *List[Server]; Role Role }
type Node struct{}
type Role string
type Mode struct{}
type Request struct { Power Signal }
type Signal string
type Filter struct{}
type Unused struct { Limits Limits }
`

const wrapperSource = `package wrapper
type service struct { hidden Mode }
func (s *service) Get(mode os.Mode) (*Server, error) { send(Unused{}); return nil, nil }
func (s *service) get(Unused) {}
func helper(Unused) {}
type Options struct { Filter Filter; request Request }
`

func TestReached(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, source string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	decls, err := declarations(put("api.txt", compiledSource))
	if err != nil {
		t.Fatal(err)
	}
	put("wrapper.go", wrapperSource)
	put("wrapper_test.go", "package wrapper\nfunc Test(Unused) {}\n")
	put("models.gen.go", "package wrapper\ntype Unused = api.Unused\n")
	got, err := reached(dir, decls)
	if err != nil {
		t.Fatal(err)
	}
	if names, want := slices.Sorted(maps.Keys(got)), []string{"Filter", "Limits", "Node", "Role", "Server", "User"}; !slices.Equal(names, want) {
		t.Errorf("reached %v, want %v", names, want)
	}
}
