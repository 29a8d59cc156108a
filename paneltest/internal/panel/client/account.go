package client

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientGetAccount implements the operation.
func (a API) ClientGetAccount(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		u := c.User
		if c.Traits.Roles {
			return laravel.OK(laravel.Item("user", c.actorAttributes(u))), nil
		}
		return laravel.OK(laravel.Item("user", laravel.Object{
			"id": u.ID, "admin": u.Admin, "username": u.Username, "email": u.Email, "first_name": u.FirstName,
			"last_name": u.LastName, "language": u.Language,
		})), nil
	})
}

// errWrongPassword is for changes that ask for the password again.
var errWrongPassword = laravel.Refuse(http.StatusBadRequest, "InvalidPasswordProvidedException", "The password provided was invalid for this account.")

// ownAccount refuses a change of an account that is managed elsewhere, or without
// the password in a field.
func (c *call) ownAccount(password string) error {
	switch {
	case c.User.Managed:
		return laravel.ErrUnauthorized
	case c.Input.Text(password) != c.User.Password:
		return errWrongPassword
	}
	return nil
}

// ClientUpdateEmail implements the operation.
func (a API) ClientUpdateEmail(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if err := c.Throttled(nil); err != nil {
			return nil, err
		}
		if err := c.ownAccount("password"); err != nil {
			return nil, err
		}
		if err := c.Input.Validate(laravel.Field{Name: "email", Rules: "required|between:1,191|email|unique", Checks: c.UniqueUser(c.User, panel.EmailOf)}); err != nil {
			return nil, err
		}
		if err := c.ThrottleEmail(); err != nil {
			return nil, err
		}
		old := c.User.Email
		if c.User.Email = c.Input.Text("email"); c.User.Email != old {
			c.CountEmailChange()
			c.User.Updated = time.Now()
			c.Note(c.Call, "user:account.email-changed", nil, c.User, model.With("old", old), model.With("new", c.User.Email))
		}
		return laravel.NoContent, nil
	})
}

// ClientUpdateUsername implements the operation of Pelican.
func (a API) ClientUpdateUsername(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if err := c.ownAccount("password"); err != nil {
			return nil, err
		}
		if err := c.Input.Validate(c.UsernameField(c.User)); err != nil {
			return nil, err
		}
		old := c.User.Username
		if c.User.Username = strings.ToLower(c.Input.Text("username")); c.User.Username != old {
			c.User.Updated = time.Now()
			c.Note(c.Call, "user:account.username-changed", nil, c.User, model.With("old", old), model.With("new", c.User.Username))
		}
		return laravel.NoContent, nil
	})
}

// ClientUpdatePassword implements the operation.
func (a API) ClientUpdatePassword(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if err := c.ownAccount("current_password"); err != nil {
			return nil, err
		}
		if err := c.Input.Validate(laravel.Field{Name: "password", Rules: "required|string|confirmed|min:8"}); err != nil {
			return nil, err
		}
		c.User.Password, c.User.Updated = c.Input.Text("password"), time.Now()
		c.Note(c.Call, "user:account.password-changed", nil, c.User)
		return laravel.NoContent, nil
	})
}

// ClientListAccountActivity implements the operation.
func (a API) ClientListAccountActivity(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		return c.listActivity(func(line *model.Activity) bool { return line.Account == c.User })
	})
}

// ClientGetTwoFactorSetup implements the operation.
func (a API) ClientGetTwoFactorSetup(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if c.User.TOTPEnabled {
			return nil, laravel.BadRequest("Two-factor authentication is already enabled on this account.")
		}
		c.User.TOTPSecret = model.NewTOTPSecret()
		return laravel.OK(laravel.Object{"data": laravel.Object{
			"image_url_data": model.TOTPAddress(c.User.Email, c.User.TOTPSecret), "secret": c.User.TOTPSecret,
		}}), nil
	})
}

