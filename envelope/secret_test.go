package envelope_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
)

// What holds a secret is sent with it and printed without.
func TestSecretsAreConcealed(t *testing.T) {
	t.Parallel()
	const secret = "open-sesame"
	for _, model := range []any{
		clientapi.APIKeySecret{SecretToken: secret},
		clientapi.DatabasePassword{Password: secret},
		clientapi.DisableTwoFactorRequest{Password: secret},
		clientapi.EnableTwoFactorRequest{Password: secret},
		clientapi.RecoveryTokens{Tokens: []string{secret}},
		clientapi.SignedURL{URL: secret},
		clientapi.TwoFactorSetup{ImageURLData: secret, Secret: secret},
		clientapi.UpdateEmailRequest{Password: secret},
		clientapi.UpdatePasswordRequest{CurrentPassword: secret, Password: secret, PasswordConfirmation: secret},
		clientapi.WebsocketCredentials{Token: secret},
		applicationapi.CreateUserRequest{Password: secret},
		applicationapi.DatabasePassword{Password: secret},
		applicationapi.NodeConfiguration{Token: secret},
		applicationapi.UpdateUserRequest{Password: envelope.Value(secret)},
	} {
		t.Run(fmt.Sprintf("%T", model), func(t *testing.T) {
			t.Parallel()
			pointer := reflect.New(reflect.TypeOf(model))
			pointer.Elem().Set(reflect.ValueOf(model))
			held := []any{model, pointer.Interface(), []any{model}, map[string]any{"x": model}, struct{ X any }{pointer.Interface()}}
			var shown bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t"} {
				for _, value := range held {
					fmt.Fprintf(&shown, verb, value)
				}
			}
			text, document := slog.New(slog.NewTextHandler(&shown, nil)), slog.New(slog.NewJSONHandler(&shown, nil))
			text.Info("x", "value", model, "pointer", pointer.Interface())
			document.Info("x", "value", model, "pointer", pointer.Interface())
			if strings.Contains(shown.String(), secret) || strings.Contains(shown.String(), fmt.Sprintf("%x", secret)) {
				t.Errorf("printed as %.2000s", shown.String())
			}
			if !strings.Contains(shown.String(), "(hidden)") {
				t.Errorf("nothing is said to be hidden in %.2000s", shown.String())
			}
			if sent, err := json.Marshal(model); err != nil || !strings.Contains(string(sent), secret) {
				t.Errorf("sent as %s, %v", sent, err)
			}
		})
	}
}
