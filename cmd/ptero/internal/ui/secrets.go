package ui

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Hidden stands for a secret that is not shown.
const Hidden = "(hidden)"

// shortestSecret is how long a secret must be to be replaced where it stands
// within other values, too. Shorter ones, such as "1", stand everywhere.
const shortestSecret = 4

var (
	secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|api_?key|secret_token)$|^image_url_data$`)
	signedURL  = regexp.MustCompile(`^https?://.*[?&]token=`)
)

// IsSecret reports whether a field or variable of this name holds a secret.
func IsSecret(name string) bool { return secretName.MatchString(name) }

// Secret returns the value, or [Hidden] unless secrets are shown.
func (t *Terminal) Secret(value string) string {
	if value == "" || t.ShowSecrets {
		return value
	}
	return Hidden
}

// hideSecrets replaces the secrets in a JSON text: the values of fields and
// variables whose names say so, signed URLs, and the same values where they
// stand within others, as in the command that a server is started with.
func hideSecrets(text []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	root, err := decode(decoder)
	if err != nil {
		return nil, err
	}
	secrets := make(map[string]bool)
	collect(root, "", secrets)
	return marshal(hide(root, "", secrets))
}

// object is a JSON object that keeps the order of its fields.
type object []field

type field struct {
	name  string
	value any // object, []any, or what json.Decoder.Token returns
}

// MarshalJSON implements [json.Marshaler].
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// decode reads a JSON value.
func decode(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := decode(decoder)
			if err != nil {
				return nil, err
			}
			text, _ := name.(string) // the decoder refuses other names
			o = append(o, field{text, value})
		}
		_, err := decoder.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := decode(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

// meanings returns what the fields of an object are called as secrets are: by
// their names, or by the variable whose value they are.
func (o object) meanings() func(field) string {
	variable := ""
	for _, f := range o {
		if text, ok := f.value.(string); ok && (f.name == "env_variable" || f.name == "variable") {
			variable = text
		}
	}
	return func(f field) string {
		switch f.name {
		case "server_value", "default_value", "old", "new": // the last two in the activity log
			if variable != "" {
				return variable
			}
		}
		return f.name
	}
}

// collect finds the secrets of a value that is called name.
func collect(value any, name string, secrets map[string]bool) {
	switch v := value.(type) {
	case string:
		if len(v) >= shortestSecret && isSecret(name, v) {
			secrets[v] = true
		}
	case []any:
		for _, element := range v {
			collect(element, name, secrets)
		}
	case object:
		meaning := v.meanings()
		for _, f := range v {
			collect(f.value, meaning(f), secrets)
		}
	}
}

func isSecret(name, value string) bool { return IsSecret(name) || signedURL.MatchString(value) }

// hide returns the value, which is called name, without the secrets.
func hide(value any, name string, secrets map[string]bool) any {
	switch v := value.(type) {
	case string:
		if v != "" && isSecret(name, v) {
			return Hidden
		}
		for secret := range secrets {
			v = strings.ReplaceAll(v, secret, Hidden)
		}
		return v
	case json.Number:
		if IsSecret(name) {
			return Hidden
		}
	case []any:
		for i, element := range v {
			v[i] = hide(element, name, secrets)
		}
	case object:
		meaning := v.meanings()
		for i, f := range v {
			v[i].value = hide(f.value, meaning(f), secrets)
		}
	}
	return value
}
