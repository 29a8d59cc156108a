package application

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// The rules for what a server is made of, by the names of its columns.
const (
	rulesExternalID = "sometimes|nullable|string|between:1,191|unique"
	rulesName       = "required|string|min:1|max:191"
	rulesMemory     = "required|numeric|min:0"
	rulesSwap       = "required|numeric|min:-1"
	rulesIO         = "required|numeric|between:10,1000"
	rulesCPU        = "required|numeric|min:0"
	rulesDisk       = "required|numeric|min:0"
	rulesThreads    = "nullable|regex:/^[0-9-,]+$/"
	rulesImage      = `required|string|max:191|regex:/^~?[\w\.\/\-:@ ]*$/`
)

// exists checks that there is a row with an id.
func exists[T any](t *model.Table[T]) map[string]func(any) bool {
	return map[string]func(any) bool{"exists": func(value any) bool {
		id, _ := laravel.IntegerOf(value)
		return t.Get(id) != nil
	}}
}

// uniqueServer checks that no other server has an external id.
func (c *call) uniqueServer(except *model.Server) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		return c.State.Servers.First(func(s *model.Server) bool { return s != except && model.Deref(s.ExternalID) == laravel.TextOf(value) }) == nil
	}}
}

// limitFields are what the features of a server are limited by.
func limitFields(databases, allocations, backups string) []laravel.Field {
	return []laravel.Field{
		{Name: "feature_limits", Rules: "required|array"},
		{Name: "feature_limits.databases", Rules: "present|nullable|integer|min:0", Label: databases},
		{Name: "feature_limits.allocations", Rules: "sometimes|nullable|integer|min:0", Label: allocations},
		{Name: "feature_limits.backups", Rules: "present|nullable|integer|min:0", Label: backups},
	}
}

// createFields are what a new server is made of.
func (c *call) createFields() []laravel.Field {
	free := map[string]func(any) bool{"exists": func(value any) bool {
		id, _ := laravel.IntegerOf(value)
		a := c.State.Allocations.Get(id)
		return a != nil && a.Server == nil
	}}
	fields := slices.Concat([]laravel.Field{
		{Name: "external_id", Rules: rulesExternalID, Checks: c.uniqueServer(nil)},
		{Name: "name", Rules: rulesName},
		{Name: "description", Rules: "nullable|string"},
		{Name: "user", Rules: "required|integer|exists", Checks: exists(&c.State.Users)},
		{Name: "egg", Rules: "required|exists", Checks: exists(&c.State.Eggs)},
		{Name: "docker_image", Rules: c.orEgg(rulesImage)},
		{Name: "startup", Rules: c.orEgg("required|string")},
		{Name: "environment", Rules: "present|array"},
		{Name: "skip_scripts", Rules: "sometimes|boolean"},
		{Name: c.oomField(), Rules: "sometimes|boolean"},
		{Name: "limits", Rules: "required|array"},
		{Name: "limits.memory", Rules: rulesMemory},
		{Name: "limits.swap", Rules: rulesSwap},
		{Name: "limits.disk", Rules: rulesDisk},
		{Name: "limits.io", Rules: rulesIO},
		{Name: "limits.threads", Rules: rulesThreads},
		{Name: "limits.cpu", Rules: rulesCPU},
	}, limitFields("", "", ""))
	where, entries := laravel.Field{Name: "deploy.locations", Rules: "array|present"}, laravel.Field{Name: "deploy.locations.*", Rules: "integer|min:1"}
	if c.Traits.Tags {
		where, entries = laravel.Field{Name: "deploy.tags", Rules: "array|present"}, laravel.Field{Name: "deploy.tags.*", Rules: "string"}
	}
	if laravel.IsGiven(c.Input["deploy"]) {
		return append(fields,
			laravel.Field{Name: "deploy", Rules: "sometimes|required|array"},
			where, entries,
			laravel.Field{Name: "deploy.dedicated_ip", Rules: "required_with:deploy"},
			laravel.Field{Name: "deploy.port_range", Rules: "array|present"},
			laravel.Field{Name: "deploy.port_range.*", Rules: "string"},
			laravel.Field{Name: "start_on_completion", Rules: "sometimes|boolean"},
		)
	}
	return append(fields,
		laravel.Field{Name: "allocation.default", Rules: "required|integer|bail|exists", Checks: free},
		laravel.Field{Name: "allocation.additional.*", Rules: "integer|exists", Checks: free},
		laravel.Field{Name: "start_on_completion", Rules: "sometimes|boolean"},
	)
}

// orEgg makes the rules for something required those for what the egg has too,
// where eggs have it.
func (c *call) orEgg(rules string) string {
	if c.Traits.LooseEggs {
		return strings.Replace(rules, "required", "sometimes", 1)
	}
	return rules
}

// oomField is the field that says what happens to a server out of memory.
func (c *call) oomField() string {
	if c.Traits.OOMKiller {
		return "oom_killer"
	}
	return "oom_disabled"
}

// readOOM changes what happens to a server out of memory to what a request says.
func (c *call) readOOM(s *model.Server) {
	if name := c.oomField(); c.Input.Has(name) {
		s.Limits.OOMDisabled = c.Input.Boolean(name) != c.Traits.OOMKiller
	}
}

