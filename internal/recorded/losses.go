package recorded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"
)

// Losses compares a JSON value that the Panel sent with what our types make of
// it, both decoded with numbers kept, and tells where they differ in meaning.
func Losses(at string, sent, ours any) []string {
	if samePHP(sent, ours) {
		return nil
	}
	switch sent := sent.(type) {
	case map[string]any:
		ours, ok := ours.(map[string]any)
		if !ok {
			break
		}
		var all []string
		for key, value := range sent {
			if _, kept := ours[key]; !kept && (key != "attributes" || value != nil) {
				all = append(all, at+"."+key+" is lost")
				continue
			}
			all = append(all, Losses(at+"."+key, value, ours[key])...)
		}
		for key, value := range ours {
			if _, there := sent[key]; !there && !isNothing(value) {
				all = append(all, fmt.Sprintf("%s.%s is invented: %v", at, key, value))
			}
		}
		return all
	case []any:
		ours, ok := ours.([]any)
		if !ok || len(ours) != len(sent) {
			break
		}
		var all []string
		for i := range sent {
			all = append(all, Losses(fmt.Sprintf("%s[%d]", at, i), sent[i], ours[i])...)
		}
		return all
	}
	if reflect.DeepEqual(sent, ours) {
		return nil
	}
	return []string{fmt.Sprintf("%s was %v, is %v", at, sent, ours)}
}

// decode keeps numbers as they are written.
func decode(document []byte, value *any) error {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	return decoder.Decode(value)
}

// LossesOf compares two documents.
func LossesOf(sent, ours []byte) ([]string, error) {
	var a, b any
	if err := decode(sent, &a); err != nil {
		return nil, err
	}
	if err := decode(ours, &b); err != nil {
		return nil, err
	}
	return Losses("", a, b), nil
}

// isNothing tells that a value says no more than its absence.
func isNothing(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	case json.Number:
		return value == "0"
	}
	return value == nil || value == "" || value == false
}

// samePHP knows the quirks of PHP's JSON: two forms of the same value.
func samePHP(sent, ours any) bool {
	switch sent := sent.(type) {
	case nil:
		return isNothing(ours) // the name of an egg's config and script
	case []any:
		if text, isText := ours.(string); isText { // rules
			return text == joined(sent)
		}
		object, isObject := ours.(map[string]any)
		return isObject && (len(object) == 0 && len(sent) == 0 || sameNames(sent, object)) // an empty map, or names in groups
	case map[string]any:
		list, isList := ours.([]any) // a list with gaps
		return isList && len(list) == len(sent)
	case json.Number:
		if truth, isBool := ours.(bool); isBool { // 0 or 1
			return sent == "1" == truth
		}
		if digits, isText := ours.(string); isText {
			return digits == string(sent)
		}
		ours, isNumber := ours.(json.Number)
		return isNumber && sameNumber(string(sent), string(ours))
	case string:
		if ours, isNumber := ours.(json.Number); isNumber { // digits
			return sameNumber(sent, string(ours))
		}
		ours, isString := ours.(string)
		a, errA := time.Parse(time.RFC3339Nano, sent)
		b, errB := time.Parse(time.RFC3339Nano, ours)
		return isString && errA == nil && errB == nil && a.Equal(b) // +00:00 and Z
	}
	return false
}

// joined puts bars between texts; other values make it empty.
func joined(list []any) string {
	texts := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		if !isText {
			return ""
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "|")
}

// sameNames finds each name of a list, such as "file.read", among the keys of its
// group, and no others.
func sameNames(list []any, groups map[string]any) bool {
	count := 0
	for _, group := range groups {
		members, _ := group.(map[string]any)
		keys, _ := members["keys"].(map[string]any)
		count += len(keys)
	}
	for _, item := range list {
		name, _ := item.(string)
		first, key, _ := strings.Cut(name, ".")
		group, _ := groups[first].(map[string]any)
		keys, _ := group["keys"].(map[string]any)
		if _, there := keys[key]; !there {
			return false
		}
	}
	return count == len(list)
}

func sameNumber(a, b string) bool {
	x, okX := new(big.Float).SetString(a)
	y, okY := new(big.Float).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}