// ClientEnableTwoFactor implements the operation.
func (a API) ClientEnableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if c.User.TOTPEnabled {
			return nil, laravel.BadRequest("Two-factor authentication is already enabled on this account.")
		}
		if err := c.Input.Validate(
			laravel.Field{Name: "code", Rules: "required|string|size:6"},
			laravel.Field{Name: "password", Rules: "required|string"},
		); err != nil {
			return nil, err
		}
		if c.Input.Text("password") != c.User.Password {
			return nil, laravel.BadRequest("The password provided was not valid.")
		}
		if !c.User.TakesCode(c.Input.Text("code"), time.Now()) {
			return nil, laravel.Refuse(http.StatusBadRequest, "TwoFactorAuthenticationTokenInvalid",
				"The provided two-factor authentication token was not valid.")
		}
		c.User.TOTPEnabled, c.User.Updated = true, time.Now()
		c.User.RecoveryTokens = make([]string, recoveryTokens)
		for i := range c.User.RecoveryTokens {
			c.User.RecoveryTokens[i] = random.Text(recoveryTokenLength)
		}
		c.Note(c.Call, "user:two-factor.create", nil, c.User)
		return laravel.OK(laravel.Item("recovery_tokens", laravel.Object{"tokens": c.User.RecoveryTokens})), nil
	})
}

// What an account gets with its second factor.
const (
	recoveryTokens      = 10
	recoveryTokenLength = 10
)

// ClientDisableTwoFactor implements the operation.
func (a API) ClientDisableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if c.Input.Text("password") != c.User.Password {
			return nil, laravel.BadRequest("The password provided was not valid.")
		}
		if c.User.TOTPEnabled {
			c.User.TOTPEnabled, c.User.RecoveryTokens, c.User.Updated = false, nil, time.Now()
			c.Note(c.Call, "user:two-factor.delete", nil, c.User)
		}
		return laravel.NoContent, nil
	})
}

func showKey(k *model.Key) laravel.Object {
	allowed := k.AllowedIPs
	if allowed == nil {
		allowed = []string{}
	}
	return laravel.Item("api_key", laravel.Object{
		"identifier": k.Identifier, "description": k.Memo, "allowed_ips": allowed,
		"last_used_at": laravel.StampOrNull(k.LastUsed), "created_at": laravel.Stamp(k.Created),
	})
}

// ClientListAPIKeys implements the operation.
func (a API) ClientListAPIKeys(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.State.KeysOf(c.User), showKey)), nil
	})
}

// ClientCreateAPIKey implements the operation.
func (a API) ClientCreateAPIKey(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		v := laravel.NewValidator(c.Input)
		v.Check(
			laravel.Field{Name: "description", Rules: "required|string|max:500"},
			laravel.Field{Name: "allowed_ips", Rules: "nullable|array|max:50"},
			laravel.Field{Name: "allowed_ips.*", Rules: "string"},
		)
		for i, ip := range c.Input.List("allowed_ips") {
			if _, isText := ip.(string); isText && !isAddressRange(laravel.TextOf(ip)) {
				v.Add("allowed_ips."+strconv.Itoa(i), `"`+laravel.TextOf(ip)+`" is not a valid IP address or CIDR range.`)
			}
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		if len(c.State.KeysOf(c.User)) >= c.State.Settings.MaxKeys {
			return nil, laravel.Display("You have reached the account limit for number of API keys.")
		}
		text := model.NewKey(c.Traits.ClientKey)
		key := &model.Key{
			Kind: model.ClientKey, Identifier: text[:model.KeyNameLength], Secret: text[model.KeyNameLength:], Owner: c.User,
			Memo: c.Input.Text("description"), AllowedIPs: c.Input.Texts("allowed_ips"), Created: time.Now(),
		}
		c.State.AddKey(key)
		c.Note(c.Call, "user:api-key.create", nil, c.User, model.With("identifier", key.Identifier))
		document := showKey(key)
		document["meta"] = laravel.Object{"secret_token": key.Secret}
		return laravel.OK(document), nil
	})
}

func isAddressRange(text string) bool {
	_, errAddress := netip.ParseAddr(text)
	_, errPrefix := netip.ParsePrefix(text)
	return errAddress == nil || errPrefix == nil
}

// ClientDeleteAPIKey implements the operation.
func (a API) ClientDeleteAPIKey(w http.ResponseWriter, r *http.Request, identifier string) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		keys := c.State.KeysOf(c.User)
		i := slices.IndexFunc(keys, func(k *model.Key) bool { return k.Identifier == identifier })
		if i < 0 {
			return nil, laravel.ErrNotFound
		}
		c.Note(c.Call, "user:api-key.delete", nil, c.User, model.With("identifier", identifier))
		c.State.RemoveKey(keys[i])
		return laravel.NoContent, nil
	})
}