// ApplicationCreateServer implements the operation.
func (a API) ApplicationCreateServer(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(c.createFields()...); err != nil {
			return nil, err
		}
		allocations, err := c.chooseAllocations()
		if err != nil {
			return nil, err
		}
		e := c.State.Eggs.Get(c.Input.Integer("egg"))
		values, err := c.environment(e)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		s := &model.Server{
			ID: c.State.Servers.Next(), UUID: random.UUID(), ExternalID: c.Input.Optional("external_id"), Name: c.Input.Text("name"),
			Description: model.Nullable(c.Input.Text("description")), Owner: c.State.Users.Get(c.Input.Integer("user")), Egg: e,
			Node: allocations[0].Node, Allocation: allocations[0],
			Image: cmp.Or(c.Input.Text("docker_image"), e.Image()), Command: cmp.Or(c.Input.Text("startup"), e.Command),
			Values: values, Created: now, Updated: now,
			Limits: model.Limits{OOMDisabled: true},
		}
		c.readOOM(s)
		c.readLimits(s, "limits.")
		c.readFeatureLimits(s)
		if !s.Node.Up() {
			return nil, c.NodeDown() // the row is gone, its id is not given again
		}
		for _, a := range allocations {
			s.Assign(a)
		}
		c.State.AddServer(s)
		srv := c.OnNode(s)
		var document laravel.Object
		if c.Input.Boolean("skip_scripts") {
			if c.Traits.OwnStates { // it is ready when its node says so, which is after the answer
				s.Status = model.StatusInstalling
				document = c.showAppServer(s, c.Input.Includes())
				s.Status = ""
			}
			s.Installed = true
			if c.Input.Boolean("start_on_completion") {
				_ = c.Power(s, srv, "start") // which may be refused, as that of anybody
			}
		} else {
			c.Install(s, srv, c.Input.Boolean("start_on_completion"))
		}
		if document == nil {
			document = c.showAppServer(s, c.Input.Includes())
		}
		return &laravel.Answer{Status: http.StatusCreated, Body: document}, nil
	})
}

// readLimits changes the limits of a server to what a request says.
func (c *call) readLimits(s *model.Server, prefix string) {
	for name, to := range map[string]*int{
		"memory": &s.Limits.Memory, "swap": &s.Limits.Swap, "disk": &s.Limits.Disk, "io": &s.Limits.IO, "cpu": &s.Limits.CPU,
	} {
		if c.Input.Has(prefix + name) {
			*to = c.Input.Integer(prefix + name)
		}
	}
	if c.Input.Has(prefix + "threads") {
		s.Limits.Threads = c.Input.Optional(prefix + "threads")
	}
}

func (c *call) readFeatureLimits(s *model.Server) {
	s.DatabaseLimit = c.Input.OptionalInteger("feature_limits.databases")
	s.AllocationLimit = c.Input.OptionalInteger("feature_limits.allocations")
	if c.Traits.OwnStates && !c.Input.Has("feature_limits.allocations") {
		s.AllocationLimit = new(int)
	}
	s.BackupLimit = c.Input.Integer("feature_limits.backups")
}

// environment reads the values of an egg's variables. What is not given is
// null to the rules, and empty to the server.
func (c *call) environment(e *model.Egg) (map[int]*string, error) {
	v := laravel.NewValidator(c.Input)
	values := make(map[int]*string)
	for _, variable := range e.Variables {
		name := "environment." + variable.Env
		v.Check(laravel.Field{Name: name, Rules: variable.Rules, Label: variable.Name + " variable"})
		values[variable.ID] = model.Nullable(c.Input.Text(name))
	}
	return values, v.Err()
}

// chooseAllocations returns the allocations of a new server, the primary one
// first.
func (c *call) chooseAllocations() ([]*model.Allocation, error) {
	if laravel.IsGiven(c.Input["deploy"]) {
		found, err := c.deploy()
		return []*model.Allocation{found}, err
	}
	chosen := []*model.Allocation{c.State.Allocations.Get(c.Input.Integer("allocation.default"))}
	for _, id := range c.Input.Integers("allocation.additional") {
		if a := c.State.Allocations.Get(id); a.Node == chosen[0].Node && !slices.Contains(chosen, a) {
			chosen = append(chosen, a)
		}
	}
	return chosen, nil
}

// deploy finds a node with room, and an allocation on it.
func (c *call) deploy() (*model.Allocation, error) {
	s := c.State
	nodes := c.roomyNodes("deploy.locations", "deploy.tags", "limits.")
	if len(nodes) == 0 {
		return nil, errNoNode
	}
	ranges := c.Input.Texts("deploy.port_range")
	dedicated := c.Input.Boolean("deploy.dedicated_ip")
	used := make(map[string]bool)
	for _, a := range s.Allocations.All() {
		if a.Server != nil {
			used[strconv.Itoa(a.Node.ID)+" "+a.IP] = true
		}
	}
	fitting := s.Allocations.Where(func(a *model.Allocation) bool {
		return a.Server == nil && slices.Contains(nodes, a.Node) && inRanges(a.Port, ranges) &&
			(!dedicated || !used[strconv.Itoa(a.Node.ID)+" "+a.IP])
	})
	if len(fitting) == 0 {
		return nil, laravel.Refuse(http.StatusBadRequest, "NoViableAllocationException",
			"No allocations satisfying the requirements for automatic deployment were found.")
	}
	return fitting[0], nil // the Panel throws dice
}

// inRanges reports whether a port is one of some, or that any will do.
func inRanges(port int, ranges []string) bool {
	return len(ranges) == 0 || slices.ContainsFunc(ranges, func(text string) bool {
		first, last, isRange := strings.Cut(text, "-")
		from, _ := strconv.Atoi(first)
		to := from
		if isRange {
			to, _ = strconv.Atoi(last)
		}
		return port >= from && port <= to
	})
}
