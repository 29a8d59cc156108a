package paneltest

import (
	"net/http"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ClientGetStartup implements the operation.
func (a clientAPI) ClientGetStartup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.read", func(c *serverCall) (*laravel.Answer, error) {
		s := c.server
		document := laravel.ListOf(s.visibleVariables(), func(v *variable) laravel.Object { return showVariable(s, v) })
		document["meta"] = laravel.Object{
			"startup_command": s.invocation(false), "docker_images": showImages(s.egg), "raw_startup_command": s.command,
		}
		return laravel.OK(document), nil
	})
}

// ClientUpdateStartupVariable implements the operation.
func (a clientAPI) ClientUpdateStartupVariable(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.update", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.in.Validate(laravel.Field{Name: "key", Rules: "required|string"}, laravel.Field{Name: "value", Rules: "present"}); err != nil {
			return nil, err
		}
		s, key := c.server, c.in.Text("key")
		i := slices.IndexFunc(s.egg.variables, func(v *variable) bool { return v.env == key })
		if i < 0 {
			return nil, laravel.Crashed("ErrorException")
		}
		v := s.egg.variables[i]
		switch {
		case !v.viewable:
			return nil, laravel.BadRequest("The environment variable you are trying to edit does not exist.")
		case !v.editable:
			return nil, laravel.BadRequest("The environment variable you are trying to edit is read-only.")
		}
		if err := c.in.Validate(laravel.Field{Name: "value", Rules: v.rules}); err != nil {
			return nil, err
		}
		old, value := laravel.ValueOf(s.value(v)), c.in.Text("value")
		s.values[v.id] = &value
		c.note("server:startup.edit", with("variable", key), with("old", old), with("new", laravel.ValueOf(c.in.Optional("value"))))
		document := showVariable(s, v)
		document["meta"] = laravel.Object{"startup_command": s.invocation(false), "raw_startup_command": s.command}
		return laravel.OK(document), nil
	})
}

// ClientRenameServer implements the operation.
func (a clientAPI) ClientRenameServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.rename", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.in.Validate(
			laravel.Field{Name: "name", Rules: "required|string|min:1|max:191"},
			laravel.Field{Name: "description", Rules: "string|nullable"},
		); err != nil {
			return nil, err
		}
		s, name, description := c.server, c.in.Text("name"), c.in.Text("description")
		if s.name != name {
			c.note("server:settings.rename", with("old", s.name), with("new", name))
		}
		if deref(s.description) != description {
			c.note("server:settings.description", with("old", deref(s.description)), with("new", description))
		}
		s.name, s.description, s.updated = name, &description, time.Now()
		return laravel.NoContent, nil
	})
}

// ClientUpdateDockerImage implements the operation.
func (a clientAPI) ClientUpdateDockerImage(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.docker-image", func(c *serverCall) (*laravel.Answer, error) {
		s := c.server
		if err := c.in.Validate(laravel.Field{
			Name: "docker_image", Rules: `required|string|max:191|regex:/^~?[\w\.\/\-:@ ]*$/|in`,
			Checks: map[string]func(any) bool{"in": func(value any) bool { return s.egg.hasImage(laravel.TextOf(value)) }},
		}); err != nil {
			return nil, err
		}
		if !s.egg.hasImage(s.image) {
			return nil, laravel.BadRequest("This server's Docker image has been manually set by an administrator and cannot be updated.")
		}
		if image := c.in.Text("docker_image"); image != s.image {
			c.note("server:startup.image", with("old", s.image), with("new", image))
			s.image, s.updated = image, time.Now()
		}
		return laravel.NoContent, nil
	})
}

// ClientReinstallServer implements the operation.
func (a clientAPI) ClientReinstallServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.reinstall", func(c *serverCall) (*laravel.Answer, error) {
		if !c.server.node.up() {
			return nil, errNodeDown
		}
		c.install(c.server, c.machine(c.server), false)
		c.note("server:reinstall")
		return laravel.Accepted, nil
	})
}
