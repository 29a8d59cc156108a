package laravel

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Input is what a request says, as PHP sees it: the query and the body in one
// map, texts without spaces at their ends, null for empty texts.
type Input map[string]any

// errMalformed is for a body that claims to be JSON and is not.
var errMalformed = errors.New("malformed JSON")

// ReadInput takes a request apart. Texts keep their spaces if verbatim.
func ReadInput(r *http.Request, body []byte, verbatim bool) (Input, error) {
	in := make(Input)
	addQuery(in, r.URL.RawQuery)
	contentType := r.Header.Get("Content-Type")
	switch {
	case strings.Contains(contentType, "/json") || strings.Contains(contentType, "+json"):
		if len(bytes.TrimSpace(body)) == 0 {
			break
		}
		var document any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if !json.Valid(body) || decoder.Decode(&document) != nil {
			return nil, errMalformed
		}
		if members, isMap := document.(map[string]any); isMap {
			maps.Copy(in, members)
		}
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		addQuery(in, string(body))
	}
	for name, value := range in {
		in[name] = normal(value, verbatim)
	}
	return in, nil
}

// normal trims texts and makes empty ones null.
func normal(value any, verbatim bool) any {
	switch value := value.(type) {
	case string:
		if !verbatim {
			value = strings.TrimSpace(value)
		}
		if value == "" {
			return nil
		}
		return value
	case map[string]any:
		for name, member := range value {
			value[name] = normal(member, verbatim)
		}
	case []any:
		for i, entry := range value {
			value[i] = normal(entry, verbatim)
		}
	}
	return value
}

// addQuery parses a query with PHP's brackets: a[b]=1 and a[]=1.
func addQuery(in map[string]any, query string) {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil || name == "" {
			continue
		}
		base, inner, bracketed := strings.Cut(name, "[")
		if !bracketed || !strings.HasSuffix(inner, "]") || base == "" {
			in[name] = value
			continue
		}
		if inner = strings.TrimSuffix(inner, "]"); inner == "" {
			list, _ := in[base].([]any)
			in[base] = append(list, value)
			continue
		}
		members, isMap := in[base].(map[string]any)
		if !isMap {
			members = make(map[string]any)
			in[base] = members
		}
		members[inner] = value
	}
}

// Get returns the value at a dotted name, and whether there is one.
func (in Input) Get(name string) (any, bool) {
	var value any = map[string]any(in)
	for part := range strings.SplitSeq(name, ".") {
		switch container := value.(type) {
		case map[string]any:
			member, there := container[part]
			if !there {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(container) {
				return nil, false
			}
			value = container[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// Has reports whether there is a value, null included.
func (in Input) Has(name string) bool {
	_, there := in.Get(name)
	return there
}

// Text returns a value as a text, "" for none.
func (in Input) Text(name string) string {
	value, _ := in.Get(name)
	return TextOf(value)
}

// Optional returns a text, nil for null and for none.
func (in Input) Optional(name string) *string {
	value, _ := in.Get(name)
	if value == nil {
		return nil
	}
	text := TextOf(value)
	return &text
}

// Integer returns a number, which may have come as digits in a text; 0 for none.
func (in Input) Integer(name string) int {
	value, _ := in.Get(name)
	n, _ := IntegerOf(value)
	return n
}

// OptionalInteger returns a number, nil for null and for none.
func (in Input) OptionalInteger(name string) *int {
	value, _ := in.Get(name)
	if value == nil {
		return nil
	}
	n, _ := IntegerOf(value)
	return &n
}

// Boolean returns a value as PHP's request helper sees it.
func (in Input) Boolean(name string) bool {
	value, _ := in.Get(name)
	return truthOf(value)
}

// List returns the entries of a list or of a map, nil for anything else.
func (in Input) List(name string) []any {
	value, _ := in.Get(name)
	return EntriesOf(value)
}

// Texts returns a list of texts.
func (in Input) Texts(name string) []string {
	texts := []string{}
	for _, entry := range in.List(name) {
		texts = append(texts, TextOf(entry))
	}
	return texts
}

// Integers returns a list of numbers.
func (in Input) Integers(name string) []int {
	var numbers []int
	for _, entry := range in.List(name) {
		if n, ok := IntegerOf(entry); ok {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// TextOf returns a value as a text, "" for none.
func TextOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		if value {
			return "1"
		}
	}
	return ""
}

// numberOf returns a number or a text that looks like one.
func numberOf(value any) (float64, bool) {
	switch value.(type) {
	case json.Number, string:
		n, err := strconv.ParseFloat(strings.TrimSpace(TextOf(value)), 64)
		return n, err == nil
	}
	return 0, false
}

// IntegerOf returns a whole number, which may have come as digits in a text, and
// whether the value is one.
func IntegerOf(value any) (int, bool) {
	n, ok := numberOf(value)
	return int(n), ok && n == float64(int(n))
}

func truthOf(value any) bool {
	switch value := value.(type) {
	case bool:
		return value
	default:
		switch strings.ToLower(TextOf(value)) {
		case "1", "true", "on", "yes":
			return true
		}
	}
	return false
}

// EntriesOf returns the entries of a list or of a map, nil for anything else.
func EntriesOf(value any) []any {
	switch value := value.(type) {
	case []any:
		return value
	case map[string]any:
		entries := make([]any, 0, len(value))
		for _, entry := range value {
			entries = append(entries, entry)
		}
		return entries
	}
	return nil
}
