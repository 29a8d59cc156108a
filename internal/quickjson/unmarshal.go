package quickjson

import (
	"encoding/json"
	"reflect"
	"sync"
)

// Unmarshal decodes a document into *v, as json.Unmarshal does into a zero
// value. What *v held before is lost.
func Unmarshal[T any](document []byte, v *T) error {
	var zero T
	*v = zero
	if decode(document, reflect.ValueOf(v).Elem()) {
		return nil
	}
	*v = zero
	return json.Unmarshal(document, v)
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decode reports whether it could decode the document into v, which is a zero
// value. If not, v may hold a part of it.
func decode(document []byte, v reflect.Value) bool {
	d := decoders.Get().(*decoder) //nolint:forcetypeassert // the pool holds nothing else
	d.scanner = scanner{data: document}
	done := d.value(planOf(v.Type()), v) && d.end()
	d.forget()
	decoders.Put(d)
	return done
}

// decoder decodes one document.
type decoder struct {
	scanner
	names names
}

// forget drops all that came from the document: the pool must not keep it.
func (d *decoder) forget() {
	d.scanner = scanner{}
	d.names.forget()
}
