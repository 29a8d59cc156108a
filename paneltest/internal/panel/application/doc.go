// Package application serves the operations of the Application API, one file for
// each area. They are named in api/openapi.yaml.
package application
