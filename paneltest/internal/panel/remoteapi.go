package panel

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The routes of Pelican that its Wings calls. Here Wings has [protocol.Remote],
// and nobody else needs them; but they are there, for what looks at a node's side.

// remotePath is where they are.
const remotePath = "/api/remote/"

// serveRemote answers a node.
func (p *Panel) serveRemote(w http.ResponseWriter, r *http.Request, body []byte) {
	c := &Call{Panel: p, Request: r, Writer: w, Body: body}
	p.mu.Lock()
	answer, err := c.remote()
	p.mu.Unlock()
	if err != nil {
		c.refuse(err)
		return
	}
	answer.Write(w)
}

// remote finds the node by its token, and what it asks for.
func (c *Call) remote() (*laravel.Answer, error) {
	token := strings.TrimPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		return nil, laravel.Refuse(http.StatusUnauthorized, "HttpException", "Access to this endpoint must include an Authorization header.")
	}
	node := c.State.Nodes.First(func(n *model.Node) bool { return n.TokenID+"."+n.Token == token })
	if node == nil {
		return nil, laravel.AccessDenied("You are not authorized to access this resource.")
	}
	var err error
	if c.Input, err = laravel.ReadInput(c.Request, c.Body, false); err != nil {
		return nil, laravel.BadRequest("The JSON data passed in the request appears to be malformed: Syntax error")
	}
	route := c.Request.Method + " " + strings.Trim(strings.TrimPrefix(c.Request.URL.Path, remotePath), "/")
	switch route {
	case "GET servers":
		return c.remoteServers(node), nil
	case "POST sftp/auth":
		return c.remoteLogin(node)
	case "POST activity":
		return c.remoteActivity(node)
	}
	method, rest, ofServer := strings.Cut(route, " servers/")
	uuid, what, _ := strings.Cut(rest, "/")
	s := c.State.ServersByUUID[uuid]
	if !ofServer || s == nil || s.Node != node {
		return nil, laravel.ErrNotFound
	}
	switch method + " " + what {
	case "GET ":
		return laravel.OK(c.remoteServer(s)), nil
	case "GET install":
		return laravel.OK(laravel.Object{"container_image": s.Egg.Container, "entrypoint": s.Egg.Entry, "script": s.Egg.Install}), nil
	case "POST install":
		if err := c.Input.Validate(laravel.Field{Name: "successful", Rules: "present|boolean"}); err != nil {
			return nil, err
		}
		return laravel.NoContent, nil
	case "POST container/status":
		return laravel.OK([]any{}), nil
	}
	return nil, laravel.ErrNotFound
}

// remotePage is how many servers a node gets at once.
const remotePage = 50

// remoteServers lists the servers of a node, with Laravel's own kind of pages.
func (c *Call) remoteServers(node *model.Node) *laravel.Answer {
	all := c.State.Servers.Where(func(s *model.Server) bool { return s.Node == node })
	size, page := max(c.Input.Integer("per_page"), 0), max(c.Input.Integer("page"), 1)
	if size == 0 {
		size = remotePage
	}
	last := max(1, (len(all)+size-1)/size)
	from := min((page-1)*size, len(all))
	shown := all[from:min(from+size, len(all))]
	data := make([]laravel.Object, len(shown))
	for i, s := range shown {
		data[i] = c.remoteServer(s)
		data[i]["uuid"] = s.UUID
	}
	path := c.URL + remotePath + "servers"
	link := func(page int) any {
		if page < 1 || page > last {
			return nil
		}
		return path + "?page=" + strconv.Itoa(page)
	}
	number := func(page int) any {
		if page < 1 || page > last {
			return nil
		}
		return page
	}
	links := []laravel.Object{{"url": link(page - 1), "label": "&laquo; Previous", "page": number(page - 1), "active": false}}
	for n := range last {
		links = append(links, laravel.Object{"url": link(n + 1), "label": strconv.Itoa(n + 1), "page": n + 1, "active": n+1 == page})
	}
	links = append(links, laravel.Object{"url": link(page + 1), "label": "Next &raquo;", "page": number(page + 1), "active": false})
	meta := laravel.Object{"current_page": page, "last_page": last, "links": links, "path": path, "per_page": size, "total": len(all), "from": nil, "to": nil}
	if len(shown) > 0 {
		meta["from"], meta["to"] = from+1, from+len(shown)
	}
	return laravel.OK(laravel.Object{
		"data": data, "meta": meta,
		"links": laravel.Object{"first": link(1), "last": link(last), "prev": link(page - 1), "next": link(page + 1)},
	})
}

// remoteServer is what a node is told of a server.
func (c *Call) remoteServer(s *model.Server) laravel.Object {
	environment := laravel.Object{"STARTUP": s.Command, "P_SERVER_UUID": s.UUID}
	for _, v := range s.Egg.Variables {
		environment[v.Env] = s.Value(v)
	}
	mappings := make(map[string][]int)
	for _, a := range s.Allocations {
		mappings[a.IP] = append(mappings[a.IP], a.Port)
	}
	stop := laravel.Object{"type": "command", "value": model.Deref(s.Egg.Stop)}
	if signal, isSignal := strings.CutPrefix(model.Deref(s.Egg.Stop), "^"); isSignal {
		stop = laravel.Object{"type": "signal", "value": signal}
	}
	return laravel.Object{
		"settings": laravel.Object{
			"id": s.ID, "uuid": s.UUID, "meta": laravel.Object{"name": s.Name, "description": model.Deref(s.Description)},
			"suspended": s.Status == model.StatusSuspended, "environment": environment, "invocation": s.Command, "skip_egg_scripts": false,
			"build": laravel.Object{
				"memory_limit": s.Limits.Memory, "swap": s.Limits.Swap, "io_weight": s.Limits.IO, "cpu_limit": s.Limits.CPU,
				"threads": s.Limits.Threads, "disk_space": s.Limits.Disk, "oom_killer": !s.Limits.OOMDisabled,
			},
			"container": laravel.Object{"image": s.Image, "requires_rebuild": false},
			"allocations": laravel.Object{
				"force_outgoing_ip": false, "default": laravel.Object{"ip": s.Allocation.IP, "port": s.Allocation.Port}, "mappings": mappings,
			},
			"egg": laravel.Object{"id": s.Egg.UUID, "file_denylist": append([]string{}, s.Egg.Denylist...), "features": featuresOf(s.Egg)},
		},
		"process_configuration": laravel.Object{
			"startup": laravel.Object{"done": doneLines(s.Egg), "user_interaction": []string{}, "strip_ansi": false},
			"stop":    stop,
			"configs": configFiles(s),
		},
	}
}

