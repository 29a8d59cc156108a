package paneltest

import (
	"net/http"
	"slices"
	"time"
)

// ClientGetStartup implements the operation.
func (a clientAPI) ClientGetStartup(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.read", func(c *serverCall) (*answer, error) {
		s := c.server
		document := each(s.visibleVariables(), func(v *variable) object { return showVariable(s, v) })
		document["meta"] = object{
			"startup_command": s.invocation(false), "docker_images": s.egg.shownImages(), "raw_startup_command": s.command,
		}
		return ok(document), nil
	})
}

// shownImages are the images of an egg by their labels. PHP has a list for none.
func (e *egg) shownImages() any {
	if len(e.images) == 0 {
		return []string{}
	}
	images := make(object)
	for _, i := range e.images {
		images[i.Label] = i.Image
	}
	return images
}

// ClientUpdateStartupVariable implements the operation.
func (a clientAPI) ClientUpdateStartupVariable(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.update", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(field{name: "key", rules: "required|string"}, field{name: "value", rules: "present"}); err != nil {
			return nil, err
		}
		s, key := c.server, c.in.text("key")
		i := slices.IndexFunc(s.egg.variables, func(v *variable) bool { return v.env == key })
		if i < 0 {
			return nil, crashed("ErrorException")
		}
		v := s.egg.variables[i]
		switch {
		case !v.viewable:
			return nil, badRequest("The environment variable you are trying to edit does not exist.")
		case !v.editable:
			return nil, badRequest("The environment variable you are trying to edit is read-only.")
		}
		if err := c.in.validate(field{name: "value", rules: v.rules}); err != nil {
			return nil, err
		}
		old, value := valueOf(s.value(v)), c.in.text("value")
		s.values[v.id] = &value
		c.note("server:startup.edit", with("variable", key), with("old", old), with("new", valueOf(c.in.optional("value"))))
		document := showVariable(s, v)
		document["meta"] = object{"startup_command": s.invocation(false), "raw_startup_command": s.command}
		return ok(document), nil
	})
}

// ClientRenameServer implements the operation.
func (a clientAPI) ClientRenameServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.rename", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "name", rules: "required|string|min:1|max:191"},
			field{name: "description", rules: "string|nullable"},
		); err != nil {
			return nil, err
		}
		s, name, description := c.server, c.in.text("name"), c.in.text("description")
		if s.name != name {
			c.note("server:settings.rename", with("old", s.name), with("new", name))
		}
		if deref(s.description) != description {
			c.note("server:settings.description", with("old", deref(s.description)), with("new", description))
		}
		s.name, s.description, s.updated = name, &description, time.Now()
		return none, nil
	})
}

// ClientUpdateDockerImage implements the operation.
func (a clientAPI) ClientUpdateDockerImage(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "startup.docker-image", func(c *serverCall) (*answer, error) {
		s := c.server
		if err := c.in.validate(field{
			name: "docker_image", rules: `required|string|max:191|regex:/^~?[\w\.\/\-:@ ]*$/|in`,
			checks: map[string]func(any) bool{"in": func(value any) bool { return s.egg.hasImage(textOf(value)) }},
		}); err != nil {
			return nil, err
		}
		if !s.egg.hasImage(s.image) {
			return nil, badRequest("This server's Docker image has been manually set by an administrator and cannot be updated.")
		}
		if image := c.in.text("docker_image"); image != s.image {
			c.note("server:startup.image", with("old", s.image), with("new", image))
			s.image, s.updated = image, time.Now()
		}
		return none, nil
	})
}

// ClientReinstallServer implements the operation.
func (a clientAPI) ClientReinstallServer(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "settings.reinstall", func(c *serverCall) (*answer, error) {
		if !c.server.node.up() {
			return nil, errNodeDown
		}
		c.p.install(c.server, c.p.machine(c.server), false)
		c.note("server:reinstall")
		return begun, nil
	})
}
