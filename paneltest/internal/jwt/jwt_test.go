package jwt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/jwt"
)

// made was made by openssl dgst -sha256 -hmac secret.
const made = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.TKECX_pF_bzlcgrzGibhwL3tklDD4LdEEzXVQCw00qY"

func TestTokens(t *testing.T) {
	t.Parallel()
	token := jwt.Sign("secret", map[string]any{"sub": "x"})
	if token != made {
		t.Errorf("%s, want %s", token, made)
	}
	var claims struct{ Sub string }
	if err := jwt.Parse("secret", token, &claims); err != nil || claims.Sub != "x" {
		t.Errorf("%+v, %v", claims, err)
	}
	unsigned := "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."
	for _, bad := range []string{"", "a.b", "a.b.c", unsigned, token + "x", strings.Replace(token, ".", "..", 1), token[:len(token)-2]} {
		if err := jwt.Parse("secret", bad, &claims); !errors.Is(err, jwt.ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := jwt.Parse("other", token, &claims); !errors.Is(err, jwt.ErrMalformed) {
		t.Errorf("of another key: %v", err)
	}
}