// doneLines are the lines that mark the end of a start, by the egg.
func doneLines(e *model.Egg) []string {
	var startup struct{ Done any }
	_ = json.Unmarshal(e.Startup, &startup) // what is nothing else has none
	switch done := startup.Done.(type) {
	case string:
		return []string{done}
	case []any:
		lines := make([]string, len(done))
		for i, line := range done {
			lines[i] = laravel.TextOf(line)
		}
		return lines
	}
	return []string{}
}

// configFiles are the files that a node writes before a start, with the values of
// the server in them.
func configFiles(s *model.Server) []laravel.Object {
	values := []string{
		"{{server.allocations.default.port}}", strconv.Itoa(s.Allocation.Port), "{{server.build.default.port}}", strconv.Itoa(s.Allocation.Port),
		"{{server.allocations.default.ip}}", s.Allocation.IP, "{{server.build.default.ip}}", s.Allocation.IP,
	}
	for _, v := range s.Egg.Variables {
		value := model.Deref(s.Value(v))
		values = append(values, "{{server.environment."+v.Env+"}}", value, "{{server.build.env."+v.Env+"}}", value)
	}
	fill := strings.NewReplacer(values...)
	files := []laravel.Object{}
	for name, file := range laravel.Members(s.Egg.Files) {
		var config struct {
			Parser string
			Find   json.RawMessage
		}
		if json.Unmarshal(file, &config) != nil {
			continue
		}
		replace := []laravel.Object{}
		for match, with := range laravel.Members(config.Find) {
			var text string
			if json.Unmarshal(with, &text) == nil {
				replace = append(replace, laravel.Object{"match": match, "replace_with": fill.Replace(text)})
			}
		}
		files = append(files, laravel.Object{"parser": config.Parser, "file": name, "replace": replace})
	}
	return files
}

// remoteLogin is for SFTP, which logs in as username.server.
func (c *Call) remoteLogin(node *model.Node) (*laravel.Answer, error) {
	if err := c.Input.Validate(
		laravel.Field{Name: "type", Rules: "nullable|in:password,public_key"},
		laravel.Field{Name: "username", Rules: "required|string"}, laravel.Field{Name: "password", Rules: "required|string"},
	); err != nil {
		return nil, err
	}
	login := c.Input.Text("username")
	dot := strings.LastIndexByte(login, '.')
	s := c.State.ServersByUUID[login[dot+1:]]
	u := c.State.Users.First(func(u *model.User) bool { return dot > 0 && u.Username == login[:dot] })
	if u == nil || s == nil || s.Node != node || u.Password != c.Input.Text("password") {
		return nil, laravel.Forbidden("Authorization credentials were not correct, please try again.")
	}
	permissions := []string{"*"}
	if sub := s.Subuser(u); sub != nil && !u.Admin {
		permissions = sub.Permissions
	} else if s.Owner != u && !u.Admin {
		return nil, laravel.Forbidden("You do not have permission to access SFTP for this server.")
	}
	return laravel.OK(laravel.Object{"user": u.UUID, "server": s.UUID, "permissions": permissions}), nil
}

// remoteActivity notes what happened on a node.
func (c *Call) remoteActivity(node *model.Node) (*laravel.Answer, error) {
	if err := c.Input.Validate(
		laravel.Field{Name: "data", Rules: "required|array"}, laravel.Field{Name: "data.*", Rules: "array"},
		laravel.Field{Name: "data.*.server", Rules: "required|string"}, laravel.Field{Name: "data.*.event", Rules: "required|string"},
		laravel.Field{Name: "data.*.timestamp", Rules: "required|string"},
	); err != nil {
		return nil, err
	}
	for i := range c.Input.List("data") {
		entry := "data." + strconv.Itoa(i) + "."
		s := c.State.ServersByUUID[c.Input.Text(entry+"server")]
		at, err := time.Parse(time.RFC3339, c.Input.Text(entry+"timestamp"))
		if s == nil || s.Node != node || err != nil {
			continue
		}
		user := c.Input.Text(entry + "user")
		line := &model.Activity{
			ID: len(c.State.Activity) + 1, Event: c.Input.Text(entry + "event"), Server: s, At: at, IP: c.Input.Text(entry + "ip"),
			Actor: c.State.Users.First(func(u *model.User) bool { return u.UUID == user }),
		}
		metadata, _ := c.Input.Get(entry + "metadata")
		if members, isMap := metadata.(map[string]any); isMap {
			for key, value := range members {
				line.Properties = append(line.Properties, model.With(key, value))
			}
		}
		c.State.Activity = append(c.State.Activity, line)
	}
	return &laravel.Answer{Status: http.StatusOK}, nil
}
