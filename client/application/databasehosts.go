package application

import (
	"context"
	"iter"

	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// DatabaseHostsService manages the database servers on which databases of servers
// are created. Pelican only.
type DatabaseHostsService service

// DatabaseHostListOptions selects a page of a list of database hosts. The zero
// value asks for the first page of all.
type DatabaseHostListOptions struct {
	// Page is the page to get, or the one at which All begins. 0 means 1.
	Page int

	// PerPage is the number of database hosts in a page. 0 means 10 for List and
	// 100 for All. There is no maximum.
	PerPage int

	// Name and Host keep the database hosts whose name and address contain these
	// texts; a comma separates alternatives.
	Name, Host string

	// Include names the relations to include.
	Include []DatabaseHostInclude
}

func (o *DatabaseHostListOptions) paging() (page, perPage *int) { return &o.Page, &o.PerPage }

// List gets one page of database hosts.
//
// Endpoint: GET /api/application/database-hosts
func (s *DatabaseHostsService) List(ctx context.Context, opts DatabaseHostListOptions) (*Page[DatabaseHost], error) {
	return rest.PageOf[DatabaseHost](s.api.ApplicationListDatabaseHosts(ctx, &applicationapi.ApplicationListDatabaseHostsParams{
		Page:           rest.Optional(opts.Page),
		PelicanPerPage: rest.Optional(opts.PerPage),
		FilterName:     rest.Optional(opts.Name),
		FilterHost:     rest.Optional(opts.Host),
		Include:        opts.Include,
	},
		rest.NotNegative("Page", opts.Page), rest.NotNegative("PerPage", opts.PerPage),
		rest.Includes("Include", opts.Include...)))
}

// All iterates over the database hosts on all pages. It can miss an item if others are
// deleted and created meanwhile; see Lists in the comment of package client.
func (s *DatabaseHostsService) All(ctx context.Context, opts DatabaseHostListOptions) iter.Seq2[*DatabaseHost, error] {
	return rest.AllOf(ctx, s.core, opts, (*DatabaseHostListOptions).paging, func(x *DatabaseHost) int { return x.ID }, s.List)
}

// Get returns one database host.
//
// Endpoint: GET /api/application/database-hosts/{database_host}
func (s *DatabaseHostsService) Get(ctx context.Context, host int, include ...DatabaseHostInclude) (*DatabaseHost, error) {
	return rest.Item[DatabaseHost](s.api.ApplicationGetDatabaseHost(ctx, host,
		&applicationapi.ApplicationGetDatabaseHostParams{Include: include},
		rest.ID("host", host), rest.Includes("include", include...)))
}

// Create creates a database host. The Panel logs in to it first; where that fails,
// the error matches [client.ErrServer] and has the code "PDOException". The request
// is never sent twice.
//
// Endpoint: POST /api/application/database-hosts
func (s *DatabaseHostsService) Create(ctx context.Context, req CreateDatabaseHostRequest) (*DatabaseHost, error) {
	return rest.Item[DatabaseHost](s.api.ApplicationCreateDatabaseHost(ctx, req))
}

// Replace changes a database host. Name, Host, Port and Username are required, even
// if unchanged; other fields that are left out stay as they are. The Panel logs in
// to the host first, as [DatabaseHostsService.Create] does.
//
// Endpoint: PATCH /api/application/database-hosts/{database_host}
func (s *DatabaseHostsService) Replace(ctx context.Context, host int, req UpdateDatabaseHostRequest) (*DatabaseHost, error) {
	return rest.Item[DatabaseHost](s.api.ApplicationUpdateDatabaseHost(ctx, host, req, rest.ID("host", host)))
}

// Delete deletes a database host. For one with databases Pelican answers 500, with
// the code "QueryException".
//
// Endpoint: DELETE /api/application/database-hosts/{database_host}
func (s *DatabaseHostsService) Delete(ctx context.Context, host int) error {
	return rest.None(s.api.ApplicationDeleteDatabaseHost(ctx, host, rest.ID("host", host)))
}
