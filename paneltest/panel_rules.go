package paneltest

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

// field is what the Panel demands of one field of a request, in the language of
// its framework: rules are separated by |, their arguments follow a colon.
type field struct {
	name  string // dotted; a part "*" stands for each entry
	rules string

	// label is what messages call the field, by default its name.
	label string

	// checks are rules that need to know more, such as unique and exists.
	checks map[string]func(value any) bool

	// messages replace the usual one of a rule.
	messages map[string]string
}

// validator collects what is wrong with a request.
type validator struct {
	in     input
	labels map[string]string
	wrong  []wrong
}

// wrong is a rule that a field breaks.
type wrong struct{ field, rule, detail string }

// validate holds a request against fields and returns an error that lists all
// that is wrong, nil if nothing is.
func (in input) validate(fields ...field) error {
	v := &validator{in: in, labels: make(map[string]string)}
	v.check(fields)
	return v.err()
}

func (v *validator) check(fields []field) {
	for _, f := range fields {
		if f.label != "" {
			v.labels[f.name] = f.label
		}
	}
	for _, f := range fields {
		for _, name := range v.expand(f.name) {
			v.checkField(name, &f)
		}
	}
}

// err returns the collected faults as an answer.
func (v *validator) err() error {
	if len(v.wrong) == 0 {
		return nil
	}
	return &refusal{status: 422, code: "ValidationException", wrong: v.wrong}
}

// add notes a fault that no rule has a name for.
func (v *validator) add(name, detail string) {
	v.wrong = append(v.wrong, wrong{name, "", detail})
}

// expand replaces the parts "*" of a name by what is there.
func (v *validator) expand(name string) []string {
	before, after, wild := strings.Cut(name, ".*")
	if !wild {
		return []string{name}
	}
	container, _ := v.in.get(before)
	var keys []string
	switch container := container.(type) {
	case []any:
		for i := range container {
			keys = append(keys, strconv.Itoa(i))
		}
	case map[string]any:
		for key := range container {
			keys = append(keys, key)
		}
		slices.Sort(keys)
	}
	var names []string
	for _, key := range keys {
		names = append(names, v.expand(before+"."+key+after)...)
	}
	return names
}

// rule is one rule with its arguments.
type rule struct {
	name string
	args []string
}

func parseRules(text string) []rule {
	var rules []rule
	for part := range strings.SplitSeq(text, "|") {
		name, args, hasArgs := strings.Cut(part, ":")
		r := rule{name: name}
		switch {
		case hasArgs && (name == "regex" || name == "not_regex"):
			r.args = []string{args}
		case hasArgs:
			r.args = strings.Split(args, ",")
		}
		if name != "" {
			rules = append(rules, r)
		}
	}
	return rules
}

// implicit are the rules that speak about values that are not there.
var implicit = []string{"required", "required_if", "required_unless", "required_with", "required_without", "present", "filled", "accepted"}

func (v *validator) checkField(name string, f *field) {
	rules := parseRules(f.rules)
	value, there := v.in.get(name)
	has := func(name string) bool {
		return slices.ContainsFunc(rules, func(r rule) bool { return r.name == name })
	}
	if has("sometimes") && !there {
		return
	}
	numeric := has("numeric") || has("integer") || has("int") || has("digits")
	failed := false
	for _, r := range rules {
		isImplicit := slices.Contains(implicit, r.name)
		// Other rules say nothing about what is not there, null where it may
		// be, or empty.
		if !isImplicit && (!there || value == nil && has("nullable") || isBlank(value)) {
			continue
		}
		if failed && (r.name == "unique" || r.name == "exists") {
			continue
		}
		if v.passes(name, value, there, r, numeric, f) {
			continue
		}
		failed = true
		detail, own := f.messages[r.name]
		if !own {
			detail = v.message(name, f.label, value, r, numeric)
		}
		v.wrong = append(v.wrong, wrong{name, r.name, detail})
		if isImplicit || has("bail") {
			return
		}
	}
}

func isBlank(value any) bool {
	text, isText := value.(string)
	return isText && strings.TrimSpace(text) == ""
}

// isGiven is what the rule required demands.
func isGiven(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case string:
		return strings.TrimSpace(value) != ""
	case []any:
		return len(value) > 0
	case map[string]any:
		return len(value) > 0
	}
	return true
}

func (v *validator) isGiven(name string) bool {
	value, _ := v.in.get(name)
	return isGiven(value)
}

// passes applies a rule. Rules that it does not know are passed.
func (v *validator) passes(name string, value any, there bool, r rule, numeric bool, f *field) bool {
	if check := f.checks[r.name]; check != nil {
		return check(value)
	}
	arg := func(i int) string {
		if i < len(r.args) {
			return r.args[i]
		}
		return ""
	}
	switch r.name {
	case "required":
		return isGiven(value)
	case "required_with":
		return isGiven(value) || !slices.ContainsFunc(r.args, v.isGiven)
	case "required_without":
		return isGiven(value) || v.isGiven(arg(0))
	case "required_if":
		return isGiven(value) || !slices.Contains(r.args[1:], v.in.text(arg(0)))
	case "required_unless":
		return isGiven(value) || slices.Contains(r.args[1:], v.in.text(arg(0)))
	case "present":
		return there
	case "filled":
		return !there || isGiven(value)
	case "confirmed":
		return v.in.text(name+"_confirmation") == textOf(value)
	case "min":
		return size(value, numeric) >= float(arg(0))
	case "max":
		return size(value, numeric) <= float(arg(0))
	case "size":
		return size(value, numeric) == float(arg(0))
	case "between":
		n := size(value, numeric)
		return n >= float(arg(0)) && n <= float(arg(1))
	}
	return hasForm(value, r, arg)
}

