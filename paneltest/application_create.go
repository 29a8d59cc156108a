package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
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
func exists[T any](t *table[T]) map[string]func(any) bool {
	return map[string]func(any) bool{"exists": func(value any) bool {
		id, _ := laravel.IntegerOf(value)
		return t.get(id) != nil
	}}
}

// uniqueServer checks that no other server has an external id.
func (c *applicationCall) uniqueServer(except *server) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		return c.state.servers.first(func(s *server) bool { return s != except && deref(s.externalID) == laravel.TextOf(value) }) == nil
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
func (c *applicationCall) createFields() []laravel.Field {
	free := map[string]func(any) bool{"exists": func(value any) bool {
		id, _ := laravel.IntegerOf(value)
		a := c.state.allocations.get(id)
		return a != nil && a.server == nil
	}}
	fields := slices.Concat([]laravel.Field{
		{Name: "external_id", Rules: rulesExternalID, Checks: c.uniqueServer(nil)},
		{Name: "name", Rules: rulesName},
		{Name: "description", Rules: "nullable|string"},
		{Name: "user", Rules: "required|integer|exists", Checks: exists(&c.state.users)},
		{Name: "egg", Rules: "required|exists", Checks: exists(&c.state.eggs)},
		{Name: "docker_image", Rules: rulesImage},
		{Name: "startup", Rules: "required|string"},
		{Name: "environment", Rules: "present|array"},
		{Name: "skip_scripts", Rules: "sometimes|boolean"},
		{Name: "oom_disabled", Rules: "sometimes|boolean"},
		{Name: "limits", Rules: "required|array"},
		{Name: "limits.memory", Rules: rulesMemory},
		{Name: "limits.swap", Rules: rulesSwap},
		{Name: "limits.disk", Rules: rulesDisk},
		{Name: "limits.io", Rules: rulesIO},
		{Name: "limits.threads", Rules: rulesThreads},
		{Name: "limits.cpu", Rules: rulesCPU},
	}, limitFields("", "", ""))
	if laravel.IsGiven(c.in["deploy"]) {
		return append(fields,
			laravel.Field{Name: "deploy", Rules: "sometimes|required|array"},
			laravel.Field{Name: "deploy.locations", Rules: "array|present"},
			laravel.Field{Name: "deploy.locations.*", Rules: "integer|min:1"},
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

// ApplicationCreateServer implements the operation.
func (a applicationAPI) ApplicationCreateServer(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *applicationCall) (*laravel.Answer, error) {
		if err := c.in.Validate(c.createFields()...); err != nil {
			return nil, err
		}
		allocations, err := c.chooseAllocations()
		if err != nil {
			return nil, err
		}
		e := c.state.eggs.get(c.in.Integer("egg"))
		values, err := c.environment(e)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		s := &server{
			id: c.state.servers.next(), uuid: random.UUID(), externalID: c.in.Optional("external_id"), name: c.in.Text("name"),
			description: nullable(c.in.Text("description")), owner: c.state.users.get(c.in.Integer("user")), egg: e,
			node: allocations[0].node, allocation: allocations[0], image: c.in.Text("docker_image"), command: c.in.Text("startup"),
			values: values, created: now, updated: now,
			limits: limits{oomDisabled: !c.in.Has("oom_disabled") || c.in.Boolean("oom_disabled")},
		}
		c.readLimits(s, "limits.")
		c.readFeatureLimits(s)
		if !s.node.up() {
			return nil, errNodeDown // the row is gone, its id is not given again
		}
		for _, a := range allocations {
			s.assign(a)
		}
		c.state.addServer(s)
		m := c.machine(s)
		if c.in.Boolean("skip_scripts") {
			s.installed = true
			if c.in.Boolean("start_on_completion") {
				_ = c.power(s, m, "start") // which may be refused, as that of anybody
			}
		} else {
			c.install(s, m, c.in.Boolean("start_on_completion"))
		}
		return &laravel.Answer{Status: http.StatusCreated, Body: c.showAppServer(s, c.in.Includes())}, nil
	})
}

// readLimits changes the limits of a server to what a request says.
func (c *applicationCall) readLimits(s *server, prefix string) {
	for name, to := range map[string]*int{
		"memory": &s.limits.memory, "swap": &s.limits.swap, "disk": &s.limits.disk, "io": &s.limits.io, "cpu": &s.limits.cpu,
	} {
		if c.in.Has(prefix + name) {
			*to = c.in.Integer(prefix + name)
		}
	}
	if c.in.Has(prefix + "threads") {
		s.limits.threads = c.in.Optional(prefix + "threads")
	}
}

func (c *applicationCall) readFeatureLimits(s *server) {
	s.databaseLimit = c.in.OptionalInteger("feature_limits.databases")
	s.allocationLimit = c.in.OptionalInteger("feature_limits.allocations")
	s.backupLimit = c.in.Integer("feature_limits.backups")
}

// environment reads the values of an egg's variables. What is not given is
// null to the rules, and empty to the server.
func (c *applicationCall) environment(e *egg) (map[int]*string, error) {
	v := laravel.NewValidator(c.in)
	values := make(map[int]*string)
	for _, variable := range e.variables {
		name := "environment." + variable.env
		v.Check(laravel.Field{Name: name, Rules: variable.rules, Label: variable.name + " variable"})
		values[variable.id] = nullable(c.in.Text(name))
	}
	return values, v.Err()
}

// chooseAllocations returns the allocations of a new server, the primary one
// first.
func (c *applicationCall) chooseAllocations() ([]*allocation, error) {
	if laravel.IsGiven(c.in["deploy"]) {
		found, err := c.deploy()
		return []*allocation{found}, err
	}
	chosen := []*allocation{c.state.allocations.get(c.in.Integer("allocation.default"))}
	for _, id := range c.in.Integers("allocation.additional") {
		if a := c.state.allocations.get(id); a.node == chosen[0].node && !slices.Contains(chosen, a) {
			chosen = append(chosen, a)
		}
	}
	return chosen, nil
}

// deploy finds a node with room, and an allocation on it.
func (c *applicationCall) deploy() (*allocation, error) {
	s := c.state
	nodes := s.roomyNodes(c.in.Integers("deploy.locations"), c.in.Integer("limits.memory"), c.in.Integer("limits.disk"))
	if len(nodes) == 0 {
		return nil, errNoNode
	}
	ranges := c.in.Texts("deploy.port_range")
	dedicated := c.in.Boolean("deploy.dedicated_ip")
	used := make(map[string]bool)
	for _, a := range s.allocations.all() {
		if a.server != nil {
			used[strconv.Itoa(a.node.id)+" "+a.ip] = true
		}
	}
	fitting := s.allocations.where(func(a *allocation) bool {
		return a.server == nil && slices.Contains(nodes, a.node) && inRanges(a.port, ranges) &&
			(!dedicated || !used[strconv.Itoa(a.node.id)+" "+a.ip])
	})
	if len(fitting) == 0 {
		return nil, laravel.Refuse(http.StatusBadRequest, "NoViableAllocationException",
			"No allocations satisfying the requirements for automatic deployment were found.")
	}
	return fitting[0], nil // the Panel throws dice
}

// inRanges tells that a port is one of some, or that any will do.
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
