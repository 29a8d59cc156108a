package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// The requests of the Application API have many fields, which the command line
// takes as NAME=VALUE, by their JSON names. What there is, and of which type,
// comes from the request itself.

// requestField is a field of a request.
type requestField struct {
	name string // with dots, as in limits.memory
	kind reflect.Kind
	list bool // of values of the kind
	any  bool // the name stands for a map, whose keys are free
	null bool // null clears it
}

// fieldsOf returns the fields of a request, sorted.
func fieldsOf(request any) []requestField {
	var fields []requestField
	gather(reflect.TypeOf(request).Elem(), "", &fields)
	slices.SortFunc(fields, func(a, b requestField) int { return strings.Compare(a.name, b.name) })
	return fields
}

func gather(t reflect.Type, prefix string, fields *[]requestField) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		inner, null := f.Type, false
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if get, ok := inner.MethodByName("Get"); ok && inner.Kind() == reflect.Struct { // a Nullable
			inner, null = get.Type.Out(0), true
		}
		switch inner.Kind() {
		case reflect.Struct:
			gather(inner, prefix+name+".", fields)
		case reflect.Map:
			*fields = append(*fields, requestField{name: prefix + name, kind: inner.Elem().Kind(), any: true, null: null})
		case reflect.Slice:
			*fields = append(*fields, requestField{name: prefix + name, kind: inner.Elem().Kind(), list: true, null: null})
		default:
			*fields = append(*fields, requestField{name: prefix + name, kind: inner.Kind(), null: null})
		}
	}
}

// describe returns the fields as a help text has them.
func describeFields(fields []requestField) string {
	var b strings.Builder
	for _, f := range fields {
		name, kind := f.name, "text"
		switch f.kind {
		case reflect.Int, reflect.Int64:
			kind = "number"
		case reflect.Bool:
			kind = "true or false"
		}
		if f.list {
			kind += "s, with commas between"
		}
		if f.any {
			name += ".NAME"
		}
		if f.null {
			kind += ", or null"
		}
		if ui.IsSecret(f.name) {
			kind = "asked for with " + name + "=-"
		}
		fmt.Fprintf(&b, "  %-34s %s\n", name, kind)
	}
	return b.String()
}

// changesOf reads the values for fields of a request.
func (a *app) changesOf(ctx context.Context, request any, pairs []string) (map[string]any, error) {
	fields := fieldsOf(request)
	changes := make(map[string]any)
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usagef("%q is not FIELD=VALUE", pair)
		}
		f, err := findField(fields, name)
		if err != nil {
			return nil, err
		}
		value, err := a.fieldValue(ctx, f, name, text)
		if err != nil {
			return nil, err
		}
		at := changes
		parts := strings.Split(name, ".")
		if f.any { // the rest is one key
			parts = append(strings.Split(f.name, "."), strings.TrimPrefix(name, f.name+"."))
		}
		for _, part := range parts[:len(parts)-1] {
			inner, ok := at[part].(map[string]any)
			if !ok {
				inner = make(map[string]any)
				at[part] = inner
			}
			at = inner
		}
		at[parts[len(parts)-1]] = value
	}
	return changes, nil
}

func findField(fields []requestField, name string) (requestField, error) {
	var known []string
	for _, f := range fields {
		if f.name == name && !f.any || f.any && strings.HasPrefix(name, f.name+".") {
			return f, nil
		}
		known = append(known, f.name)
	}
	f := &failure{code: exitUsage, err: fmt.Errorf("there is no field %q", name), hint: "Fields: " + strings.Join(known, ", ")}
	if near := closest(name, known); near != "" {
		f.hint = fmt.Sprintf("Did you mean %q? %s", near, f.hint)
	}
	return requestField{}, f
}

// fieldValue reads a value by the type of its field.
func (a *app) fieldValue(ctx context.Context, f requestField, name, text string) (any, error) {
	if ui.IsSecret(f.name) && text != "-" && text != "null" {
		return nil, &failure{code: exitUsage, err: fmt.Errorf("%s on the command line could be seen by others", name), hint: "Write " + name + "=- to be asked for it, or to pipe it in."}
	}
	if text == "-" && ui.IsSecret(f.name) {
		return a.AskSecret(ctx, name)
	}
	if f.null && text == "null" {
		return nil, nil //nolint:nilnil // null is a value of JSON
	}
	if !f.list {
		return scalar(f.kind, name, text)
	}
	list := []any{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		value, err := scalar(f.kind, name, part)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// scalar parses a value by the kind of its field.
func scalar(kind reflect.Kind, name, text string) (any, error) {
	switch kind {
	case reflect.Int, reflect.Int64:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, usagef("%s must be a number, not %q", name, text)
		}
		return n, nil
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, usagef("%s must be true or false, not %q", name, text)
		}
		return b, nil
	}
	return text, nil
}

// merge sets what changes name, and keeps the rest.
func merge(request any, changes map[string]any) error {
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return err
	}
	overlay(whole, changes)
	if text, err = json.Marshal(whole); err != nil {
		return err
	}
	fresh := reflect.New(reflect.TypeOf(request).Elem())
	if err := json.Unmarshal(text, fresh.Interface()); err != nil {
		return usagef("a value does not fit its field: %v", err)
	}
	reflect.ValueOf(request).Elem().Set(fresh.Elem())
	return nil
}

func overlay(whole, changes map[string]any) {
	for name, value := range changes {
		inner, isMap := value.(map[string]any)
		old, wasMap := whole[name].(map[string]any)
		if isMap && wasMap {
			overlay(old, inner)
			continue
		}
		whole[name] = value
	}
}

// completeFields offers the names of fields after n arguments.
func completeFields(request any, n int, before cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) < n {
			return before(cmd, args, typed)
		}
		var names []string
		for _, f := range fieldsOf(request) {
			suffix := "="
			if f.any {
				suffix = "."
			}
			names = append(names, f.name+suffix)
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}
