package laravel

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Field is what the Panel demands of one field of a request, in the language of
// its framework: rules are separated by |, their arguments follow a colon.
type Field struct {
	Name  string // dotted; a part "*" stands for each entry
	Rules string

	// Label is what messages call the field, by default its name.
	Label string

	// Checks are rules that need to know more, such as unique and exists.
	Checks map[string]func(value any) bool

	// messages replace the usual one of a rule.
	messages map[string]string
}

// validator collects what is wrong with a request.
type validator struct {
	in         Input
	labels     map[string]string
	violations []Violation
}

// Violation is a rule that a field breaks.
type Violation struct{ Field, Rule, Detail string }

// Validate holds a request against fields and returns an error that lists all
// that is wrong, nil if nothing is.
func (in Input) Validate(fields ...Field) error {
	v := NewValidator(in)
	v.Check(fields...)
	return v.Err()
}

// NewValidator returns a validator of a request.
func NewValidator(in Input) *validator {
	return &validator{in: in, labels: make(map[string]string)}
}

// Check holds the request against fields.
func (v *validator) Check(fields ...Field) {
	for _, f := range fields {
		if f.Label != "" {
			v.labels[f.Name] = f.Label
		}
	}
	for _, f := range fields {
		for _, name := range v.expand(f.Name) {
			v.checkField(name, &f)
		}
	}
}

// Err returns the collected faults as an answer.
func (v *validator) Err() error {
	if len(v.violations) == 0 {
		return nil
	}
	return &Error{Status: 422, Code: "ValidationException", Violations: v.violations}
}

// Add notes a fault that no rule has a name for.
func (v *validator) Add(name, detail string) {
	v.violations = append(v.violations, Violation{name, "", detail})
}

// expand replaces the parts "*" of a name by what is there.
func (v *validator) expand(name string) []string {
	before, after, wild := strings.Cut(name, ".*")
	if !wild {
		return []string{name}
	}
	container, _ := v.in.Get(before)
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

func (v *validator) checkField(name string, f *Field) {
	rules := parseRules(f.Rules)
	value, there := v.in.Get(name)
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
			detail = v.message(name, f.Label, value, r, numeric)
		}
		v.violations = append(v.violations, Violation{name, r.name, detail})
		if isImplicit || has("bail") {
			return
		}
	}
}

func isBlank(value any) bool {
	text, isText := value.(string)
	return isText && strings.TrimSpace(text) == ""
}

// IsGiven is what the rule required demands.
func IsGiven(value any) bool {
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
	value, _ := v.in.Get(name)
	return IsGiven(value)
}

// passes applies a rule. Rules that it does not know are passed.
func (v *validator) passes(name string, value any, there bool, r rule, numeric bool, f *Field) bool {
	if check := f.Checks[r.name]; check != nil {
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
		return IsGiven(value)
	case "required_with":
		return IsGiven(value) || !slices.ContainsFunc(r.args, v.isGiven)
	case "required_without":
		return IsGiven(value) || v.isGiven(arg(0))
	case "required_if":
		return IsGiven(value) || !slices.Contains(r.args[1:], v.in.Text(arg(0)))
	case "required_unless":
		return IsGiven(value) || slices.Contains(r.args[1:], v.in.Text(arg(0)))
	case "present":
		return there
	case "filled":
		return !there || IsGiven(value)
	case "confirmed":
		return v.in.Text(name+"_confirmation") == TextOf(value)
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
	return hasFormat(value, r, arg)
}

func isDigit(c rune) bool        { return c >= '0' && c <= '9' }
func isAlphanumeric(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }

// all reports whether a text has characters, all of a kind.
func all(text string, is func(rune) bool) bool {
	return text != "" && strings.IndexFunc(text, func(c rune) bool { return !is(c) }) < 0
}
