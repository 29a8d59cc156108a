package laravel

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hasFormat applies the rules that look at the value alone.
func hasFormat(value any, r rule, arg func(int) string) bool {
	text := TextOf(value)
	_, isText := value.(string)
	switch r.name {
	case "string":
		return isText
	case "array":
		_, isMap := value.(map[string]any)
		_, isList := value.([]any)
		return isMap || isList
	case "integer", "int":
		_, ok := IntegerOf(value)
		return ok
	case "numeric":
		_, ok := numberOf(value)
		return ok
	case "boolean":
		_, isBool := value.(bool)
		return isBool || text == "0" || text == "1"
	case "email":
		address, err := mail.ParseAddress(text)
		return err == nil && address.Address == text
	case "in":
		return slices.Contains(r.args, text)
	case "not_in":
		return !slices.Contains(r.args, text)
	case "regex":
		return Matches(arg(0), text)
	case "not_regex":
		return !Matches(arg(0), text)
	case "alpha":
		return all(text, unicode.IsLetter)
	case "alpha_num":
		return all(text, isAlphanumeric)
	case "alpha_dash":
		return all(text, func(c rune) bool { return isAlphanumeric(c) || c == '-' || c == '_' })
	case "digits":
		return all(text, isDigit) && float64(len(text)) == float(arg(0))
	case "digits_between":
		return all(text, isDigit) && float64(len(text)) >= float(arg(0)) && float64(len(text)) <= float(arg(1))
	case "ip":
		_, err := netip.ParseAddr(text)
		return err == nil
	case "url":
		address, err := url.Parse(text)
		return err == nil && address.Scheme != "" && address.Host != ""
	}
	return true
}

// size is the value of a number, the length of a text or the number of entries.
func size(value any, numeric bool) float64 {
	if numeric {
		if n, ok := numberOf(value); ok {
			return n
		}
	}
	switch value := value.(type) {
	case []any:
		return float64(len(value))
	case map[string]any:
		return float64(len(value))
	}
	return float64(utf8.RuneCountInString(TextOf(value)))
}

func float(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

// Matches applies a regular expression of PHP, delimiters and flags included.
// One that Go does not know is taken to match.
func Matches(expression, text string) bool {
	if expression == "" {
		return true
	}
	end := strings.LastIndexByte(expression, expression[0])
	if end < 1 {
		return true
	}
	pattern := expression[1:end]
	flags := strings.Map(func(flag rune) rune {
		if strings.ContainsRune("imsU", flag) {
			return flag
		}
		return -1
	}, expression[end+1:])
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	compiled, err := regexp.Compile(strings.ReplaceAll(pattern, `\/`, "/"))
	return err != nil || compiled.MatchString(text)
}
