package paneltest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// ApplicationUpdateServerDetails implements the operation. What is left out is
// cleared.
func (a applicationAPI) ApplicationUpdateServerDetails(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		if err := c.in.validate(
			field{name: "external_id", rules: rulesExternalID, checks: c.p.uniqueServer(s)},
			field{name: "name", rules: rulesName, label: "Server Name"},
			field{name: "user", rules: "required|integer|exists", label: "User ID", checks: exists(&c.p.state.users)},
			field{name: "description", rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		s.externalID, s.name = c.in.optional("external_id"), c.in.text("name")
		s.description, s.updated = some(c.in.text("description")), time.Now()
		if owner := c.p.state.users.get(c.in.integer("user")); owner != s.owner {
			c.p.revoke(s.owner, s)
			s.owner = owner
		}
		return c.answerServer(s)
	})
}

// buildFields are what a server's build is made of. The limits may stand in an
// object of their own, or beside it as they did of old.
func buildFields() []field {
	optional := func(rules, instead string) string { return strings.Replace(rules, "required", instead, 1) }
	fields := []field{
		{name: "allocation", rules: "required|integer"},
		{name: "oom_disabled", rules: "sometimes|boolean"},
		{name: "limits", rules: "sometimes|array"},
	}
	limits := []struct{ name, rules string }{
		{"memory", rulesMemory}, {"swap", rulesSwap}, {"io", rulesIO}, {"cpu", rulesCPU}, {"threads", rulesThreads}, {"disk", rulesDisk},
	}
	for _, l := range limits {
		fields = append(fields, field{name: "limits." + l.name, rules: optional(l.rules, "required_with:limits")})
	}
	for _, l := range limits {
		fields = append(fields, field{name: l.name, rules: optional(l.rules, "required_without:limits")})
	}
	fields = append(fields,
		field{name: "add_allocations", rules: "bail|array", label: "allocations to add"},
		field{name: "add_allocations.*", rules: "integer", label: "allocation to add"},
		field{name: "remove_allocations", rules: "bail|array", label: "allocations to remove"},
		field{name: "remove_allocations.*", rules: "integer", label: "allocation to remove"},
	)
	return append(fields, limitFields("Database Limit", "Allocation Limit", "Backup Limit")...)
}

// ApplicationUpdateServerBuild implements the operation.
func (a applicationAPI) ApplicationUpdateServerBuild(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		if err := c.in.validate(buildFields()...); err != nil {
			return nil, err
		}
		primary, assigned, err := c.rebuild(s)
		if err != nil {
			return nil, err
		}
		for _, a := range slices.Clone(s.allocations) {
			if !slices.Contains(assigned, a) {
				s.release(a)
			}
		}
		for _, a := range assigned {
			if a.server == nil {
				s.assign(a)
			}
		}
		s.allocation = primary
		c.readLimits(s, "")
		c.readLimits(s, "limits.")
		c.readFeatureLimits(s)
		if c.in.has("oom_disabled") {
			s.limits.oomDisabled = c.in.boolean("oom_disabled")
		}
		s.updated = time.Now()
		return c.answerServer(s)
	})
}

// rebuild works out the allocations that a server is to have. Those that are
// taken, or stand on other nodes, are passed over.
func (c *call) rebuild(s *server) (primary *allocation, assigned []*allocation, err error) {
	assigned = slices.Clone(s.allocations)
	wanted := c.in.integer("allocation")
	var added *allocation
	for _, id := range c.in.integers("add_allocations") {
		a := c.p.state.allocations.get(id)
		if a == nil || a.server != nil || a.node != s.node || slices.Contains(assigned, a) {
			continue
		}
		if added == nil {
			added = a
		}
		assigned = append(assigned, a)
	}
	for _, id := range c.in.integers("remove_allocations") {
		if id == wanted {
			if added == nil {
				return nil, nil, display("You are attempting to delete the default allocation for this server but there is no fallback allocation to use.")
			}
			wanted = added.id
		}
		assigned = slices.DeleteFunc(assigned, func(a *allocation) bool { return a.id == id && a.server == s })
	}
	i := slices.IndexFunc(assigned, func(a *allocation) bool { return a.id == wanted })
	if i < 0 {
		return nil, nil, display("The requested default allocation was not found in this servers allocations.")
	}
	return assigned[i], assigned, nil
}

// ApplicationUpdateServerStartup implements the operation. An empty environment
// changes no values.
func (a applicationAPI) ApplicationUpdateServerStartup(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *server) (*answer, error) {
		if err := c.in.validate(
			field{name: "startup", rules: "required|string"},
			field{name: "environment", rules: "present|array"},
			field{name: "egg", rules: "required|exists", checks: exists(&c.p.state.eggs)},
			field{name: "image", rules: rulesImage},
			field{name: "skip_scripts", rules: "present|boolean"},
		); err != nil {
			return nil, err
		}
		e := c.p.state.eggs.get(c.in.integer("egg"))
		if len(c.in.list("environment")) > 0 {
			values, err := c.environment(e)
			if err != nil {
				return nil, err
			}
			s.values = values
		}
		s.egg, s.image, s.command, s.updated = e, c.in.text("image"), c.in.text("startup"), time.Now()
		return c.answerServer(s)
	})
}
