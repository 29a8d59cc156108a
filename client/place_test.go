package client

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// part notes what is done to it.
type part struct {
	did  []string
	fail string
}

func (p *part) do(what string) error {
	p.did = append(p.did, what)
	if what == p.fail {
		return errors.New(what + " failed")
	}
	return nil
}

func (p *part) Sync() error  { return p.do("sync") }
func (p *part) Close() error { return p.do("close") }

// A file gets its name when its content is on the disk, and not at all where that
// failed.
func TestPlaceSyncsFirst(t *testing.T) {
	t.Parallel()
	order := []string{"sync", "close", "rename"}
	for i, fail := range append(order, "") {
		p := &part{fail: fail}
		err := place(p, func() error { return p.do("rename") })
		want := order[:min(i+1, len(order))]
		if !slices.Equal(p.did, want) || (err == nil) != (fail == "") || err != nil && !strings.HasPrefix(err.Error(), fail) {
			t.Errorf("%q fails: did %v, %v; want %v", fail, p.did, err, want)
		}
	}
}
