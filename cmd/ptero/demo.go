package main

import (
	"github.com/ptero-go/ptero/paneltest"
)

// demoPanel is a Panel inside this program.
type demoPanel struct{ panel *paneltest.Panel }

func (d *demoPanel) close() { d.panel.Close() }

// openDemo starts a Panel. The account of the demo is a root administrator, so
// that every command works with its one key.
func (a *app) openDemo() (*session, error) {
	panel, err := paneltest.New(paneltest.WithSeed(demoSeed(a.Now())))
	if err != nil {
		return nil, err
	}
	a.demoPanel = &demoPanel{panel}
	return &session{url: panel.URL, client: panel.AdminKey, source: "the demo", account: "demo"}, nil
}
