package quickjson

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/envelope"
)

// value decodes the next value into v. Like all methods here it reports false to
// give up.
func (d *decoder) value(p *plan, v reflect.Value) bool {
	c := d.peek()
	if c == 'n' {
		return d.null(p, v)
	}
	switch p.kind {
	case isBool:
		v.SetBool(c == 't')
		return d.literal("true") || d.literal("false")
	case isInt:
		return d.int(c, v)
	case isFloat:
		return d.float(c, v)
	case isString:
		if c != '"' {
			return false
		}
		text, ok := d.string()
		v.SetString(d.names.of(text))
		return ok
	case isPointer:
		v.Set(reflect.New(p.elem.typ))
		return d.value(p.elem, v.Elem())
	case isStruct:
		return c == '{' && d.object(p, v)
	case isPHPLinks:
		if c == '{' {
			return d.object(p, v)
		}
	case isList:
		return c == '[' && d.list(p, v)
	case isPHPList:
		if c == '[' {
			return d.list(p, v)
		}
	case isMap:
		return c == '{' && d.dict(p, v)
	case isPHPMap:
		if c == '{' {
			return d.dict(p, v)
		}
	case isScalarMap:
		if c == '{' {
			return d.scalars(v.Addr().Interface().(*envelope.Map[envelope.Scalar])) //nolint:forcetypeassert // by the plan
		}
	}
	return d.other(v)
}

// other decodes a value whose type knows best how.
func (d *decoder) other(v reflect.Value) bool {
	raw, ok := d.raw()
	if !ok {
		return false
	}
	switch into := v.Addr().Interface().(type) {
	case *time.Time:
		return into.UnmarshalJSON(raw) == nil
	case *envelope.Bool:
		return into.UnmarshalJSON(raw) == nil
	case *envelope.Int:
		return into.UnmarshalJSON(raw) == nil
	case *envelope.Scalar:
		return into.UnmarshalJSON(raw) == nil
	case json.Unmarshaler:
		return into.UnmarshalJSON(raw) == nil
	default:
		return json.Unmarshal(raw, into) == nil
	}
}

// null decodes null. It leaves a number, text or struct as it is.
func (d *decoder) null(p *plan, v reflect.Value) bool {
	switch p.kind {
	case isBool, isInt, isFloat, isString, isStruct, isPHPLinks, isTime,
		isPointer, isList, isMap, isPHPList, isPHPMap, isScalarMap:
		return d.literal("null")
	}
	return d.other(v)
}

func (d *decoder) int(c byte, v reflect.Value) bool {
	if c != '-' && (c < '0' || c > '9') {
		return false
	}
	n, ok := d.integer()
	if !ok || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func (d *decoder) float(c byte, v reflect.Value) bool {
	start := d.at
	if c != '-' && (c < '0' || c > '9') || !d.number() {
		return false
	}
	f, err := strconv.ParseFloat(string(d.data[start:d.at]), v.Type().Bits())
	v.SetFloat(f)
	return err == nil
}

// object decodes an object into a struct.
func (d *decoder) object(p *plan, v reflect.Value) bool {
	if !d.open() {
		return false
	}
	var seen uint64
	before := -1
	for first := true; ; first = false {
		if more, ok := d.next(first, '}'); !more {
			return ok
		}
		name, ok := d.name()
		if !ok {
			return false
		}
		i, known := p.field(before, name)
		if !known {
			if p.folds(string(name)) || !d.skip() {
				return false
			}
			continue
		}
		if seen&(1<<i) != 0 {
			return false
		}
		seen |= 1 << i
		before = i
		if !d.value(p.fields[i], v.Field(i)) {
			return false
		}
	}
}

// folds tells that a name is that of a field, but for its case. encoding/json
// takes it for the field's.
func (p *plan) folds(name string) bool {
	for known := range p.byName {
		if strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}

// list decodes a list into a slice.
func (d *decoder) list(p *plan, v reflect.Value) bool {
	if !d.open() {
		return false
	}
	for n := 0; ; n++ {
		if more, ok := d.next(n == 0, ']'); !more {
			if n == 0 {
				v.Set(reflect.MakeSlice(p.typ, 0, 0))
			}
			return ok
		}
		if n == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(n + 1)
		if !d.value(p.elem, v.Index(n)) {
			return false
		}
	}
}

// dict decodes an object into a map. The last of two members with the same name
// counts.
func (d *decoder) dict(p *plan, v reflect.Value) bool {
	if !d.open() {
		return false
	}
	v.Set(reflect.MakeMap(p.typ))
	elem := reflect.New(p.elem.typ).Elem()
	for first := true; ; first = false {
		if more, ok := d.next(first, '}'); !more {
			return ok
		}
		name, ok := d.name()
		if !ok {
			return false
		}
		key := reflect.ValueOf(d.names.of(name))
		elem.SetZero()
		if !d.value(p.elem, elem) {
			return false
		}
		v.SetMapIndex(key, elem)
	}
}

// scalars is dict for what nearly all maps of the Panel hold.
func (d *decoder) scalars(m *envelope.Map[envelope.Scalar]) bool {
	if !d.open() {
		return false
	}
	*m = make(envelope.Map[envelope.Scalar])
	for first := true; ; first = false {
		if more, ok := d.next(first, '}'); !more {
			return ok
		}
		name, ok := d.name()
		if !ok {
			return false
		}
		key := d.names.of(name)
		raw, ok := d.raw()
		if !ok {
			return false
		}
		var value envelope.Scalar
		if value.UnmarshalJSON(raw) != nil {
			return false
		}
		(*m)[key] = value
	}
}
