package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// shortestSecret is the minimum length of a value in the query of a signed URL
// that is treated as a secret.
const shortestSecret = 16

// secretsOf returns the secret values in the query of a signed URL, both as they
// are written there and decoded.
func secretsOf(signed *url.URL) []string {
	var secrets []string
	for pair := range strings.SplitSeq(signed.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "directory" || len(value) < shortestSecret { // which the caller named
			continue
		}
		secrets = append(secrets, value)
		if decoded, err := url.QueryUnescape(value); err == nil && decoded != value {
			secrets = append(secrets, decoded)
		}
	}
	return secrets
}

// redact removes the key and the secrets of a signed URL from a text that came
// from elsewhere: a server in debug mode may repeat the headers of a request,
// and net/http what it could not read.
func (c *call) redact(text string) string {
	if c.core != nil {
		text = strings.ReplaceAll(text, c.core.key(), "[key]")
	}
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, "[token]")
	}
	return text
}

// redact removes the secrets of the call that an answer belongs to.
func redact(resp *http.Response, text string) string {
	return callOf(resp.Request.Context()).redact(text)
}

// redactError returns the error, or one that says less if it holds a secret.
func (c *call) redactError(err error) error {
	if text := c.redact(err.Error()); text != err.Error() {
		return &reworded{text, err}
	}
	return err
}

// longestCause bounds the text of an error of the decoder, which may repeat what
// it could not decode.
const longestCause = 300

// shortenError returns the error, or one with the beginning of its text.
func shortenError(err error) error {
	if text := err.Error(); len(text) > longestCause {
		return &reworded{beginning(text, longestCause), err}
	}
	return err
}

// longestReason bounds, in bytes, what an error's text repeats of one reason that
// a server gives.
const longestReason = 2000

// shorten returns a text or its beginning.
func shorten(text string) string {
	if len(text) > longestReason {
		return beginning(text, longestReason)
	}
	return text
}

func beginning(text string, length int) string {
	return strings.ToValidUTF8(text[:length], "") + "…"
}

// reworded is an error with another text. What it matches stays the same, but
// unwrapping does not lead to the original text.
type reworded struct {
	text     string
	original error
}

func (e *reworded) Error() string        { return e.text }
func (e *reworded) Is(target error) bool { return errors.Is(e.original, target) }
func (e *reworded) As(target any) bool   { return errors.As(e.original, target) }
