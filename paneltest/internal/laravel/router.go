package laravel

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Router finds the operation of a request. An http.ServeMux takes offence at
// routes of the Panel that overlap: here a fixed segment wins over a parameter.
type Router struct {
	routes map[int][]Route // by the number of segments

	// name names the operation behind a pattern, "" for what is none, and tells
	// whether it is served.
	name func(pattern string) (operation string, served bool)
}

// NewRouter returns a router without routes.
func NewRouter(name func(pattern string) (operation string, served bool)) *Router {
	return &Router{routes: make(map[int][]Route), name: name}
}

// Operations lists the names of the operations that are served.
func (rt *Router) Operations() []string {
	var names []string
	for _, routes := range rt.routes {
		for _, r := range routes {
			if r.Operation != "" {
				names = append(names, r.Operation)
			}
		}
	}
	return names
}

// Route is a path with its handler.
type Route struct {
	method    string
	segments  []string
	Operation string // its operationId, "" for what is no operation
	Handle    http.HandlerFunc
}

// HandleFunc implements the ServeMux of the generated servers. It passes over
// operations that are not served.
func (rt *Router) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	id, served := rt.name(pattern)
	if !served {
		return
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	rt.routes[len(segments)] = append(rt.routes[len(segments)], Route{method, segments, id, handle})
}

// ServeHTTP implements [http.Handler], as a ServeMux has to.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if found, _ := rt.Find(r); found != nil {
		found.Handle(w, r)
		return
	}
	http.NotFound(w, r)
}

// Find returns the route of a request, whose parameters it notes in the
// request. If there is none for the method it returns those that there are.
func (rt *Router) Find(r *http.Request) (found *Route, methods []string) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	segments := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	candidates := rt.routes[len(segments)]
	most := -1
	for i := range candidates {
		candidate := &candidates[i]
		fixed := candidate.match(segments)
		switch {
		case fixed < 0:
		case candidate.method != method:
			methods = append(methods, candidate.method)
		case fixed > most:
			found, most = candidate, fixed
		}
	}
	if found == nil {
		return nil, allowed(methods)
	}
	for i, segment := range found.segments {
		if name, isParam := strings.CutPrefix(segment, "{"); isParam {
			value, err := url.PathUnescape(segments[i])
			if err != nil {
				value = segments[i]
			}
			r.SetPathValue(strings.TrimSuffix(name, "}"), value)
		}
	}
	return found, nil
}

// match counts the fixed segments that agree; -1 means that one does not.
func (rt *Route) match(segments []string) int {
	fixed := 0
	for i, want := range rt.segments {
		switch {
		case strings.HasPrefix(want, "{"):
			if segments[i] == "" {
				return -1
			}
		case want == segments[i]:
			fixed++
		default:
			return -1
		}
	}
	return fixed
}

// methodOrder is the order in which the Panel names methods.
var methodOrder = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// allowed puts methods in order. What can be got can be asked for the head of.
func allowed(methods []string) []string {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	return slices.DeleteFunc(slices.Clone(methodOrder), func(m string) bool { return !slices.Contains(methods, m) })
}
