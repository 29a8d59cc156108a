package laravel

import "strings"

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
