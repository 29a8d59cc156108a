package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ClientListAllocations implements the operation.
func (a clientAPI) ClientListAllocations(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "allocation.read", func(c *serverCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.server.allocations, func(a *allocation) laravel.Object { return showAllocation(c.server, a) })), nil
	})
}

// ClientCreateAllocation implements the operation.
func (a clientAPI) ClientCreateAllocation(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "allocation.create", func(c *serverCall) (*laravel.Answer, error) {
		limit := c.server.allocationLimit
		if limit == nil || len(c.server.allocations) >= *limit {
			return nil, laravel.Display("Cannot assign additional allocations to this server: limit has been reached.")
		}
		if !c.state.settings.autoAllocation {
			return nil, laravel.Refuse(http.StatusBadRequest, "AutoAllocationNotEnabledException",
				"Server auto-allocation is not enabled for this instance.")
		}
		found, err := c.freeAllocation()
		if err != nil {
			return nil, err
		}
		c.server.assign(found)
		c.note("server:allocation.create", with("allocation", found.String()))
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// freeAllocation finds a free port on the server's address, or makes one.
func (c *serverCall) freeAllocation() (*allocation, error) {
	set, ip := c.state.settings, c.server.allocation.ip
	taken := make(map[int]bool)
	inRange := func(port int) bool {
		return set.portStart == 0 || port >= set.portStart && port <= set.portEnd
	}
	var free []*allocation
	for _, a := range c.state.allocations.all() {
		if a.node != c.server.node || a.ip != ip {
			continue
		}
		taken[a.port] = true
		if a.server == nil && inRange(a.port) {
			free = append(free, a)
		}
	}
	if len(free) > 0 {
		return free[0], nil // the Panel throws dice
	}
	for port := set.portStart; port > 0 && port <= set.portEnd; port++ {
		if !taken[port] {
			made := &allocation{id: c.state.allocations.next(), node: c.server.node, ip: ip, port: port}
			c.state.allocations.add(made.id, made)
			return made, nil
		}
	}
	return nil, laravel.Refuse(http.StatusBadRequest, "NoAutoAllocationSpaceAvailableException",
		"Cannot assign additional allocation: no more space available on node.")
}

// onAllocation is onServer for an operation on an allocation.
func (a clientAPI) onAllocation(w http.ResponseWriter, r *http.Request, id string, number int, permission string, handle func(*serverCall, *allocation) (*laravel.Answer, error)) {
	a.onServer(w, r, id, permission, func(c *serverCall) (*laravel.Answer, error) {
		found := c.state.allocations.get(number)
		if found == nil || found.server != c.server {
			return nil, laravel.ErrNotFound
		}
		return handle(c, found)
	})
}

// maxStoredNote is what the column of the note holds; the rule allows more.
const maxStoredNote = 191

// ClientUpdateAllocation implements the operation.
func (a clientAPI) ClientUpdateAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.update", func(c *serverCall, found *allocation) (*laravel.Answer, error) {
		if err := c.in.Validate(laravel.Field{Name: "notes", Rules: "present|nullable|string|max:256"}); err != nil {
			return nil, err
		}
		note := c.in.Optional("notes")
		if note != nil && len([]rune(*note)) > maxStoredNote {
			return nil, laravel.Crashed("QueryException")
		}
		if deref(found.notes) != deref(note) {
			c.note("server:allocation.notes", with("allocation", found.String()),
				with("old", laravel.ValueOf(found.notes)), with("new", laravel.ValueOf(note)))
		}
		found.notes = note
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// ClientSetPrimaryAllocation implements the operation.
func (a clientAPI) ClientSetPrimaryAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.update", func(c *serverCall, found *allocation) (*laravel.Answer, error) {
		c.server.allocation = found
		c.note("server:allocation.primary", with("allocation", found.String()))
		return laravel.OK(showAllocation(c.server, found)), nil
	})
}

// ClientDeleteAllocation implements the operation.
func (a clientAPI) ClientDeleteAllocation(w http.ResponseWriter, r *http.Request, id string, allocationID int) {
	a.onAllocation(w, r, id, allocationID, "allocation.delete", func(c *serverCall, found *allocation) (*laravel.Answer, error) {
		if limit := c.server.allocationLimit; limit == nil || *limit == 0 {
			return nil, laravel.Display("You cannot delete allocations for this server: no allocation limit is set.")
		}
		if found == c.server.allocation {
			return nil, laravel.Display("You cannot delete the primary allocation for this server.")
		}
		c.server.release(found)
		c.note("server:allocation.delete", with("allocation", found.String()))
		return laravel.NoContent, nil
	})
}
