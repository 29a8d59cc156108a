package client

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ClientListAllocations implements the operation.
func (a API) ClientListAllocations(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "allocation.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.Allocations, func(a *model.Allocation) laravel.Object { return showAllocation(c.server, a) })), nil
	})
}

// ClientCreateAllocation implements the operation.
func (a API) ClientCreateAllocation(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "allocation.create", func(c *serverCall) (*laravel.Answer, error) {
		limit := c.server.AllocationLimit
		if limit == nil || len(c.server.Allocations) >= *limit {
			return nil, laravel.Display("Cannot assign additional allocations to this server: limit has been reached.")
		}
		if !c.State.Settings.AutoAllocation {
			return nil, laravel.Refuse(http.StatusBadRequest, "AutoAllocationNotEnabledException",
				"Server auto-allocation is not enabled for this instance.")
		}
		found, err := c.freeAllocation()
		if err != nil {
			return nil, err
		}
		c.server.Assign(found)
		c.note("server:allocation.create", model.With("allocation", found.String()))
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// freeAllocation finds a free port on the server's address, or makes one.
func (c *serverCall) freeAllocation() (*model.Allocation, error) {
	set, ip := c.State.Settings, c.server.Allocation.IP
	taken := make(map[int]bool)
	inRange := func(port int) bool {
		return set.PortStart == 0 || port >= set.PortStart && port <= set.PortEnd
	}
	var free []*model.Allocation
	for _, a := range c.State.Allocations.All() {
		if a.Node != c.server.Node || a.IP != ip {
			continue
		}
		taken[a.Port] = true
		if a.Server == nil && inRange(a.Port) {
			free = append(free, a)
		}
	}
	if len(free) > 0 {
		return free[0], nil // the Panel throws dice
	}
	for port := set.PortStart; port > 0 && port <= set.PortEnd; port++ {
		if !taken[port] {
			made := &model.Allocation{ID: c.State.Allocations.Next(), Node: c.server.Node, IP: ip, Port: port}
			c.State.Allocations.Add(made.ID, made)
			return made, nil
		}
	}
	return nil, laravel.Refuse(http.StatusBadRequest, "NoAutoAllocationSpaceAvailableException",
		"Cannot assign additional allocation: no more space available on node.")
}

// onAllocation is onServer for an operation on an allocation.
func (a API) onAllocation(w http.ResponseWriter, r *http.Request, id string, number int, permission string, handle func(*serverCall, *model.Allocation) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		found := c.State.Allocations.Get(number)
		if found == nil || found.Server != c.server {
			return nil, c.NotFound(found != nil)
		}
		return handle(c, found)
	})
}

// maxStoredNote is what the column of the note holds; the rule allows more.
const maxStoredNote = 191

// ClientUpdateAllocation implements the operation.
func (a API) ClientUpdateAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.update", func(c *serverCall, found *model.Allocation) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "notes", Rules: "present|nullable|string|max:256"}); err != nil {
			return nil, err
		}
		note := c.Input.Optional("notes")
		if note != nil && len([]rune(*note)) > maxStoredNote {
			return nil, laravel.Crashed("QueryException")
		}
		if model.Deref(found.Notes) != model.Deref(note) {
			c.note("server:allocation.notes", model.With("allocation", found.String()),
				model.With("old", laravel.ValueOf(found.Notes)), model.With("new", laravel.ValueOf(note)))
		}
		found.Notes = note
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// ClientSetPrimaryAllocation implements the operation.
func (a API) ClientSetPrimaryAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.update", func(c *serverCall, found *model.Allocation) (*laravel.Answer, error) {
		c.server.Allocation = found
		c.note("server:allocation.primary", model.With("allocation", found.String()))
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// ClientDeleteAllocation implements the operation.
func (a API) ClientDeleteAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.delete", func(c *serverCall, found *model.Allocation) (*laravel.Answer, error) {
		if limit := c.server.AllocationLimit; limit == nil || *limit == 0 {
			return nil, laravel.Display("You cannot delete allocations for this server: no allocation limit is set.")
		}
		if found == c.server.Allocation && !c.Traits.LosesPrimary {
			return nil, laravel.Display("You cannot delete the primary allocation for this server.")
		}
		c.server.Release(found)
		c.note("server:allocation.delete", model.With("allocation", found.String()))
		return laravel.NoContent, nil
	})
}
