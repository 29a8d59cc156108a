package paneltest

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// ClientGetAccount implements the operation.
func (a clientAPI) ClientGetAccount(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		u := c.user
		return ok(item("user", object{
			"id": u.id, "admin": u.admin, "username": u.username, "email": u.email, "first_name": u.firstName,
			"last_name": u.lastName, "language": u.language,
		})), nil
	})
}

// errWrongPassword is for changes that ask for the password again.
var errWrongPassword = refuse(http.StatusBadRequest, "InvalidPasswordProvidedException", "The password provided was invalid for this account.")

// ClientUpdateEmail implements the operation.
func (a clientAPI) ClientUpdateEmail(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		if c.in.text("password") != c.user.password {
			return nil, errWrongPassword
		}
		if err := c.in.validate(field{name: "email", rules: "required|between:1,191|email|unique", checks: c.p.uniqueUser(c.user, emailOf)}); err != nil {
			return nil, err
		}
		old := c.user.email
		if c.user.email = c.in.text("email"); c.user.email != old {
			c.user.updated = time.Now()
			c.p.note(c, "user:account.email-changed", nil, c.user, with("old", old), with("new", c.user.email))
		}
		return none, nil
	})
}

// ClientUpdatePassword implements the operation.
func (a clientAPI) ClientUpdatePassword(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		if c.in.text("current_password") != c.user.password {
			return nil, errWrongPassword
		}
		if err := c.in.validate(field{name: "password", rules: "required|string|confirmed|min:8"}); err != nil {
			return nil, err
		}
		c.user.password, c.user.updated = c.in.text("password"), time.Now()
		c.p.note(c, "user:account.password-changed", nil, c.user)
		return none, nil
	})
}

// ClientListAccountActivity implements the operation.
func (a clientAPI) ClientListAccountActivity(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		return c.listActivity(func(line *activity) bool { return line.account == c.user })
	})
}

// ClientGetTwoFactorSetup implements the operation.
func (a clientAPI) ClientGetTwoFactorSetup(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		if c.user.totpEnabled {
			return nil, badRequest("Two-factor authentication is already enabled on this account.")
		}
		c.user.totpSecret = newTOTPSecret()
		return ok(object{"data": object{
			"image_url_data": totpAddress(c.user.email, c.user.totpSecret), "secret": c.user.totpSecret,
		}}), nil
	})
}

// ClientEnableTwoFactor implements the operation.
func (a clientAPI) ClientEnableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		if c.user.totpEnabled {
			return nil, badRequest("Two-factor authentication is already enabled on this account.")
		}
		if err := c.in.validate(
			field{name: "code", rules: "required|string|size:6"},
			field{name: "password", rules: "required|string"},
		); err != nil {
			return nil, err
		}
		if c.in.text("password") != c.user.password {
			return nil, badRequest("The password provided was not valid.")
		}
		if !c.user.takesCode(c.in.text("code"), time.Now()) {
			return nil, refuse(http.StatusBadRequest, "TwoFactorAuthenticationTokenInvalid",
				"The provided two-factor authentication token was not valid.")
		}
		c.user.totpEnabled, c.user.updated = true, time.Now()
		c.user.recoveryTokens = make([]string, recoveryTokens)
		for i := range c.user.recoveryTokens {
			c.user.recoveryTokens[i] = randomText(recoveryTokenLength)
		}
		c.p.note(c, "user:two-factor.create", nil, c.user)
		return ok(item("recovery_tokens", object{"tokens": c.user.recoveryTokens})), nil
	})
}

// What an account gets with its second factor.
const (
	recoveryTokens      = 10
	recoveryTokenLength = 10
)

// ClientDisableTwoFactor implements the operation.
func (a clientAPI) ClientDisableTwoFactor(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		if c.in.text("password") != c.user.password {
			return nil, badRequest("The password provided was not valid.")
		}
		if c.user.totpEnabled {
			c.user.totpEnabled, c.user.recoveryTokens, c.user.updated = false, nil, time.Now()
			c.p.note(c, "user:two-factor.delete", nil, c.user)
		}
		return none, nil
	})
}

func showKey(k *apiKey) object {
	allowed := k.allowedIPs
	if allowed == nil {
		allowed = []string{}
	}
	return item("api_key", object{
		"identifier": k.identifier, "description": k.memo, "allowed_ips": allowed,
		"last_used_at": stampOrNull(k.lastUsed), "created_at": stamp(k.created),
	})
}

// ClientListAPIKeys implements the operation.
func (a clientAPI) ClientListAPIKeys(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) { return ok(each(c.p.state.keysOf(c.user), showKey)), nil })
}

// ClientCreateAPIKey implements the operation.
func (a clientAPI) ClientCreateAPIKey(w http.ResponseWriter, r *http.Request) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		v := newValidator(c.in)
		v.check(
			field{name: "description", rules: "required|string|max:500"},
			field{name: "allowed_ips", rules: "nullable|array|max:50"},
			field{name: "allowed_ips.*", rules: "string"},
		)
		for i, ip := range c.in.list("allowed_ips") {
			if _, isText := ip.(string); isText && !isAddressRange(textOf(ip)) {
				v.add("allowed_ips."+strconv.Itoa(i), `"`+textOf(ip)+`" is not a valid IP address or CIDR range.`)
			}
		}
		if err := v.err(); err != nil {
			return nil, err
		}
		if len(c.p.state.keysOf(c.user)) >= c.p.state.settings.maxKeys {
			return nil, display("You have reached the account limit for number of API keys.")
		}
		text := newKey("ptlc_")
		key := &apiKey{
			kind: clientKey, identifier: text[:keyNameLength], secret: text[keyNameLength:], owner: c.user,
			memo: c.in.text("description"), allowedIPs: c.in.texts("allowed_ips"), created: time.Now(),
		}
		c.p.state.addKey(key)
		c.p.note(c, "user:api-key.create", nil, c.user, with("identifier", key.identifier))
		document := showKey(key)
		document["meta"] = object{"secret_token": key.secret}
		return ok(document), nil
	})
}

func isAddressRange(text string) bool {
	_, errAddress := netip.ParseAddr(text)
	_, errPrefix := netip.ParsePrefix(text)
	return errAddress == nil || errPrefix == nil
}

// ClientDeleteAPIKey implements the operation.
func (a clientAPI) ClientDeleteAPIKey(w http.ResponseWriter, r *http.Request, identifier string) {
	a.p.do(w, r, func(c *call) (*answer, error) {
		keys := c.p.state.keysOf(c.user)
		i := slices.IndexFunc(keys, func(k *apiKey) bool { return k.identifier == identifier })
		if i < 0 {
			return nil, errNotFound
		}
		c.p.note(c, "user:api-key.delete", nil, c.user, with("identifier", identifier))
		c.p.state.removeKey(keys[i])
		return none, nil
	})
}
