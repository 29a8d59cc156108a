package application

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// notAcceptable is the answer to a transfer that cannot be, or that is none.
var notAcceptable = &laravel.Answer{Status: http.StatusNotAcceptable}

// ApplicationTransferServer implements the operation of Pelican.
func (a API) ApplicationTransferServer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if s.Transferring {
			return nil, c.Conflict(s)
		}
		if err := c.Input.Validate(
			laravel.Field{Name: "node_id", Rules: "required|integer|exists", Checks: exists(&c.State.Nodes)},
			laravel.Field{Name: "allocation_id", Rules: "required|integer|exists", Checks: exists(&c.State.Allocations)},
			laravel.Field{Name: "allocation_additional", Rules: "nullable|array"},
			laravel.Field{Name: "allocation_additional.*", Rules: "integer|exists", Checks: exists(&c.State.Allocations)},
		); err != nil {
			return nil, err
		}
		to := c.State.Nodes.Get(c.Input.Integer("node_id"))
		var allocations []*model.Allocation
		for _, id := range append([]int{c.Input.Integer("allocation_id")}, c.Input.Integers("allocation_additional")...) {
			found := c.State.Allocations.Get(id)
			if found.Node != to || found.Server != nil {
				return notAcceptable, nil
			}
			allocations = append(allocations, found)
		}
		if to == s.Node || !c.State.HasRoom(to, model.Room{Memory: s.Limits.Memory, Disk: s.Limits.Disk, CPU: s.Limits.CPU}) {
			return notAcceptable, nil
		}
		if !s.Node.Up() {
			return nil, c.NodeDown()
		}
		c.BeginTransfer(s, to, allocations)
		return laravel.NoContent, nil
	})
}

// ApplicationCancelServerTransfer implements the operation of Pelican.
func (a API) ApplicationCancelServerTransfer(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		switch {
		case !s.Transferring:
			return notAcceptable, nil
		case !s.Node.Up():
			return nil, c.NodeDown()
		}
		c.EndTransfer(s)
		return laravel.NoContent, nil
	})
}
