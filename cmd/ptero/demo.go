package main

import (
	"context"
	"slices"
	"time"

	"github.com/ptero-go/ptero/client"
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

// settle waits for the sizes of the backups, if it is a demo. If they do not come
// soon, they are shown as 0, which is no reason to fail.
func (d *demoPanel) settle(ctx context.Context) {
	if d == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = packed(ctx, d.panel, demoUUID("lobby"))
}

// packed returns when a server's backups have their sizes, as a Panel packs
// those of its seed in the background.
func packed(ctx context.Context, panel *paneltest.Panel, server string) error {
	c, err := client.New(panel.URL, panel.AdminKey)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		list, err := c.Backups.List(ctx, server, client.BackupListOptions{})
		if err != nil || !slices.ContainsFunc(list.Items, func(b *client.Backup) bool { return b.Bytes == 0 }) {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
