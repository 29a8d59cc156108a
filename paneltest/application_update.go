package paneltest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ApplicationUpdateServerDetails implements the operation. What is left out is
// cleared.
func (a applicationAPI) ApplicationUpdateServerDetails(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "external_id", Rules: rulesExternalID, Checks: c.uniqueServer(s)},
			laravel.Field{Name: "name", Rules: rulesName, Label: "Server Name"},
			laravel.Field{Name: "user", Rules: "required|integer|exists", Label: "User ID", Checks: exists(&c.state.users)},
			laravel.Field{Name: "description", Rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		s.externalID, s.name = c.in.Optional("external_id"), c.in.Text("name")
		s.description, s.updated = nullable(c.in.Text("description")), time.Now()
		if owner := c.state.users.get(c.in.Integer("user")); owner != s.owner {
			c.revoke(s.owner, s)
			s.owner = owner
		}
		return c.answerServer(s)
	})
}

// buildFields are what a server's build is made of. The limits may stand in an
// object of their own, or beside it as they did of old.
func buildFields() []laravel.Field {
	optional := func(rules, instead string) string { return strings.Replace(rules, "required", instead, 1) }
	fields := []laravel.Field{
		{Name: "allocation", Rules: "required|integer"},
		{Name: "oom_disabled", Rules: "sometimes|boolean"},
		{Name: "limits", Rules: "sometimes|array"},
	}
	limits := []struct{ name, rules string }{
		{"memory", rulesMemory}, {"swap", rulesSwap}, {"io", rulesIO}, {"cpu", rulesCPU}, {"threads", rulesThreads}, {"disk", rulesDisk},
	}
	for _, l := range limits {
		fields = append(fields, laravel.Field{Name: "limits." + l.name, Rules: optional(l.rules, "required_with:limits")})
	}
	for _, l := range limits {
		fields = append(fields, laravel.Field{Name: l.name, Rules: optional(l.rules, "required_without:limits")})
	}
	fields = append(fields,
		laravel.Field{Name: "add_allocations", Rules: "bail|array", Label: "allocations to add"},
		laravel.Field{Name: "add_allocations.*", Rules: "integer", Label: "allocation to add"},
		laravel.Field{Name: "remove_allocations", Rules: "bail|array", Label: "allocations to remove"},
		laravel.Field{Name: "remove_allocations.*", Rules: "integer", Label: "allocation to remove"},
	)
	return append(fields, limitFields("Database Limit", "Allocation Limit", "Backup Limit")...)
}

// ApplicationUpdateServerBuild implements the operation.
func (a applicationAPI) ApplicationUpdateServerBuild(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		if err := c.in.Validate(buildFields()...); err != nil {
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
		if c.in.Has("oom_disabled") {
			s.limits.oomDisabled = c.in.Boolean("oom_disabled")
		}
		s.updated = time.Now()
		return c.answerServer(s)
	})
}

// rebuild works out the allocations that a server is to have. Those that are
// taken, or stand on other nodes, are passed over.
func (c *applicationCall) rebuild(s *server) (primary *allocation, assigned []*allocation, err error) {
	assigned = slices.Clone(s.allocations)
	wanted := c.in.Integer("allocation")
	var added *allocation
	for _, id := range c.in.Integers("add_allocations") {
		a := c.state.allocations.get(id)
		if a == nil || a.server != nil || a.node != s.node || slices.Contains(assigned, a) {
			continue
		}
		if added == nil {
			added = a
		}
		assigned = append(assigned, a)
	}
	for _, id := range c.in.Integers("remove_allocations") {
		if id == wanted {
			if added == nil {
				return nil, nil, laravel.Display("You are attempting to delete the default allocation for this server but there is no fallback allocation to use.")
			}
			wanted = added.id
		}
		assigned = slices.DeleteFunc(assigned, func(a *allocation) bool { return a.id == id && a.server == s })
	}
	i := slices.IndexFunc(assigned, func(a *allocation) bool { return a.id == wanted })
	if i < 0 {
		return nil, nil, laravel.Display("The requested default allocation was not found in this servers allocations.")
	}
	return assigned[i], assigned, nil
}

// ApplicationUpdateServerStartup implements the operation. An empty environment
// changes no values.
func (a applicationAPI) ApplicationUpdateServerStartup(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *applicationCall, s *server) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "startup", Rules: "required|string"},
			laravel.Field{Name: "environment", Rules: "present|array"},
			laravel.Field{Name: "egg", Rules: "required|exists", Checks: exists(&c.state.eggs)},
			laravel.Field{Name: "image", Rules: rulesImage},
			laravel.Field{Name: "skip_scripts", Rules: "present|boolean"},
		); err != nil {
			return nil, err
		}
		e := c.state.eggs.get(c.in.Integer("egg"))
		if len(c.in.List("environment")) > 0 {
			values, err := c.environment(e)
			if err != nil {
				return nil, err
			}
			s.values = values
		}
		s.egg, s.image, s.command, s.updated = e, c.in.Text("image"), c.in.Text("startup"), time.Now()
		return c.answerServer(s)
	})
}
