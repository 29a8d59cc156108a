package application

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ApplicationListAllocations implements the operation.
func (a API) ApplicationListAllocations(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightAllocations, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		exactly := func(name string, of func(*model.Allocation) string) laravel.Filter[*model.Allocation] {
			return laravel.FilterOn(name, func(a *model.Allocation, value string) bool { return of(a) == value })
		}
		allocations, err := laravel.FilterBy(c.Input, c.State.Allocations.Where(func(a *model.Allocation) bool { return a.Node == n }),
			exactly("ip", func(a *model.Allocation) string { return a.IP }),
			exactly("port", func(a *model.Allocation) string { return strconv.Itoa(a.Port) }),
			laravel.Partial("ip_alias", func(a *model.Allocation) string { return model.Deref(a.Alias) }),
			exactly("server_id", func(a *model.Allocation) string {
				if a.Server == nil {
					return "0"
				}
				return strconv.Itoa(a.Server.ID)
			}),
		)
		if err != nil {
			return nil, err
		}
		included := c.Input.Includes()
		return panel.Paginated(c.Call, allocations, applicationPages, func(a *model.Allocation) laravel.Object { return c.showAppAllocation(a, included) })
	})
}

// The ports that an allocation may have, and how many come at once.
const (
	maxPort       = 65535
	maxPortRange  = 1000
	minPrefixBits = 25
)

// ApplicationCreateAllocations implements the operation. Those that exist are
// passed over.
func (a API) ApplicationCreateAllocations(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightAllocations, byID(nodesOf, nodeID), func(c *call, n *model.Node) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "ip", Rules: "required|string"},
			laravel.Field{Name: "alias", Rules: "sometimes|nullable|string|max:191"},
			laravel.Field{Name: "ports", Rules: "required|array"},
			laravel.Field{Name: "ports.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		addresses, err := c.addresses(c.Input.Text("ip"))
		if err != nil {
			return nil, err
		}
		ports, err := c.portsOf(c.Input.Texts("ports"))
		if err != nil {
			return nil, err
		}
		taken := make(map[string]bool)
		for _, other := range c.State.Allocations.All() {
			if other.Node == n {
				taken[other.String()] = true
			}
		}
		for _, ip := range addresses {
			for _, port := range ports {
				made := &model.Allocation{Node: n, IP: ip, Port: port, Alias: c.Input.Optional("alias")}
				if taken[made.String()] {
					continue
				}
				taken[made.String()] = true
				made.ID = c.State.Allocations.Next()
				c.State.Allocations.Add(made.ID, made)
			}
		}
		return laravel.NoContent, nil
	})
}

// addresses are those of an address, of a range or of a name.
func (c *call) addresses(text string) ([]string, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		if prefix.Bits() < minPrefixBits || !prefix.Addr().Is4() {
			return nil, laravel.Refuse(http.StatusBadRequest, "CidrOutOfRangeException", "CIDR notation only allows masks between /25 and /32.")
		}
		var all []string
		for ip := prefix.Masked().Addr(); prefix.Contains(ip); ip = ip.Next() {
			all = append(all, ip.String())
		}
		return all, nil
	}
	if ip, err := netip.ParseAddr(text); err == nil {
		return []string{ip.String()}, nil
	}
	if !strings.ContainsAny(text, " /:") {
		var found []net.IP
		c.Unlocked(func() { found, _ = net.DefaultResolver.LookupIP(c.Request.Context(), "ip4", text) })
		if len(found) > 0 {
			return []string{found[0].String()}, nil
		}
	}
	return nil, laravel.Display("Could not parse provided allocation IP address (" + text + "): Invalid IP address format")
}

// portsOf reads ports and ranges of them.
func (c *call) portsOf(texts []string) ([]int, error) {
	var ports []int
	for _, text := range texts {
		first, last, isRange := strings.Cut(text, "-")
		from, err := strconv.Atoi(first)
		to := from
		if err == nil && isRange {
			to, err = strconv.Atoi(last)
		}
		switch {
		case err != nil:
			return nil, laravel.Refuse(http.StatusBadRequest, "InvalidPortMappingException",
				"The mapping provided for "+text+" was invalid and could not be processed.")
		case isRange && to-from >= maxPortRange:
			return nil, laravel.Refuse(http.StatusBadRequest, "TooManyPortsInRangeException",
				"Adding more than 1000 ports in a single range at once is not supported.")
		case from < c.Traits.MinPort || to > maxPort:
			least := "greater than 1024"
			if c.Traits.MinPort == 1024 {
				least = "greater than or equal to 1024"
			}
			return nil, laravel.Refuse(http.StatusBadRequest, "PortOutOfRangeException",
				"Ports in an allocation must be "+least+" and less than or equal to 65535.")
		}
		for port := from; port <= to; port++ {
			ports = append(ports, port)
		}
	}
	return ports, nil
}

// ApplicationDeleteAllocation implements the operation.
func (a API) ApplicationDeleteAllocation(w http.ResponseWriter, r *http.Request, nodeID, allocationID int) {
	find := func(s *model.State) *model.Allocation {
		if found := allocationsOf(s).Get(allocationID); found != nil && found.Node.ID == nodeID {
			return found
		}
		return nil
	}
	on(a, w, r, rightAllocations, find, func(c *call, found *model.Allocation) (*laravel.Answer, error) {
		if found.Server != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "ServerUsingAllocationException",
				"A server is currently assigned to this allocation. An allocation can only be deleted if no server is currently assigned.")
		}
		c.State.Allocations.Remove(found.ID)
		return laravel.NoContent, nil
	})
}
