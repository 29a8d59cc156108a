package paneltest

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// ClientGetAccount implements the operation.
func (a clientAPI) ClientGetAccount(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		u := c.user
		return laravel.OK(laravel.Item("user", laravel.Object{
			"id": u.id, "admin": u.admin, "username": u.username, "email": u.email, "first_name": u.firstName,
			"last_name": u.lastName, "language": u.language,
		})), nil
	})
}

// errWrongPassword is for changes that ask for the password again.
var errWrongPassword = laravel.Refuse(http.StatusBadRequest, "InvalidPasswordProvidedException", "The password provided was invalid for this account.")

// ClientUpdateEmail implements the operation.
func (a clientAPI) ClientUpdateEmail(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		if c.in.Text("password") != c.user.password {
			return nil, errWrongPassword
		}
		if err := c.in.Validate(laravel.Field{Name: "email", Rules: "required|between:1,191|email|unique", Checks: c.uniqueUser(c.user, emailOf)}); err != nil {
			return nil, err
		}
		old := c.user.email
		if c.user.email = c.in.Text("email"); c.user.email != old {
			c.user.updated = time.Now()
			c.note(c.call, "user:account.email-changed", nil, c.user, with("old", old), with("new", c.user.email))
		}
		return laravel.NoContent, nil
	})
}

// ClientUpdatePassword implements the operation.
func (a clientAPI) ClientUpdatePassword(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		if c.in.Text("current_password") != c.user.password {
			return nil, errWrongPassword
		}
		if err := c.in.Validate(laravel.Field{Name: "password", Rules: "required|string|confirmed|min:8"}); err != nil {
			return nil, err
		}
		c.user.password, c.user.updated = c.in.Text("password"), time.Now()
		c.note(c.call, "user:account.password-changed", nil, c.user)
		return laravel.NoContent, nil
	})
}

// ClientListAccountActivity implements the operation.
func (a clientAPI) ClientListAccountActivity(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		return c.listActivity(func(line *activity) bool { return line.account == c.user })
	})
}

// ClientGetTwoFactorSetup implements the operation.
func (a clientAPI) ClientGetTwoFactorSetup(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		if c.user.totpEnabled {
			return nil, laravel.BadRequest("Two-factor authentication is already enabled on this account.")
		}
		c.user.totpSecret = newTOTPSecret()
		return laravel.OK(laravel.Object{"data": laravel.Object{
			"image_url_data": totpAddress(c.user.email, c.user.totpSecret), "secret": c.user.totpSecret,
		}}), nil
	})
}

// ClientEnableTwoFactor implements the operation.
func (a clientAPI) ClientEnableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		if c.user.totpEnabled {
			return nil, laravel.BadRequest("Two-factor authentication is already enabled on this account.")
		}
		if err := c.in.Validate(
			laravel.Field{Name: "code", Rules: "required|string|size:6"},
			laravel.Field{Name: "password", Rules: "required|string"},
		); err != nil {
			return nil, err
		}
		if c.in.Text("password") != c.user.password {
			return nil, laravel.BadRequest("The password provided was not valid.")
		}
		if !c.user.takesCode(c.in.Text("code"), time.Now()) {
			return nil, laravel.Refuse(http.StatusBadRequest, "TwoFactorAuthenticationTokenInvalid",
				"The provided two-factor authentication token was not valid.")
		}
		c.user.totpEnabled, c.user.updated = true, time.Now()
		c.user.recoveryTokens = make([]string, recoveryTokens)
		for i := range c.user.recoveryTokens {
			c.user.recoveryTokens[i] = random.Text(recoveryTokenLength)
		}
		c.note(c.call, "user:two-factor.create", nil, c.user)
		return laravel.OK(laravel.Item("recovery_tokens", laravel.Object{"tokens": c.user.recoveryTokens})), nil
	})
}

// What an account gets with its second factor.
const (
	recoveryTokens      = 10
	recoveryTokenLength = 10
)

// ClientDisableTwoFactor implements the operation.
func (a clientAPI) ClientDisableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		if c.in.Text("password") != c.user.password {
			return nil, laravel.BadRequest("The password provided was not valid.")
		}
		if c.user.totpEnabled {
			c.user.totpEnabled, c.user.recoveryTokens, c.user.updated = false, nil, time.Now()
			c.note(c.call, "user:two-factor.delete", nil, c.user)
		}
		return laravel.NoContent, nil
	})
}

func showKey(k *apiKey) laravel.Object {
	allowed := k.allowedIPs
	if allowed == nil {
		allowed = []string{}
	}
	return laravel.Item("api_key", laravel.Object{
		"identifier": k.identifier, "description": k.memo, "allowed_ips": allowed,
		"last_used_at": laravel.StampOrNull(k.lastUsed), "created_at": laravel.Stamp(k.created),
	})
}

// ClientListAPIKeys implements the operation.
func (a clientAPI) ClientListAPIKeys(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.state.keysOf(c.user), showKey)), nil
	})
}

// ClientCreateAPIKey implements the operation.
func (a clientAPI) ClientCreateAPIKey(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		v := laravel.NewValidator(c.in)
		v.Check(
			laravel.Field{Name: "description", Rules: "required|string|max:500"},
			laravel.Field{Name: "allowed_ips", Rules: "nullable|array|max:50"},
			laravel.Field{Name: "allowed_ips.*", Rules: "string"},
		)
		for i, ip := range c.in.List("allowed_ips") {
			if _, isText := ip.(string); isText && !isAddressRange(laravel.TextOf(ip)) {
				v.Add("allowed_ips."+strconv.Itoa(i), `"`+laravel.TextOf(ip)+`" is not a valid IP address or CIDR range.`)
			}
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		if len(c.state.keysOf(c.user)) >= c.state.settings.maxKeys {
			return nil, laravel.Display("You have reached the account limit for number of API keys.")
		}
		text := newKey("ptlc_")
		key := &apiKey{
			kind: clientKey, identifier: text[:keyNameLength], secret: text[keyNameLength:], owner: c.user,
			memo: c.in.Text("description"), allowedIPs: c.in.Texts("allowed_ips"), created: time.Now(),
		}
		c.state.addKey(key)
		c.note(c.call, "user:api-key.create", nil, c.user, with("identifier", key.identifier))
		document := showKey(key)
		document["meta"] = laravel.Object{"secret_token": key.secret}
		return laravel.OK(document), nil
	})
}

func isAddressRange(text string) bool {
	_, errAddress := netip.ParseAddr(text)
	_, errPrefix := netip.ParsePrefix(text)
	return errAddress == nil || errPrefix == nil
}

// ClientDeleteAPIKey implements the operation.
func (a clientAPI) ClientDeleteAPIKey(w http.ResponseWriter, r *http.Request, identifier string) {
	a.do(w, r, func(c *clientCall) (*laravel.Answer, error) {
		keys := c.state.keysOf(c.user)
		i := slices.IndexFunc(keys, func(k *apiKey) bool { return k.identifier == identifier })
		if i < 0 {
			return nil, laravel.ErrNotFound
		}
		c.note(c.call, "user:api-key.delete", nil, c.user, with("identifier", identifier))
		c.state.removeKey(keys[i])
		return laravel.NoContent, nil
	})
}
