package rest

import (
	"strings"
)

// Operation is an operation of the contract. The generated packages have the
// same type.
type Operation struct {
	ID     string // operationId, such as "clientGetServer"
	Method string
	Path   string // template, such as "/api/client/servers/{server}"

	// Repeatable says that a request may arrive twice with the effect and answer
	// of one. It is false for commands, power signals and creates.
	Repeatable bool

	// Only names the flavor of the panels that have it, "" where all do. Instead
	// says what to use with the other one.
	Only    Flavor
	Instead string
}

// Generated is the form that the generated packages have an operation in.
type Generated interface {
	~struct {
		ID, Method, Path string
		Repeatable       bool
		Only, Instead    string
	}
}

// generated is that form.
type generated struct {
	ID, Method, Path string
	Repeatable       bool
	Only, Instead    string
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

// NewRoutes takes the operations of a generated package.
func NewRoutes[O Generated](operations []O) *Routes {
	all := make([]Operation, len(operations))
	for i, o := range operations {
		o := generated(o)
		all[i] = Operation{o.ID, o.Method, o.Path, o.Repeatable, Flavor(o.Only), o.Instead}
	}
	return RoutesOf(all)
}

// RoutesOf takes operations.
func RoutesOf(operations []Operation) *Routes {
	r := &Routes{byShape: make(map[routeShape][]route)}
	for i := range operations {
		operation := operations[i]
		segments := strings.Split(strings.TrimPrefix(operation.Path, "/"), "/")
		for i, segment := range segments {
			if strings.HasPrefix(segment, "{") {
				segments[i] = ""
			}
		}
		shape := routeShape{operation.Method, len(segments)}
		r.byShape[shape] = append(r.byShape[shape], route{&operation, segments})
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
