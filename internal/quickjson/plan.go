package quickjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ptero-go/ptero/envelope"
)

// plan says how a type is decoded.
type plan struct {
	kind   kind
	typ    reflect.Type
	elem   *plan          // of a pointer, list or map
	fields []*plan        // of a struct, nil for a field that is not decoded
	byName map[string]int // of the fields
	names  []string       // of the fields
	after  []atomic.Int32 // the field that came after each last time; the first stands for the beginning
}

// field finds a field by its name. The Panel sends the fields of a thing in the
// same order each time, so it looks first at what came last time after the field
// before, -1 at the beginning.
func (p *plan) field(before int, name []byte) (i int, known bool) {
	guess := &p.after[before+1]
	if i = int(guess.Load()); i < len(p.names) && p.names[i] == string(name) {
		return i, p.fields[i] != nil
	}
	if i, known = p.byName[string(name)]; known {
		guess.Store(int32(i)) //nolint:gosec // at most maxFields
	}
	return i, known
}

// kind is a way to decode.
type kind uint8

const (
	byJSON kind = iota // encoding/json does it
	bySelf             // the type does it itself
	isBool
	isInt
	isFloat
	isString
	isPointer
	isStruct
	isList
	isMap

	// Types that decode themselves, but are known well enough to save the detour.

	isTime
	isScalarMap
	isPHPMap   // a map that may also come as a list
	isPHPList  // a list that may also come as an object
	isPHPLinks // a struct that may also come as an empty list
)

var (
	plans   sync.Map // of all types seen so far
	planned sync.Mutex
)

// planOf returns the plan of a type.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan) //nolint:forcetypeassert // the map holds nothing else
	}
	planned.Lock()
	defer planned.Unlock()
	fresh := planner{}
	p := fresh.plan(t)
	for t, p := range fresh { // all are whole now
		plans.LoadOrStore(t, p)
	}
	return p
}

// planner makes plans of types that may hold each other.
type planner map[reflect.Type]*plan

func (made planner) plan(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan) //nolint:forcetypeassert // the map holds nothing else
	}
	if known := made[t]; known != nil {
		return known
	}
	p := &plan{typ: t}
	made[t] = p
	if p.kind = ownKind(t); p.kind == byJSON {
		p.kind = plainKind(t)
	}
	switch p.kind {
	case isPointer, isList, isPHPList, isMap, isPHPMap:
		p.elem = made.plan(t.Elem())
	case isStruct, isPHPLinks:
		if !made.fields(p) {
			p.kind = byJSON
		}
	}
	return p
}

var (
	envelopePath    = reflect.TypeFor[envelope.Scalar]().PkgPath()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// ownKind returns the kind of a type that decodes itself, byJSON for others.
func ownKind(t reflect.Type) kind {
	if t.Kind() == reflect.Pointer || !reflect.PointerTo(t).Implements(unmarshaler) {
		return byJSON
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return isTime
	case reflect.TypeFor[envelope.Map[envelope.Scalar]]():
		return isScalarMap
	case reflect.TypeFor[envelope.PageLinks]():
		return isPHPLinks
	}
	generic, _, _ := strings.Cut(t.Name(), "[")
	switch {
	case t.Kind() == reflect.Struct && hasForms(t):
		return byJSON // it decodes itself for the form that is not its own, which encoding/json sees to
	case t.PkgPath() != envelopePath:
	case generic == "Map":
		return isPHPMap
	case generic == "Slice":
		return isPHPList
	}
	return bySelf
}

// hasForms reports whether a field takes a second form of its value. The first one
// is decoded here, as with any struct; the other one makes this decoder give up.
func hasForms(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("forms") != "" {
			return true
		}
	}
	return false
}

// plainKind returns the kind of a type that does not decode itself.
func plainKind(t reflect.Type) kind {
	if reflect.PointerTo(t).Implements(textUnmarshaler) || t == reflect.TypeFor[json.Number]() {
		return byJSON
	}
	switch t.Kind() {
	case reflect.Bool:
		return isBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return isInt
	case reflect.Float32, reflect.Float64:
		return isFloat
	case reflect.String:
		return isString
	case reflect.Pointer:
		return isPointer
	case reflect.Struct:
		return isStruct
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // which are written as Base64
			return isList
		}
	case reflect.Map:
		if t.Key() == reflect.TypeFor[string]() {
			return isMap
		}
	}
	return byJSON
}

// fields plans the fields of a struct, and reports false for one that has others
// than the simplest.
func (made planner) fields(p *plan) bool {
	p.fields = make([]*plan, p.typ.NumField())
	p.byName = make(map[string]int, p.typ.NumField())
	p.names = make([]string, p.typ.NumField())
	p.after = make([]atomic.Int32, p.typ.NumField()+1)
	if len(p.fields) > maxFields {
		return false
	}
	for i := range p.fields {
		field := p.typ.Field(i)
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case field.Anonymous, strings.Contains(options, "string"):
			return false
		case !field.IsExported(), tag == "-":
			continue
		case name == "":
			name = field.Name
		}
		if _, twice := p.byName[name]; twice {
			return false
		}
		p.byName[name] = i
		p.names[i] = name
		p.fields[i] = made.plan(field.Type)
	}
	return true
}

// maxFields is how many fields the set of those that were seen can hold.
const maxFields = 64
