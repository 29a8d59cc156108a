package panel

import (
	"errors"
	"fmt"
	"path"
	"slices"

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
	files := make(map[string]string)
	if err := readFiles(p.OnNode(s).Files(), "/", files); err != nil {
		return err
	}
	s.Node.Daemon.Leave(s.UUID)
	for _, a := range slices.Clone(s.Allocations) {
		s.Release(a)
	}
	s.Assign(free[0])
	s.Node, s.Allocation, s.Files, s.Running, s.Stats = to, free[0], files, false, nil
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
