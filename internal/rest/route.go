package rest

import (
	"strings"
)

// Operation is one operation of the API's document.
type Operation struct {
	ID     string // operationId, such as "clientGetServer"
	Method string
	Path   string // template, such as "/api/client/servers/{server}"
}

// Routes finds the operation that a request belongs to.
type Routes struct {
	byShape map[routeShape][]route
}

type routeShape struct {
	method   string
	segments int
}

type route struct {
	operation *Operation
	segments  []string // "" where the template has a parameter
}

// NewRoutes takes the operations of a generated package: operationIds by
// method and path template, as in "GET /api/client".
func NewRoutes(operations map[string]string) *Routes {
	r := &Routes{byShape: make(map[routeShape][]route)}
	for endpoint, id := range operations {
		method, path, _ := strings.Cut(endpoint, " ")
		segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
		for i, segment := range segments {
			if strings.HasPrefix(segment, "{") {
				segments[i] = ""
			}
		}
		shape := routeShape{method, len(segments)}
		r.byShape[shape] = append(r.byShape[shape], route{&Operation{id, method, path}, segments})
	}
	return r
}

// Find returns the operation of a request to an escaped path below the Panel's
// address, or nil. A fixed segment wins over a parameter.
func (r *Routes) Find(method, path string) *Operation {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var found *Operation
	most := -1
	for _, route := range r.byShape[routeShape{method, len(segments)}] {
		if fixed := route.match(segments); fixed > most {
			found, most = route.operation, fixed
		}
	}
	return found
}

// match counts the fixed segments that agree; -1 means that one does not.
func (r *route) match(segments []string) int {
	fixed := 0
	for i, want := range r.segments {
		switch want {
		case "":
		case segments[i]:
			fixed++
		default:
			return -1
		}
	}
	return fixed
}
