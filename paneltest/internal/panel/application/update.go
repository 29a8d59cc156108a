package application

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ApplicationUpdateServerDetails implements the operation. What is left out is
// cleared.
func (a API) ApplicationUpdateServerDetails(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "external_id", Rules: rulesExternalID, Checks: c.uniqueServer(s)},
			laravel.Field{Name: "name", Rules: rulesName, Label: "Server Name"},
			laravel.Field{Name: "user", Rules: "required|integer|exists", Label: "User ID", Checks: exists(&c.State.Users)},
			laravel.Field{Name: "description", Rules: "nullable|string"},
		); err != nil {
			return nil, err
		}
		s.ExternalID, s.Name = c.Input.Optional("external_id"), c.Input.Text("name")
		s.Description, s.Updated = model.Nullable(c.Input.Text("description")), time.Now()
		if owner := c.State.Users.Get(c.Input.Integer("user")); owner != s.Owner {
			c.Revoke(s.Owner, s)
			s.Owner = owner
		}
		return c.answerServer(s)
	})
}

// buildFields are what a server's build is made of. The limits may stand in an
// object of their own, or beside it as they did of old, but not in Pelican.
func (c *call) buildFields() []laravel.Field {
	optional := func(rules, instead string) string { return strings.Replace(rules, "required", instead, 1) }
	fields := []laravel.Field{
		{Name: "allocation", Rules: "required|integer"},
		{Name: c.oomField(), Rules: "sometimes|boolean"},
		{Name: "limits", Rules: "sometimes|array"},
	}
	limits := []struct{ name, rules string }{
		{"memory", rulesMemory}, {"swap", rulesSwap}, {"io", rulesIO}, {"cpu", rulesCPU}, {"threads", rulesThreads}, {"disk", rulesDisk},
	}
	for _, l := range limits {
		fields = append(fields, laravel.Field{Name: "limits." + l.name, Rules: optional(l.rules, "required_with:limits")})
	}
	for _, l := range limits {
		if c.Traits.OOMKiller {
			break
		}
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
func (a API) ApplicationUpdateServerBuild(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.buildFields()...); err != nil {
			return nil, err
		}
		primary, assigned, err := c.rebuild(s)
		if err != nil {
			return nil, err
		}
		for _, a := range slices.Clone(s.Allocations) {
			if !slices.Contains(assigned, a) {
				s.Release(a)
			}
		}
		for _, a := range assigned {
			if a.Server == nil {
				s.Assign(a)
			}
		}
		s.Allocation = primary
		if !c.Traits.OOMKiller {
			c.readLimits(s, "")
		}
		c.readLimits(s, "limits.")
		c.readFeatureLimits(s)
		c.readOOM(s)
		s.Updated = time.Now()
		return c.answerServer(s)
	})
}

// rebuild works out the allocations that a server is to have. Those that are
// taken, or stand on other nodes, are passed over.
func (c *call) rebuild(s *model.Server) (primary *model.Allocation, assigned []*model.Allocation, err error) {
	assigned = slices.Clone(s.Allocations)
	wanted := c.Input.Integer("allocation")
	var added *model.Allocation
	for _, id := range c.Input.Integers("add_allocations") {
		a := c.State.Allocations.Get(id)
		if a == nil || a.Server != nil || a.Node != s.Node || slices.Contains(assigned, a) {
			continue
		}
		if added == nil {
			added = a
		}
		assigned = append(assigned, a)
	}
	for _, id := range c.Input.Integers("remove_allocations") {
		if id == wanted {
			if added == nil {
				return nil, nil, laravel.Display("You are attempting to delete the default allocation for this server but there is no fallback allocation to use.")
			}
			wanted = added.ID
		}
		assigned = slices.DeleteFunc(assigned, func(a *model.Allocation) bool { return a.ID == id && a.Server == s })
	}
	i := slices.IndexFunc(assigned, func(a *model.Allocation) bool { return a.ID == wanted })
	if i < 0 {
		return nil, nil, laravel.Display("The requested default allocation was not found in this servers allocations.")
	}
	return assigned[i], assigned, nil
}

// ApplicationUpdateServerStartup implements the operation. An empty environment
// changes no values.
func (a API) ApplicationUpdateServerStartup(w http.ResponseWriter, r *http.Request, serverID int) {
	on(a, w, r, rightServers, byID(serversOf, serverID), func(c *call, s *model.Server) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "startup", Rules: c.orEgg("required|string")},
			laravel.Field{Name: "environment", Rules: "present|array"},
			laravel.Field{Name: "egg", Rules: "required|exists", Checks: exists(&c.State.Eggs)},
			laravel.Field{Name: "image", Rules: c.orEgg(rulesImage)},
			laravel.Field{Name: "skip_scripts", Rules: "present|boolean"},
		); err != nil {
			return nil, err
		}
		e := c.State.Eggs.Get(c.Input.Integer("egg"))
		if len(c.Input.List("environment")) > 0 {
			values, err := c.environment(e)
			if err != nil {
				return nil, err
			}
			s.Values = values
		}
		s.Egg, s.Updated = e, time.Now()
		s.Image, s.Command = cmp.Or(c.Input.Text("image"), s.Image), cmp.Or(c.Input.Text("startup"), s.Command)
		return c.answerServer(s)
	})
}
