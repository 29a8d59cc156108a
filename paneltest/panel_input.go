package paneltest

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

// input is what a request says, as PHP sees it: the query and the body in one
// map, texts without blanks at their ends, null for empty texts.
type input map[string]any

// errMalformed is for a body that claims to be JSON and is not.
var errMalformed = errors.New("malformed JSON")

// readInput takes a request apart. Texts keep their blanks if verbatim.
func readInput(r *http.Request, body []byte, verbatim bool) (input, error) {
	in := make(input)
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

// get returns the value at a dotted name, and whether there is one.
func (in input) get(name string) (any, bool) {
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

// has tells that there is a value, null included.
func (in input) has(name string) bool {
	_, there := in.get(name)
	return there
}

// text returns a value as a text, "" for none.
func (in input) text(name string) string {
	value, _ := in.get(name)
	return textOf(value)
}

// optional returns a text, nil for null and for none.
func (in input) optional(name string) *string {
	value, _ := in.get(name)
	if value == nil {
		return nil
	}
	text := textOf(value)
	return &text
}

// integer returns a number, which may have come as digits in a text; 0 for none.
func (in input) integer(name string) int {
	value, _ := in.get(name)
	n, _ := integerOf(value)
	return n
}

// optionalInteger returns a number, nil for null and for none.
func (in input) optionalInteger(name string) *int {
	value, _ := in.get(name)
	if value == nil {
		return nil
	}
	n, _ := integerOf(value)
	return &n
}

// boolean returns a value as PHP's request helper sees it.
func (in input) boolean(name string) bool {
	value, _ := in.get(name)
	return truthOf(value)
}

// list returns the entries of a list or of a map, nil for anything else.
func (in input) list(name string) []any {
	value, _ := in.get(name)
	return entriesOf(value)
}

// texts returns a list of texts.
func (in input) texts(name string) []string {
	texts := []string{}
	for _, entry := range in.list(name) {
		texts = append(texts, textOf(entry))
	}
	return texts
}

// integers returns a list of numbers.
func (in input) integers(name string) []int {
	var numbers []int
	for _, entry := range in.list(name) {
		if n, ok := integerOf(entry); ok {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func textOf(value any) string {
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
		n, err := strconv.ParseFloat(strings.TrimSpace(textOf(value)), 64)
		return n, err == nil
	}
	return 0, false
}

func integerOf(value any) (int, bool) {
	n, ok := numberOf(value)
	return int(n), ok && n == float64(int(n))
}

func truthOf(value any) bool {
	switch value := value.(type) {
	case bool:
		return value
	default:
		switch strings.ToLower(textOf(value)) {
		case "1", "true", "on", "yes":
			return true
		}
	}
	return false
}

func entriesOf(value any) []any {
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
