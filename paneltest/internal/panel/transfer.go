package panel

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Transfer moves a server to another node, in no time. It takes its files and
// backups along, and gets a free allocation there. Its game is stopped.
func (p *Panel) Transfer(s *model.Server, to *model.Node) error {
	switch {
	case s.Node == to:
		return errors.New("the server is on that node")
	case !s.Node.Up() || !to.Up():
		return errors.New("both nodes must be up")
	}
	free := p.State.Allocations.Where(func(a *model.Allocation) bool { return a.Node == to && a.Server == nil })
	if len(free) == 0 {
		return fmt.Errorf("node %d has no free allocation", to.ID)
	}
	return p.move(s, to, free[:1])
}

// How long a transfer takes, to a node that answers and to one that does not.
const (
	transferTime    = time.Second
	transferRefusal = 10 * time.Millisecond
)

// BeginTransfer begins to move a server to allocations of another node, the
// primary one first. It fails if that node is not up then.
func (p *Panel) BeginTransfer(s *model.Server, to *model.Node, allocations []*model.Allocation) {
	s.Transferring, s.Incoming = true, allocations
	for _, a := range allocations {
		s.Assign(a)
	}
	takes := transferTime
	if !to.Up() {
		takes = transferRefusal
	}
	s.Transfer = time.AfterFunc(takes, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed || !s.Transferring {
			return
		}
		p.EndTransfer(s)
		if p.State.Servers.Get(s.ID) == s && s.Node.Up() && to.Up() {
			_ = p.move(s, to, allocations) // else it stays where it is
		}
	})
}

// EndTransfer ends a transfer that is under way.
func (p *Panel) EndTransfer(s *model.Server) {
	if s.Transfer != nil {
		s.Transfer.Stop()
	}
	s.Transferring = false
	for _, a := range s.Incoming {
		if a.Server == s { // else the server was deleted
			s.Release(a)
		}
	}
	s.Incoming = nil
}

// move moves a server, to allocations that are free.
func (p *Panel) move(s *model.Server, to *model.Node, allocations []*model.Allocation) error {
	if slices.ContainsFunc(allocations, func(a *model.Allocation) bool { return a.Server != nil }) {
		return errors.New("the allocations are taken")
	}
	files := make(map[string]string)
	if err := readFiles(p.OnNode(s).Files(), "/", files); err != nil {
		return err
	}
	s.Node.Daemon.Leave(s.UUID)
	for _, a := range slices.Clone(s.Allocations) {
		s.Release(a)
	}
	for _, a := range allocations {
		s.Assign(a)
	}
	s.Node, s.Allocation, s.Files, s.Running, s.Stats = to, allocations[0], files, false, nil
	p.OnNode(s)
	return nil
}

// readFiles reads all files of a folder.
func readFiles(from protocol.Files, folder string, into map[string]string) error {
	entries, err := from.List(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := path.Join(folder, entry.Name)
		if entry.IsSymlink {
			continue // they may lead round in a circle
		}
		if !entry.IsFile {
			if err := readFiles(from, name, into); err != nil {
				return err
			}
			continue
		}
		content, err := from.Read(name)
		if err != nil {
			return err
		}
		into[name] = string(content)
	}
	return nil
}
