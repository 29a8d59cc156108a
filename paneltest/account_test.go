package paneltest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

const examplePublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl user@example"

func TestSDKAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, account := t.Context(), w.user.Account
		expect(t, "username", get(account.Get(ctx))(t).Username, "user")

		check(t, account.UpdateEmail(ctx, "new@example.org", "password"))
		expect(t, "e-mail", get(account.Get(ctx))(t).Email, "new@example.org")
		if err := account.UpdateEmail(ctx, "x@example.org", "wrong"); err == nil {
			t.Error(err)
		}
		check(t, account.UpdatePassword(ctx, "password", "correct horse"))
		if err := account.UpdatePassword(ctx, "password", "correct horse"); err == nil {
			t.Error("the old password is still good")
		}

		setup := get(account.TwoFactorSetup(ctx))(t)
		code := get(paneltest.TOTP(setup.Secret, time.Now()))(t)
		if _, err := account.EnableTwoFactor(ctx, "000000", "correct horse"); err == nil && code != "000000" {
			t.Error("a wrong code is good")
		}
		tokens := get(account.EnableTwoFactor(ctx, code, "correct horse"))(t)
		expect(t, "recovery tokens", len(tokens), 10)
		check(t, account.DisableTwoFactor(ctx, "correct horse"))

		var events []string
		for line, err := range account.AllActivity(ctx, client.ActivityListOptions{Include: []client.ActivityInclude{client.ActivityIncludeActor}, PerPage: 2}) {
			check(t, err)
			events = append(events, line.Event)
		}
		expect(t, "lines of the log", len(events), 4)
	})
}

func TestSDKKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		made := get(w.user.APIKeys.Create(ctx, "bot", "127.0.0.1"))(t)
		c := get(client.New(w.panel.URL, made.Key, client.WithHTTPClient(w.panel.HTTPClient())))(t)
		get(c.Account.Get(ctx))(t)
		expect(t, "keys", len(get(w.user.APIKeys.List(ctx))(t)), 2)
		check(t, w.user.APIKeys.Delete(ctx, made.Identifier))
		if _, err := c.Account.Get(ctx); !errors.Is(err, client.ErrUnauthorized) {
			t.Error(err)
		}

		key := get(w.user.SSHKeys.Create(ctx, client.CreateSSHKeyRequest{Name: "laptop", PublicKey: examplePublicKey}))(t)
		listed := get(w.user.SSHKeys.List(ctx))(t)
		expect(t, "SSH keys", len(listed), 1)
		expect(t, "fingerprint", listed[0].Fingerprint, key.Fingerprint)
		check(t, w.user.SSHKeys.Remove(ctx, key.Fingerprint))
		expect(t, "SSH keys", len(get(w.user.SSHKeys.List(ctx))(t)), 0)
	})
}
