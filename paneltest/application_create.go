package paneltest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
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
		id, _ := integerOf(value)
		return t.get(id) != nil
	}}
}

// uniqueServer checks that no other server has an external id.
func (p *Panel) uniqueServer(except *server) map[string]func(any) bool {
	return map[string]func(any) bool{"unique": func(value any) bool {
		return p.state.servers.first(func(s *server) bool { return s != except && deref(s.externalID) == textOf(value) }) == nil
	}}
}

// limitFields are what the features of a server are limited by.
func limitFields(databases, allocations, backups string) []field {
	return []field{
		{name: "feature_limits", rules: "required|array"},
		{name: "feature_limits.databases", rules: "present|nullable|integer|min:0", label: databases},
		{name: "feature_limits.allocations", rules: "sometimes|nullable|integer|min:0", label: allocations},
		{name: "feature_limits.backups", rules: "present|nullable|integer|min:0", label: backups},
	}
}

// createFields are what a new server is made of.
func (c *call) createFields() []field {
	free := map[string]func(any) bool{"exists": func(value any) bool {
		id, _ := integerOf(value)
		a := c.p.state.allocations.get(id)
		return a != nil && a.server == nil
	}}
	fields := slices.Concat([]field{
		{name: "external_id", rules: rulesExternalID, checks: c.p.uniqueServer(nil)},
		{name: "name", rules: rulesName},
		{name: "description", rules: "nullable|string"},
		{name: "user", rules: "required|integer|exists", checks: exists(&c.p.state.users)},
		{name: "egg", rules: "required|exists", checks: exists(&c.p.state.eggs)},
		{name: "docker_image", rules: rulesImage},
		{name: "startup", rules: "required|string"},
		{name: "environment", rules: "present|array"},
		{name: "skip_scripts", rules: "sometimes|boolean"},
		{name: "oom_disabled", rules: "sometimes|boolean"},
		{name: "limits", rules: "required|array"},
		{name: "limits.memory", rules: rulesMemory},
		{name: "limits.swap", rules: rulesSwap},
		{name: "limits.disk", rules: rulesDisk},
		{name: "limits.io", rules: rulesIO},
		{name: "limits.threads", rules: rulesThreads},
		{name: "limits.cpu", rules: rulesCPU},
	}, limitFields("", "", ""))
	if isGiven(c.in["deploy"]) {
		return append(fields,
			field{name: "deploy", rules: "sometimes|required|array"},
			field{name: "deploy.locations", rules: "array|present"},
			field{name: "deploy.locations.*", rules: "integer|min:1"},
			field{name: "deploy.dedicated_ip", rules: "required_with:deploy"},
			field{name: "deploy.port_range", rules: "array|present"},
			field{name: "deploy.port_range.*", rules: "string"},
			field{name: "start_on_completion", rules: "sometimes|boolean"},
		)
	}
	return append(fields,
		field{name: "allocation.default", rules: "required|integer|bail|exists", checks: free},
		field{name: "allocation.additional.*", rules: "integer|exists", checks: free},
		field{name: "start_on_completion", rules: "sometimes|boolean"},
	)
}

// ApplicationCreateServer implements the operation.
func (a applicationAPI) ApplicationCreateServer(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightServers, func(c *call) (*answer, error) {
		if err := c.in.validate(c.createFields()...); err != nil {
			return nil, err
		}
		allocations, err := c.chooseAllocations()
		if err != nil {
			return nil, err
		}
		e := c.p.state.eggs.get(c.in.integer("egg"))
		values, err := c.environment(e)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		s := &server{
			id: c.p.state.servers.next(), uuid: randomID(), externalID: c.in.optional("external_id"), name: c.in.text("name"),
			description: some(c.in.text("description")), owner: c.p.state.users.get(c.in.integer("user")), egg: e,
			node: allocations[0].node, allocation: allocations[0], image: c.in.text("docker_image"), command: c.in.text("startup"),
			values: values, created: now, updated: now,
			limits: limits{oomDisabled: !c.in.has("oom_disabled") || c.in.boolean("oom_disabled")},
		}
		c.readLimits(s, "limits.")
		c.readFeatureLimits(s)
		if !s.node.up() {
			return nil, errNodeDown // the row is gone, its id is not given again
		}
		for _, a := range allocations {
			s.assign(a)
		}
		c.p.state.addServer(s)
		m := c.p.machine(s)
		if c.in.boolean("skip_scripts") {
			s.installed = true
			if c.in.boolean("start_on_completion") {
				_ = c.p.power(s, m, "start") // which may be refused, as that of anybody
			}
		} else {
			c.p.install(s, m, c.in.boolean("start_on_completion"))
		}
		return &answer{status: http.StatusCreated, body: c.showAppServer(s, c.in.includes())}, nil
	})
}

// readLimits changes the limits of a server to what a request says.
func (c *call) readLimits(s *server, prefix string) {
	for name, to := range map[string]*int{
		"memory": &s.limits.memory, "swap": &s.limits.swap, "disk": &s.limits.disk, "io": &s.limits.io, "cpu": &s.limits.cpu,
	} {
		if c.in.has(prefix + name) {
			*to = c.in.integer(prefix + name)
		}
	}
	if c.in.has(prefix + "threads") {
		s.limits.threads = c.in.optional(prefix + "threads")
	}
}

func (c *call) readFeatureLimits(s *server) {
	s.databaseLimit = c.in.optionalInteger("feature_limits.databases")
	s.allocationLimit = c.in.optionalInteger("feature_limits.allocations")
	s.backupLimit = c.in.integer("feature_limits.backups")
}

// environment reads the values of an egg's variables. What is not given is
// null to the rules, and empty to the server.
func (c *call) environment(e *egg) (map[int]*string, error) {
	v := newValidator(c.in)
	values := make(map[int]*string)
	for _, variable := range e.variables {
		name := "environment." + variable.env
		v.check(field{name: name, rules: variable.rules, label: variable.name + " variable"})
		values[variable.id] = some(c.in.text(name))
	}
	return values, v.err()
}

// chooseAllocations returns the allocations of a new server, the primary one
// first.
func (c *call) chooseAllocations() ([]*allocation, error) {
	if isGiven(c.in["deploy"]) {
		found, err := c.deploy()
		return []*allocation{found}, err
	}
	chosen := []*allocation{c.p.state.allocations.get(c.in.integer("allocation.default"))}
	for _, id := range c.in.integers("allocation.additional") {
		if a := c.p.state.allocations.get(id); a.node == chosen[0].node && !slices.Contains(chosen, a) {
			chosen = append(chosen, a)
		}
	}
	return chosen, nil
}

// deploy finds a node with room, and an allocation on it.
func (c *call) deploy() (*allocation, error) {
	s := c.p.state
	nodes := s.roomyNodes(c.in.integers("deploy.locations"), c.in.integer("limits.memory"), c.in.integer("limits.disk"))
	if len(nodes) == 0 {
		return nil, errNoNode
	}
	ranges := c.in.texts("deploy.port_range")
	dedicated := c.in.boolean("deploy.dedicated_ip")
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
		return nil, refuse(http.StatusBadRequest, "NoViableAllocationException",
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
