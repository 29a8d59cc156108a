package paneltest

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ApplicationListAllocations implements the operation.
func (a applicationAPI) ApplicationListAllocations(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightAllocations, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		exactly := func(name string, of func(*allocation) string) laravel.Filter[*allocation] {
			return laravel.FilterOn(name, func(a *allocation, value string) bool { return of(a) == value })
		}
		allocations, err := laravel.FilterBy(c.in, c.state.allocations.where(func(a *allocation) bool { return a.node == n }),
			exactly("ip", func(a *allocation) string { return a.ip }),
			exactly("port", func(a *allocation) string { return strconv.Itoa(a.port) }),
			laravel.Partial("ip_alias", func(a *allocation) string { return deref(a.alias) }),
			exactly("server_id", func(a *allocation) string {
				if a.server == nil {
					return "0"
				}
				return strconv.Itoa(a.server.id)
			}),
		)
		if err != nil {
			return nil, err
		}
		included := c.in.Includes()
		return paginated(c.call, allocations, applicationPages, func(a *allocation) laravel.Object { return c.showAppAllocation(a, included) })
	})
}

// The ports that an allocation may have, and how many come at once.
const (
	minPort       = 1024
	maxPort       = 65535
	maxPortRange  = 1000
	minPrefixBits = 25
)

// ApplicationCreateAllocations implements the operation. Those that exist are
// passed over.
func (a applicationAPI) ApplicationCreateAllocations(w http.ResponseWriter, r *http.Request, nodeID int) {
	on(a, w, r, rightAllocations, byID(nodesOf, nodeID), func(c *applicationCall, n *node) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "ip", Rules: "required|string"},
			laravel.Field{Name: "alias", Rules: "sometimes|nullable|string|max:191"},
			laravel.Field{Name: "ports", Rules: "required|array"},
			laravel.Field{Name: "ports.*", Rules: "string"},
		); err != nil {
			return nil, err
		}
		addresses, err := c.addresses(c.in.Text("ip"))
		if err != nil {
			return nil, err
		}
		ports, err := portsOf(c.in.Texts("ports"))
		if err != nil {
			return nil, err
		}
		taken := make(map[string]bool)
		for _, other := range c.state.allocations.all() {
			if other.node == n {
				taken[other.String()] = true
			}
		}
		for _, ip := range addresses {
			for _, port := range ports {
				made := &allocation{node: n, ip: ip, port: port, alias: c.in.Optional("alias")}
				if taken[made.String()] {
					continue
				}
				taken[made.String()] = true
				made.id = c.state.allocations.next()
				c.state.allocations.add(made.id, made)
			}
		}
		return laravel.NoContent, nil
	})
}

// addresses are those of an address, of a range or of a name.
func (c *applicationCall) addresses(text string) ([]string, error) {
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
		c.unlocked(func() { found, _ = net.DefaultResolver.LookupIP(c.r.Context(), "ip4", text) })
		if len(found) > 0 {
			return []string{found[0].String()}, nil
		}
	}
	return nil, laravel.Display("Could not parse provided allocation IP address (" + text + "): Invalid IP address format")
}

// portsOf reads ports and ranges of them.
func portsOf(texts []string) ([]int, error) {
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
		case from <= minPort || to > maxPort:
			return nil, laravel.Refuse(http.StatusBadRequest, "PortOutOfRangeException",
				"Ports in an allocation must be greater than 1024 and less than or equal to 65535.")
		}
		for port := from; port <= to; port++ {
			ports = append(ports, port)
		}
	}
	return ports, nil
}

// ApplicationDeleteAllocation implements the operation.
func (a applicationAPI) ApplicationDeleteAllocation(w http.ResponseWriter, r *http.Request, nodeID, allocationID int) {
	find := func(s *state) *allocation {
		if found := allocationsOf(s).get(allocationID); found != nil && found.node.id == nodeID {
			return found
		}
		return nil
	}
	on(a, w, r, rightAllocations, find, func(c *applicationCall, found *allocation) (*laravel.Answer, error) {
		if found.server != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "ServerUsingAllocationException",
				"A server is currently assigned to this allocation. An allocation can only be deleted if no server is currently assigned.")
		}
		c.state.allocations.remove(found.id)
		return laravel.NoContent, nil
	})
}
