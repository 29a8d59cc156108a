package paneltest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
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
	v := newValidator(in)
	v.check(fields...)
	return v.err()
}

// newValidator returns a validator of a request.
func newValidator(in input) *validator {
	return &validator{in: in, labels: make(map[string]string)}
}

// check holds the request against fields.
func (v *validator) check(fields ...field) {
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

func isDigit(c rune) bool        { return c >= '0' && c <= '9' }
func isAlphanumeric(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }

// all tells that a text has characters, all of a kind.
func all(text string, is func(rune) bool) bool {
	return text != "" && strings.IndexFunc(text, func(c rune) bool { return !is(c) }) < 0
}
