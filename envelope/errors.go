package envelope

import "encoding/json"

// ErrorList is the body of every refusal and failure that the Panel itself
// words.
type ErrorList struct {
	// Errors holds at least one entry, in a validation error one for each
	// field and failed rule.
	Errors []ErrorEntry `json:"errors"`
}

// ErrorEntry is one reason that the Panel gives for a refusal or failure.
type ErrorEntry struct {
	// Code is the PHP class name of the exception without its namespace, such
	// as "ValidationException". In validation errors of Panel 0.7 it is the
	// name of the failed rule.
	Code string `json:"code"`

	// Status is the HTTP status in digits. Panel 0.7 does not send it.
	Status string `json:"status,omitempty"`

	// Detail is the reason in words. It may hold HTML.
	Detail string `json:"detail"`

	// Meta names the field and the rule of a validation error.
	Meta *ErrorMeta `json:"meta,omitempty"`

	// Source is the place of the error: the field in Panel 0.7, the line of code on
	// later Panels in debug mode.
	Source *ErrorSource `json:"source,omitempty"`
}

// ErrorMeta names the field and the rule of a validation error.
type ErrorMeta struct {
	// SourceField is the field at fault, dotted, such as "limits.memory".
	SourceField string `json:"source_field,omitempty"`

	// Rule is the failed rule in snake case, such as "required". It is nil
	// outside of validation errors and empty for a check that is no rule.
	Rule *string `json:"rule,omitempty"`

	// Trace is the stack of the exception, on panels in debug mode only.
	Trace json.RawMessage `json:"trace,omitempty"`
}

// ErrorSource is the place of an error.
type ErrorSource struct {
	// Field is the field at fault (Panel 0.7).
	Field string `json:"field,omitempty"`

	// File and Line are a place in the Panel's code (debug mode).
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Field returns the field at fault, dotted, such as "limits.memory". It is
// empty where the entry names none.
func (e *ErrorEntry) Field() string {
	switch {
	case e.Meta != nil && e.Meta.SourceField != "":
		return e.Meta.SourceField
	case e.Source != nil:
		return e.Source.Field
	}
	return ""
}

// Rule returns the validation rule that failed, in snake case, such as
// "required". It is empty where the entry names none.
func (e *ErrorEntry) Rule() string {
	switch {
	case e.Meta != nil && e.Meta.Rule != nil:
		return *e.Meta.Rule
	case e.Source != nil && e.Source.Field != "":
		return e.Code // Panel 0.7 puts the rule in place of the class
	}
	return ""
}
