package application

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// PluginsService manages the plugins of the panel: those that are installed, and
// those that were imported and are not. Pelican only.
type PluginsService service

// PluginListOptions selects a page of a list of plugins. The zero value asks for
// the first page of all.
type PluginListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of plugins in a page. 0 means 10 for List and 100 for
	// All. There is no maximum.
	PerPage int

	// Name keeps the plugins whose name contains this text, Category those of a
	// category.
	Name, Category string

	// Sort orders the list. Empty leaves that to the Panel.
	Sort PluginSort
}

func (o *PluginListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// List gets one page of plugins.
//
// Endpoint: GET /api/application/plugins
func (s *PluginsService) List(ctx context.Context, opts PluginListOptions) (*Page[Plugin], error) {
	return rest.PageOf[Plugin](s.api.ApplicationListPlugins(ctx, &applicationapi.ApplicationListPluginsParams{
		Page:           rest.Optional(opts.Page),
		PelicanPerPage: rest.Optional(opts.PerPage),
		FilterName:     rest.Optional(opts.Name),
		FilterCategory: rest.Optional(opts.Category),
		Sort:           rest.Optional(opts.Sort),
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage), rest.OptionalEnum("Sort", opts.Sort)))
}

// All iterates over the plugins on all pages. It can miss an item if others are deleted and
// created meanwhile; see Lists in the comment of package client.
func (s *PluginsService) All(ctx context.Context, opts PluginListOptions) iter.Seq2[*Plugin, error] {
	return rest.AllOf(ctx, s.core, opts, (*PluginListOptions).paging, func(x *Plugin) string { return x.ID }, s.List)
}

// Get returns one plugin.
//
// Endpoint: GET /api/application/plugins/{plugin}
func (s *PluginsService) Get(ctx context.Context, plugin string) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationGetPlugin(ctx, plugin, rest.ID("plugin", plugin)))
}

// ImportFile adds a plugin from a ZIP archive of the given name, such as
// "chat.zip", without installing it. The archive is held in memory. The name of the
// form's field is reported, not verified against a Panel. The request is never sent
// twice.
//
// Endpoint: POST /api/application/plugins/import/file
func (s *PluginsService) ImportFile(ctx context.Context, name string, archive io.Reader) error {
	if archive == nil {
		return rest.None(s.api.ApplicationImportPluginFileWithBody(ctx, "multipart/form-data", http.NoBody, rest.Refuse("archive", "is nil")))
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.Copy(part, archive)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		err = fmt.Errorf("applicationImportPluginFile: read the archive: %w", err)
	}
	return rest.None(s.api.ApplicationImportPluginFileWithBody(ctx, form.FormDataContentType(), bytes.NewReader(body.Bytes()),
		rest.NotEmpty("name", name), rest.Fail(err)))
}

// ImportURL adds a plugin from a ZIP archive that the Panel fetches, without
// installing it. An address that the Panel cannot reach gives an error with status
// 500. The request is never sent twice.
//
// Endpoint: POST /api/application/plugins/import/url
func (s *PluginsService) ImportURL(ctx context.Context, url string) error {
	return rest.None(s.api.ApplicationImportPluginURL(ctx, applicationapi.ImportPluginRequest{URL: url}, rest.NotEmpty("url", url)))
}

// Install installs a plugin and enables it. For one that is installed Pelican
// answers 500.
//
// Endpoint: POST /api/application/plugins/{plugin}/install
func (s *PluginsService) Install(ctx context.Context, plugin string) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationInstallPlugin(ctx, plugin, rest.ID("plugin", plugin)))
}

// Update installs the newest version of a plugin. Pelican 1.0.0-beta38 always
// answers 500.
//
// Endpoint: POST /api/application/plugins/{plugin}/update
func (s *PluginsService) Update(ctx context.Context, plugin string) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationUpdatePlugin(ctx, plugin, rest.ID("plugin", plugin)))
}

// Uninstall uninstalls a plugin. With deleteFiles its files go too, so that it has
// to be imported again; without, it can be installed again.
//
// Endpoint: POST /api/application/plugins/{plugin}/uninstall
func (s *PluginsService) Uninstall(ctx context.Context, plugin string, deleteFiles bool) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationUninstallPlugin(ctx, plugin, applicationapi.UninstallPluginRequest{Delete: deleteFiles},
		rest.ID("plugin", plugin)))
}

// Enable enables an installed plugin. For one that it enabled before
// Pelican answers 500.
//
// Endpoint: POST /api/application/plugins/{plugin}/enable
func (s *PluginsService) Enable(ctx context.Context, plugin string) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationEnablePlugin(ctx, plugin, rest.ID("plugin", plugin)))
}

// Disable disables an installed plugin.
//
// Endpoint: POST /api/application/plugins/{plugin}/disable
func (s *PluginsService) Disable(ctx context.Context, plugin string) (*Plugin, error) {
	return rest.Item[Plugin](s.api.ApplicationDisablePlugin(ctx, plugin, rest.ID("plugin", plugin)))
}
