package paneltest

import (
	"errors"
	"maps"
	"slices"

	"github.com/ptero-go/ptero/paneltest/internal/network"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/wings"
)

// runningNode is the Wings of a node, and the host that serves it.
type runningNode struct {
	*wings.Daemon
	host *network.Host
}

// Close implements [protocol.Daemon].
func (w *runningNode) Close() {
	w.Daemon.Close()
	w.host.Close()
}

// errClosed is for methods of a Panel that is closed.
var errClosed = errors.New("paneltest: the Panel is closed")

// wingsOf is the Wings of a release.
var wingsOf = map[panel.Version]wings.Version{
	panel.Version1120: wings.Version1120, panel.Version1123: wings.Version1123, panel.Pelican: wings.Pelican,
}

// startNode starts Wings on a node, and gives the node its address.
func (p *Panel) startNode(n *model.Node) error {
	address, err := p.nodeListenAddress(n)
	if err != nil {
		return err
	}
	host, err := p.network.Listen(address)
	if err != nil {
		return err
	}
	name, port, err := p.nodeHost(host.Address)
	if err != nil {
		return err
	}
	version := p.cfg.version
	if p.cfg.wings != nil {
		version = *p.cfg.wings
	}
	w := &runningNode{host: host, Daemon: wings.New(wings.Config{
		PanelURL: p.URL, AllowOrigins: p.cfg.allowOrigins, TokenID: n.TokenID, Token: n.Token,
		Version: wingsOf[version], UploadLimit: int64(n.UploadSize) << 20, FilesDir: p.cfg.filesDir,
		Seed:   p.cfg.chance + uint64(n.ID), //nolint:gosec // ids are above 0
		Remote: p.core.Remote(n), Observer: &p.consoles, Transport: p.client.Transport,
	})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		w.Close()
		return errClosed
	}
	p.nodes[n.ID] = w
	n.Scheme, n.FQDN, n.Listen, n.Connect, n.Daemon = "http", name, port, port, w
	host.Serve(p.faulty(w.Daemon))
	return nil
}

func (p *Panel) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// node returns the Wings of a node, nil if it never had any.
func (p *Panel) node(id int) *runningNode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.nodes[id]
}

// eachNode does something to the Wings of all nodes.
func (p *Panel) eachNode(do func(*wings.Daemon)) {
	p.mu.Lock()
	nodes := slices.Collect(maps.Values(p.nodes))
	p.mu.Unlock()
	for _, n := range nodes {
		do(n.Daemon)
	}
}
