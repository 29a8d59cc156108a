// Package jwt signs and reads the tokens that the Panel gives out for Wings:
// JWTs with HS256, signed with the key of a node.
package jwt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrMalformed is for a text that is no token, or that another key signed.
var ErrMalformed = errors.New("jwt: malformed token")

const header = `{"alg":"HS256","typ":"JWT"}`

var encoding = base64.RawURLEncoding

// Sign returns a token with some claims.
func Sign(key string, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(fmt.Sprintf("paneltest: claims that are no JSON: %v", err))
	}
	signed := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString(payload)
	return signed + "." + encoding.EncodeToString(signature(key, signed))
}

func signature(key, signed string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// Parse decodes the claims of a token that the key signed. It does not look at
// them: a token may have expired.
func Parse(key, token string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ErrMalformed
	}
	sum, err := encoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(sum, signature(key, parts[0]+"."+parts[1])) {
		return ErrMalformed
	}
	var head struct{ Alg string }
	if decode(parts[0], &head) != nil || head.Alg != "HS256" || decode(parts[1], claims) != nil {
		return ErrMalformed
	}
	return nil
}

func decode(part string, v any) error {
	data, err := encoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
