package client

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/rest"
)

// AccountService manages the account that the key belongs to.
type AccountService service

// Get returns the account. It works even where the Panel demands two-factor
// authentication and the account has none.
//
// Endpoint: GET /api/client/account
func (s *AccountService) Get(ctx context.Context) (*Account, error) {
	return rest.Item[Account](s.api.ClientGetAccount(ctx))
}

// TwoFactorSetup returns a fresh secret for an authenticator app. It enables
// nothing yet; see [AccountService.EnableTwoFactor]. An account that has
// two-factor authentication already gives an error with status 400.
//
// Endpoint: GET /api/client/account/two-factor
func (s *AccountService) TwoFactorSetup(ctx context.Context) (*TwoFactorSetup, error) {
	return rest.Data[TwoFactorSetup](s.api.ClientGetTwoFactorSetup(ctx))
}

// EnableTwoFactor enables two-factor authentication with a code of the app, and
// returns the ten recovery tokens, which are shown only once. A wrong code gives
// an error with code "TwoFactorAuthenticationTokenInvalid", a wrong password one
// with status 400. Panels before 1.9.2 ignore the password.
//
// Endpoint: POST /api/client/account/two-factor
func (s *AccountService) EnableTwoFactor(ctx context.Context, code, password string) ([]string, error) {
	recovery, err := rest.Item[clientapi.RecoveryTokens](s.api.ClientEnableTwoFactor(ctx,
		clientapi.EnableTwoFactorRequest{Code: code, Password: password},
		rest.NotEmpty("code", code), rest.NotEmpty("password", password)))
	if err != nil {
		return nil, err
	}
	return recovery.Tokens, nil
}

// DisableTwoFactor disables two-factor authentication; it is not an error if it
// is disabled already. A wrong password gives an error with status 400. It also
// works with Panels before 1.11.8, which have another form of the operation.
//
// Endpoint: POST /api/client/account/two-factor/disable
// Endpoint: DELETE /api/client/account/two-factor
func (s *AccountService) DisableTwoFactor(ctx context.Context, password string) error {
	req, check := clientapi.DisableTwoFactorRequest{Password: password}, rest.NotEmpty("password", password)
	err := rest.None(s.api.ClientDisableTwoFactor(ctx, req, check))
	if isUnknownRoute(err) {
		err = rest.None(s.api.ClientDisableTwoFactorLegacy(ctx, req, check)) //nolint:staticcheck // for the Panels that have no other
	}
	return err
}

// SetEmail changes the e-mail address. A wrong password gives an error with code
// "InvalidPasswordProvidedException", whatever the address is; an address that
// another account uses gives [ErrValidation].
//
// Endpoint: PUT /api/client/account/email
func (s *AccountService) SetEmail(ctx context.Context, email, password string) error {
	return rest.None(s.api.ClientUpdateEmail(ctx, clientapi.UpdateEmailRequest{Email: email, Password: password},
		rest.NotEmpty("email", email), rest.NotEmpty("password", password)))
}

// SetUsername changes the username. A wrong password gives an error with code
// "InvalidPasswordProvidedException", a username that is taken [ErrValidation].
// Pelican only; in Pterodactyl an administrator does it.
//
// Endpoint: PUT /api/client/account/username
func (s *AccountService) SetUsername(ctx context.Context, username, password string) error {
	return rest.None(s.api.ClientUpdateUsername(ctx, clientapi.UpdateUsernameRequest{Username: username, Password: password},
		rest.NotEmpty("username", username), rest.NotEmpty("password", password)))
}

// SetPassword changes the password, which needs at least eight characters. The
// API keys stay valid. A wrong current password gives an error with code
// "InvalidPasswordProvidedException", a short new one [ErrValidation].
//
// Endpoint: PUT /api/client/account/password
func (s *AccountService) SetPassword(ctx context.Context, currentPassword, newPassword string) error {
	return rest.None(s.api.ClientUpdatePassword(ctx,
		clientapi.UpdatePasswordRequest{CurrentPassword: currentPassword, Password: newPassword, PasswordConfirmation: newPassword},
		rest.NotEmpty("currentPassword", currentPassword), rest.NotEmpty("newPassword", newPassword)))
}

// ListActivity returns one page of what the account did and what was attempted
// in its name, oldest first unless Sort says otherwise. Panels before 1.8.0 give
// [ErrNotFound].
//
// Endpoint: GET /api/client/account/activity
func (s *AccountService) ListActivity(ctx context.Context, opts ActivityListOptions) (*Page[Activity], error) {
	return rest.PageOf[Activity](s.api.ClientListAccountActivity(ctx, opts.params(), opts.checks()))
}

// AllActivity iterates over the account's activity log on all pages. It can miss
// an item if others are deleted and created meanwhile; see Lists in the package
// comment.
func (s *AccountService) AllActivity(ctx context.Context, opts ActivityListOptions) iter.Seq2[*Activity, error] {
	return allActivity(ctx, s.core, opts, s.ListActivity)
}

// isUnknownRoute reports whether the Panel does not have an operation, which was
// added later or has been removed. It is meaningful only for operations that do
// not answer 404 or 405 themselves.
func isUnknownRoute(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusMethodNotAllowed)
}
