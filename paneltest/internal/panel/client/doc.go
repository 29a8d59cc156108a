// Package client serves the operations of the Client API, one file for each area.
// They are named in api/openapi.yaml.
package client
