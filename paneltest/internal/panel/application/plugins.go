package application

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The operations of Pelican on plugins.

func showPlugin(p *model.Plugin) laravel.Object {
	return laravel.Item("plugin", laravel.Object{
		"id": p.ID, "name": p.Name, "author": p.Author, "version": p.Version, "description": p.Description, "category": p.Category,
		"url": p.URL, "update_url": p.UpdateURL, "namespace": p.Namespace, "class": p.Class,
		"panels": nil, "panel_version": p.PanelVersion, "composer_packages": nil,
		"meta": laravel.Object{
			"status": p.Status, "status_message": nil, "load_order": 0, "is_compatible": true, "update_available": false,
			"can_enable": p.Status == model.PluginDisabled, "can_disable": p.Status == model.PluginEnabled,
		},
	})
}

// ApplicationListPlugins implements the operation.
func (a API) ApplicationListPlugins(w http.ResponseWriter, r *http.Request, _ applicationapi.ApplicationListPluginsParams) {
	a.onAll(w, r, rightPlugins, func(c *call) (*laravel.Answer, error) {
		plugins, err := laravel.FilterBy(c.Input, c.State.Plugins,
			laravel.Partial("name", func(p *model.Plugin) string { return p.Name }),
			laravel.Partial("category", func(p *model.Plugin) string { return p.Category }),
		)
		if err != nil {
			return nil, err
		}
		if plugins, err = laravel.SortBy(c.Input, plugins,
			laravel.SortOn("id", func(a, b *model.Plugin) int { return cmp.Compare(a.ID, b.ID) }),
			laravel.SortOn("name", func(a, b *model.Plugin) int { return cmp.Compare(a.Name, b.Name) }),
		); err != nil {
			return nil, err
		}
		return panel.Paginated(c.Call, plugins, shortPages, showPlugin)
	})
}

// onPlugin is on for an operation on a plugin.
func (a API) onPlugin(w http.ResponseWriter, r *http.Request, id string, handle func(*call, *model.Plugin) (*laravel.Answer, error)) {
	on(a, w, r, rightPlugins, func(s *model.State) *model.Plugin { return s.Plugin(id) }, handle)
}

// ApplicationGetPlugin implements the operation.
func (a API) ApplicationGetPlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.onPlugin(w, r, pluginID, func(_ *call, p *model.Plugin) (*laravel.Answer, error) { return laravel.OK(showPlugin(p)), nil })
}

// errPlugin is for what cannot be done with a plugin, or with what is none.
var errPlugin = laravel.Crashed("PanelException")

// switchPlugin changes the status of a plugin that has one of some.
func (a API) switchPlugin(w http.ResponseWriter, r *http.Request, id, to string, from ...string) {
	a.onPlugin(w, r, id, func(_ *call, p *model.Plugin) (*laravel.Answer, error) {
		if !slices.Contains(from, p.Status) {
			return nil, errPlugin
		}
		p.Status = to
		return laravel.OK(showPlugin(p)), nil
	})
}

// ApplicationInstallPlugin implements the operation, which also enables.
func (a API) ApplicationInstallPlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.switchPlugin(w, r, pluginID, model.PluginEnabled, model.PluginNotInstalled)
}

// ApplicationEnablePlugin implements the operation.
func (a API) ApplicationEnablePlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.switchPlugin(w, r, pluginID, model.PluginEnabled, model.PluginDisabled)
}

// ApplicationDisablePlugin implements the operation.
func (a API) ApplicationDisablePlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.switchPlugin(w, r, pluginID, model.PluginDisabled, model.PluginEnabled)
}

// ApplicationUpdatePlugin implements the operation, which fails each time.
func (a API) ApplicationUpdatePlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.switchPlugin(w, r, pluginID, "")
}

// ApplicationUninstallPlugin implements the operation. The plugin can be deleted
// with it.
func (a API) ApplicationUninstallPlugin(w http.ResponseWriter, r *http.Request, pluginID string) {
	a.onPlugin(w, r, pluginID, func(c *call, p *model.Plugin) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "delete", Rules: "boolean"}); err != nil {
			return nil, err
		}
		if p.Status == model.PluginNotInstalled {
			return nil, errPlugin
		}
		if p.Status = model.PluginNotInstalled; c.Input.Boolean("delete") {
			c.State.Plugins = slices.DeleteFunc(c.State.Plugins, func(other *model.Plugin) bool { return other == p })
		}
		return laravel.OK(showPlugin(p)), nil
	})
}

// imported is the answer to the import of a plugin.
var imported = &laravel.Answer{Status: http.StatusCreated}

// maxPlugin bounds the archive of a plugin.
const maxPlugin = 100 << 20

// ApplicationImportPluginFile implements the operation, whatever the field of the
// form is called.
func (a API) ApplicationImportPluginFile(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightPlugins, func(c *call) (*laravel.Answer, error) {
		form := c.Request.Clone(c.Request.Context())
		form.Body = io.NopCloser(bytes.NewReader(c.Body))
		if err := form.ParseMultipartForm(maxPlugin); err != nil {
			return nil, errPlugin
		}
		for _, files := range form.MultipartForm.File {
			file, err := files[0].Open()
			if err != nil {
				return nil, errPlugin
			}
			archive, err := io.ReadAll(file)
			if err != nil {
				return nil, errPlugin
			}
			return c.importPlugin(archive)
		}
		return nil, errPlugin
	})
}

// ApplicationImportPluginURL implements the operation.
func (a API) ApplicationImportPluginURL(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightPlugins, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "url", Rules: "required|string"}); err != nil {
			return nil, err
		}
		var archive []byte
		var err error
		c.Unlocked(func() { archive, err = c.fetch(c.Input.Text("url")) })
		if err != nil {
			return nil, laravel.Crashed("ConnectionException")
		}
		return c.importPlugin(archive)
	})
}

// fetch downloads a file.
func (c *call) fetch(address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(c.Request.Context(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: c.Transport}).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPlugin))
}

// importPlugin adds a plugin, or replaces the one with its id, by the plugin.json
// in its archive.
func (c *call) importPlugin(archive []byte) (*laravel.Answer, error) {
	p, err := readPlugin(archive)
	if err != nil {
		return nil, errPlugin
	}
	p.Status = model.PluginNotInstalled
	if old := c.State.Plugin(p.ID); old != nil {
		p.Status = old.Status
		*old = *p
	} else {
		c.State.Plugins = append(c.State.Plugins, p)
	}
	return imported, nil
}

func readPlugin(archive []byte) (*model.Plugin, error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	for _, file := range files.File {
		if path.Base(file.Name) != "plugin.json" {
			continue
		}
		f, err := file.Open()
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		p := &model.Plugin{Category: "plugin"}
		if err := json.NewDecoder(io.LimitReader(f, maxPlugin)).Decode(p); err != nil {
			return nil, err
		}
		if p.ID == "" {
			return nil, errors.New("the plugin has no id")
		}
		return p, nil
	}
	return nil, errors.New("there is no plugin.json")
}