// hasForm applies the rules that look at the value alone.
func hasForm(value any, r rule, arg func(int) string) bool {
	text := textOf(value)
	_, isText := value.(string)
	switch r.name {
	case "string":
		return isText
	case "array":
		_, isMap := value.(map[string]any)
		_, isList := value.([]any)
		return isMap || isList
	case "integer", "int":
		_, ok := integerOf(value)
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
		return matches(arg(0), text)
	case "not_regex":
		return !matches(arg(0), text)
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

func isDigit(c rune) bool        { return c >= '0' && c <= '9' }
func isAlphanumeric(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }

// all tells that a text has characters, all of a kind.
func all(text string, is func(rune) bool) bool {
	return text != "" && strings.IndexFunc(text, func(c rune) bool { return !is(c) }) < 0
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
	return float64(utf8.RuneCountInString(textOf(value)))
}

func float(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

// matches applies a regular expression of PHP, delimiters and flags included.
// One that Go does not know is taken to match.
func matches(expression, text string) bool {
	if expression == "" {
		return true
	}
	end := strings.LastIndexByte(expression, expression[0])
	if end < 1 {
		return true
	}
	pattern, flags := expression[1:end], ""
	for _, flag := range expression[end+1:] {
		if strings.ContainsRune("imsU", flag) {
			flags += string(flag)
		}
	}
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	compiled, err := regexp.Compile(strings.ReplaceAll(pattern, `\/`, "/"))
	return err != nil || compiled.MatchString(text)
}

// message words a broken rule as the Panel does.
func (v *validator) message(name, label string, value any, r rule, numeric bool) string {
	if label == "" {
		label = v.label(name)
	}
	kind := ".string"
	switch value.(type) {
	case []any, map[string]any:
		kind = ".array"
	default:
		if numeric {
			kind = ".numeric"
		}
	}
	wording, known := wordings[r.name]
	if !known {
		wording, known = wordings[r.name+kind]
	}
	if !known {
		wording = "The :attribute format is invalid."
	}
	replacements := []string{":attribute", label}
	switch r.name {
	case "min", "max", "size", "digits":
		replacements = append(replacements, ":"+r.name, r.args[0])
	case "between", "digits_between":
		replacements = append(replacements, ":min", r.args[0], ":max", r.args[1])
	case "required_with", "required_without":
		replacements = append(replacements, ":values", v.label(r.args[0]))
	case "required_if":
		replacements = append(replacements, ":other", v.label(r.args[0]), ":value", r.args[1])
	case "required_unless":
		replacements = append(replacements, ":other", v.label(r.args[0]), ":values", strings.Join(r.args[1:], ", "))
	}
	return strings.NewReplacer(replacements...).Replace(wording)
}

func (v *validator) label(name string) string {
	if label := v.labels[name]; label != "" {
		return label
	}
	return strings.ReplaceAll(name, "_", " ")
}

// wordings are the Panel's messages, by rule and, where it matters, by the kind
// of value.
var wordings = map[string]string{
	"accepted":         "The :attribute must be accepted.",
	"alpha":            "The :attribute may only contain letters.",
	"alpha_dash":       "The :attribute may only contain letters, numbers, and dashes.",
	"alpha_num":        "The :attribute may only contain letters and numbers.",
	"array":            "The :attribute must be an array.",
	"between.array":    "The :attribute must have between :min and :max items.",
	"between.numeric":  "The :attribute must be between :min and :max.",
	"between.string":   "The :attribute must be between :min and :max characters.",
	"boolean":          "The :attribute field must be true or false.",
	"confirmed":        "The :attribute confirmation does not match.",
	"digits":           "The :attribute must be :digits digits.",
	"digits_between":   "The :attribute must be between :min and :max digits.",
	"email":            "The :attribute must be a valid email address.",
	"exists":           "The selected :attribute is invalid.",
	"filled":           "The :attribute field is required.",
	"in":               "The selected :attribute is invalid.",
	"integer":          "The :attribute must be an integer.",
	"int":              "The :attribute must be an integer.",
	"ip":               "The :attribute must be a valid IP address.",
	"max.array":        "The :attribute may not have more than :max items.",
	"max.numeric":      "The :attribute may not be greater than :max.",
	"max.string":       "The :attribute may not be greater than :max characters.",
	"min.array":        "The :attribute must have at least :min items.",
	"min.numeric":      "The :attribute must be at least :min.",
	"min.string":       "The :attribute must be at least :min characters.",
	"not_in":           "The selected :attribute is invalid.",
	"numeric":          "The :attribute must be a number.",
	"present":          "The :attribute field must be present.",
	"regex":            "The :attribute format is invalid.",
	"required":         "The :attribute field is required.",
	"required_if":      "The :attribute field is required when :other is :value.",
	"required_unless":  "The :attribute field is required unless :other is in :values.",
	"required_with":    "The :attribute field is required when :values is present.",
	"required_without": "The :attribute field is required when :values is not present.",
	"size.array":       "The :attribute must contain :size items.",
	"size.numeric":     "The :attribute must be :size.",
	"size.string":      "The :attribute must be :size characters.",
	"string":           "The :attribute must be a string.",
	"unique":           "The :attribute has already been taken.",
	"url":              "The :attribute format is invalid.",
	"p_username": "The :attribute must start and end with alpha-numeric characters and\n" +
		"                contain only letters, numbers, dashes, underscores, and periods.",
}
