package client

import (
	"net/http"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ClientGetStartup implements the operation.
func (a API) ClientGetStartup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.read", func(c *serverCall) (*laravel.Answer, error) {
		s := c.server
		document := laravel.ListOf(s.VisibleVariables(), func(v *model.Variable) laravel.Object { return showVariable(s, v) })
		document["meta"] = laravel.Object{
			"startup_command": s.Invocation(false), "docker_images": panel.ShowImages(s.Egg), "raw_startup_command": s.Command,
		}
		return laravel.OK(document), nil
	})
}

// errNoVariable is for variables that the egg does not have, or does not show.
var errNoVariable = laravel.BadRequest("The environment variable you are trying to edit does not exist.")

// ClientUpdateStartupVariable implements the operation.
func (a API) ClientUpdateStartupVariable(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.update", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "key", Rules: "required|string"}, laravel.Field{Name: "value", Rules: "present"}); err != nil {
			return nil, err
		}
		s, key := c.server, c.Input.Text("key")
		i := slices.IndexFunc(s.Egg.Variables, func(v *model.Variable) bool { return v.Env == key })
		if i < 0 {
			if c.Version < panel.Version1123 {
				return nil, laravel.Crashed("ErrorException")
			}
			return nil, errNoVariable
		}
		v := s.Egg.Variables[i]
		switch {
		case !v.Viewable:
			return nil, errNoVariable
		case !v.Editable:
			return nil, laravel.BadRequest("The environment variable you are trying to edit is read-only.")
		}
		if err := c.Input.Validate(laravel.Field{Name: "value", Rules: v.Rules}); err != nil {
			return nil, err
		}
		old, value := laravel.ValueOf(s.Value(v)), c.Input.Text("value")
		s.Values[v.ID] = &value
		c.note("server:startup.edit", model.With("variable", key), model.With("old", old), model.With("new", laravel.ValueOf(c.Input.Optional("value"))))
		document := showVariable(s, v)
		if c.Traits.LooseEggs && value == "" {
			document["attributes"].(laravel.Object)["server_value"] = nil //nolint:forcetypeassert // made just here
		}
		document["meta"] = laravel.Object{"startup_command": s.Invocation(false), "raw_startup_command": s.Command}
		return laravel.OK(document), nil
	})
}

// ClientRenameServer implements the operation.
func (a API) ClientRenameServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.rename", func(c *serverCall) (*laravel.Answer, error) {
		fields := []laravel.Field{{Name: "name", Rules: "required|string|min:1|max:" + c.Traits.MaxText()}}
		if !c.Traits.OwnDescription {
			fields = append(fields, descriptionField)
		}
		if err := c.Input.Validate(fields...); err != nil {
			return nil, err
		}
		s, name := c.server, c.Input.Text("name")
		if s.Name != name {
			c.note("server:settings.rename", model.With("old", s.Name), model.With("new", name))
		}
		if s.Name, s.Updated = name, time.Now(); !c.Traits.OwnDescription {
			c.describe()
		}
		return laravel.NoContent, nil
	})
}

var descriptionField = laravel.Field{Name: "description", Rules: "string|nullable"}

// describe changes the description of a server to what a request says.
func (c *serverCall) describe() {
	s, description := c.server, c.Input.Text("description")
	if model.Deref(s.Description) != description {
		c.note("server:settings.description", model.With("old", model.Deref(s.Description)), model.With("new", description))
	}
	s.Description, s.Updated = &description, time.Now()
}

// ClientUpdateServerDescription implements the operation of Pelican.
func (a API) ClientUpdateServerDescription(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.description", func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(descriptionField); err != nil {
			return nil, err
		}
		c.describe()
		return laravel.NoContent, nil
	})
}

// ClientUpdateDockerImage implements the operation.
func (a API) ClientUpdateDockerImage(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.docker-image", func(c *serverCall) (*laravel.Answer, error) {
		s, rules := c.server, `required|string|max:191|regex:/^~?[\w\.\/\-:@ ]*$/|in`
		if c.Traits.LooseEggs {
			rules = "required|string|in"
		}
		if err := c.Input.Validate(laravel.Field{
			Name: "docker_image", Rules: rules,
			Checks: map[string]func(any) bool{"in": func(value any) bool { return s.Egg.HasImage(laravel.TextOf(value)) }},
		}); err != nil {
			return nil, err
		}
		if !s.Egg.HasImage(s.Image) {
			return nil, laravel.BadRequest("This server's Docker image has been manually set by an administrator and cannot be updated.")
		}
		if image := c.Input.Text("docker_image"); image != s.Image {
			c.note("server:startup.image", model.With("old", s.Image), model.With("new", image))
			s.Image, s.Updated = image, time.Now()
		}
		return laravel.NoContent, nil
	})
}

// ClientReinstallServer implements the operation.
func (a API) ClientReinstallServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.reinstall", func(c *serverCall) (*laravel.Answer, error) {
		if !c.server.Node.Up() {
			return nil, c.NodeDown()
		}
		c.Install(c.server, c.OnNode(c.server), false)
		c.note("server:reinstall")
		return laravel.Accepted, nil
	})
}
