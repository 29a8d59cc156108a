package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
)

const pelicanKey = "pacc_x"

func TestFlavorFollowsTheKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]client.Flavor{
		"ptlc_x": client.Pterodactyl, "pacc_x": client.Pelican, "0123456789abcdef": client.Pterodactyl,
	} {
		c, err := client.New("https://panel.example.org", key)
		if err != nil || c.Flavor() != want {
			t.Errorf("%s: %v, %v, want %v", key, c.Flavor(), err, want)
		}
		for _, flavor := range []client.Flavor{client.Pterodactyl, client.Pelican} {
			c, err := client.New("https://panel.example.org", key, client.WithFlavor(flavor))
			if err != nil || c.Flavor() != flavor {
				t.Errorf("%s with %v: %v, %v", key, flavor, c.Flavor(), err)
			}
		}
	}
	if _, err := client.New("https://panel.example.org", "ptlc_x", client.WithFlavor("pterodactyll")); err == nil {
		t.Error("an unknown flavor is taken")
	}
	if _, err := client.New("https://panel.example.org", "papp_x"); err == nil || !strings.Contains(err.Error(), "application key") {
		t.Errorf("an application key of Pelican: %v", err)
	}
}

// unsupported demands that a call is refused, with a text that says what to use,
// and that nothing was sent: a scripted Panel without steps takes nothing.
func unsupported(t *testing.T, err error, instead string) {
	t.Helper()
	if !errors.Is(err, client.ErrUnsupported) || !strings.Contains(err.Error(), instead) || strings.HasPrefix(err.Error(), ":") {
		t.Errorf("err = %v, want one that matches ErrUnsupported, names the operation and says %q", err, instead)
	}
}

func TestWhatTheOtherPanelHasIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pelican := scriptedFor(t, pelicanKey)
	_, err := pelican.Account.TwoFactorSetup(ctx)
	unsupported(t, err, "web interface")
	_, err = pelican.Account.EnableTwoFactor(ctx, "123456", "secret")
	unsupported(t, err, "web interface")
	unsupported(t, pelican.Account.DisableTwoFactor(ctx, "secret"), "web interface")
	unsupported(t, pelican.SSHKeys.Delete(ctx, "a/b"), "web interface")
	unsupported(t, pelican.Do(ctx, http.MethodGet, "/api/client/account/two-factor", nil, nil), "web interface")

	pterodactyl := scripted(t)
	unsupported(t, pterodactyl.Account.SetUsername(ctx, "name", "secret"), "PATCH /api/application/users/{user}")
	unsupported(t, pterodactyl.Settings.SetDescription(ctx, "abc", "text"), "settings/rename")
	_, err = pterodactyl.Backups.Rename(ctx, "abc", "uuid", "name")
	unsupported(t, err, "created with")
	_, err = pterodactyl.Files.CompressAs(ctx, "abc", "world", "zip", "/world")
	unsupported(t, err, "Files.Compress packs")
}

// Without a key that says so, nobody knows Pelican before it answers.
func TestUnknownRouteNamesTheFlavor(t *testing.T) {
	t.Parallel()
	c := scriptedFor(t, "0123456789abcdef",
		step{"GET /account/two-factor", http.StatusNotFound, answerOf(t, "pelican-193-err-404-twofactor")},
		step{"GET /account", http.StatusNotFound, answerOf(t, "pelican-193-err-404-twofactor")})
	if _, err := c.Account.TwoFactorSetup(t.Context()); err == nil || !strings.Contains(err.Error(), "WithFlavor(client.Pelican)") {
		t.Errorf("err = %v", err)
	}
	if _, err := c.Account.Get(t.Context()); err == nil || strings.Contains(err.Error(), "WithFlavor") { // both have it
		t.Errorf("err = %v", err)
	}
	// A thing that is not there is no route that is not there.
	there := scripted(t, step{"GET /account/two-factor", http.StatusNotFound, answerOf(t, "pelican-258-cl-ssh-delete-again")})
	if _, err := there.Account.TwoFactorSetup(t.Context()); err == nil || strings.Contains(err.Error(), "WithFlavor") {
		t.Errorf("err = %v", err)
	}
}

// In Pelican the description is another call.
func TestRenameOnPelican(t *testing.T) {
	t.Parallel()
	const rename, describe = "POST /servers/abc/settings/rename ", "POST /servers/abc/settings/description "
	both := scriptedFor(t, pelicanKey,
		step{rename + `{"description":"words","name":"new"}`, http.StatusNoContent, ""},
		step{describe + `{"description":"words"}`, http.StatusNoContent, ""})
	if err := both.Settings.Rename(t.Context(), "abc", "new", "words"); err != nil {
		t.Error(err)
	}
	forbidden := scriptedFor(t, pelicanKey,
		step{rename + `{"description":"words","name":"new"}`, http.StatusNoContent, ""},
		step{describe + `{"description":"words"}`, http.StatusForbidden, "[]"})
	err := forbidden.Settings.Rename(t.Context(), "abc", "new", "words")
	if !errors.Is(err, client.ErrForbidden) || !strings.Contains(err.Error(), "the name was changed, the description was not") {
		t.Errorf("err = %v", err)
	}
	refused := scriptedFor(t, pelicanKey, step{rename + `{"description":"","name":"new"}`, http.StatusForbidden, "[]"})
	if err := refused.Settings.Rename(t.Context(), "abc", "new", ""); !errors.Is(err, client.ErrForbidden) || strings.Contains(err.Error(), "was changed") {
		t.Errorf("err = %v", err)
	}
}

// An update sends only what changed: the description may be forbidden.
func TestSettingsUpdateOnPelican(t *testing.T) {
	t.Parallel()
	server := answerOf(t, "pelican-263-cl-server")
	update := func(change func(name, description *string), steps ...step) error {
		c := scriptedFor(t, pelicanKey, append([]step{{"GET /servers/abc", http.StatusOK, server}}, steps...)...)
		return c.Settings.Update(t.Context(), "abc", func(req *client.RenameServerRequest) error {
			change(&req.Name, &req.Description)
			return nil
		})
	}
	name := step{`POST /servers/abc/settings/rename {"description":"","name":"new"}`, http.StatusNoContent, ""}
	words := step{`POST /servers/abc/settings/description {"description":"words"}`, http.StatusNoContent, ""}
	for _, err := range []error{
		update(func(n, _ *string) { *n = "new" }, name),
		update(func(_, d *string) { *d = "words" }, words),
		update(func(n, d *string) { *n, *d = "new", "words" }, step{`POST /servers/abc/settings/rename {"description":"words","name":"new"}`, http.StatusNoContent, ""}, words),
		update(func(_, _ *string) {}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSSHKeyDeleteOnPelican(t *testing.T) {
	t.Parallel()
	c := scriptedFor(t, pelicanKey,
		step{"DELETE /account/ssh-keys/abc", http.StatusNoContent, ""},
		step{"DELETE /account/ssh-keys/abc", http.StatusNotFound, answerOf(t, "pelican-258-cl-ssh-delete-again")})
	if err := c.SSHKeys.Delete(t.Context(), "abc"); err != nil {
		t.Error(err)
	}
	if err := c.SSHKeys.Delete(t.Context(), "abc"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
}

// One permission has another name.
func TestPermissionNamesOfPelican(t *testing.T) {
	t.Parallel()
	for key, name := range map[string]string{"ptlc_x": "database.view_password", pelicanKey: "database.view-password"} {
		subuser := edited(t, answerOf(t, "pelican-407-cl-sub-update"))
		body := `{"permissions":["` + name + `"]}`
		c := scriptedFor(t, key,
			step{"POST /servers/abc/users " + `{"email":"a@example.com","permissions":["` + name + `"]}`, http.StatusOK, subuser},
			step{"POST /servers/abc/users/u " + body, http.StatusOK, subuser},
			step{"POST /servers/abc/users/u " + body, http.StatusOK, subuser})
		if _, err := c.Subusers.Create(t.Context(), "abc", "a@example.com", client.PermissionDatabaseViewPassword); err != nil {
			t.Error(err)
		}
		if _, err := c.Subusers.SetPermissions(t.Context(), "abc", "u", client.PermissionDatabaseViewPasswordPelican); err != nil {
			t.Error(err)
		}
		// Both names are one permission.
		if _, err := c.Subusers.SetPermissions(t.Context(), "abc", "u", client.PermissionDatabaseViewPassword, client.PermissionDatabaseViewPasswordPelican); err != nil {
			t.Error(err)
		}
	}
}

// Every failure of Wings comes from Pelican with status 500.
func TestDaemonErrorsOfPelican(t *testing.T) {
	t.Parallel()
	for recording, call := range map[string]func(ctx context.Context, c *client.Client) error{
		"pelican-561-dead-power": func(ctx context.Context, c *client.Client) error {
			return c.Servers.Signal(ctx, "abc", client.PowerSignalStart)
		},
		"pelican-299-cl-files-contents-500": func(ctx context.Context, c *client.Client) error {
			_, err := c.Files.Read(ctx, "abc", "/nope.txt")
			return err
		},
	} {
		request := "POST /servers/abc/power " + `{"signal":"start"}`
		if strings.Contains(recording, "contents") {
			request = "GET /servers/abc/files/contents?file=%2Fnope.txt"
		}
		c := scriptedFor(t, pelicanKey, step{request, http.StatusInternalServerError, answerOf(t, recording)})
		missing := strings.Contains(recording, "contents")
		if err := call(t.Context(), c); !errors.Is(err, client.ErrDaemon) || !errors.Is(err, client.ErrServer) || errors.Is(err, client.ErrNotFound) != missing {
			t.Errorf("%s: err = %v", recording, err)
		}
	}
}

// The number of a database is a text in Go, as its name is in Pterodactyl.
func TestDatabaseIDOfPelican(t *testing.T) {
	t.Parallel()
	c := scriptedFor(t, pelicanKey,
		step{"GET /servers/abc/databases?include=password", http.StatusOK, answerOf(t, "pelican-534-cl-db-list-password")},
		step{"DELETE /servers/abc/databases/1", http.StatusNoContent, ""})
	databases, err := c.Databases.List(t.Context(), "abc", client.DatabaseIncludePassword)
	if err != nil {
		t.Fatal(err)
	}
	if databases[0].ID != "1" || databases[0].Password() == nil || databases[0].Password().Password == "" {
		t.Errorf("databases = %+v", databases[0])
	}
	if err := c.Databases.Delete(t.Context(), "abc", databases[0].ID); err != nil {
		t.Error(err)
	}
}

func TestPermissionsOfPelican(t *testing.T) {
	t.Parallel()
	c := scriptedFor(t, pelicanKey, step{"GET /permissions", http.StatusOK, answerOf(t, "pelican-581-err-429-client-same-user-not-limited")})
	groups, err := c.Subusers.Permissions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, there := groups["control"].Keys["console"]; !there {
		t.Errorf("groups = %v", groups)
	}
	if _, there := groups["database"].Keys["view-password"]; !there {
		t.Errorf("groups = %v", groups)
	}
}

func TestCompressAsOfPelican(t *testing.T) {
	t.Parallel()
	c := scriptedFor(t, pelicanKey, step{
		`POST /servers/abc/files/compress {"extension":"zip","files":["world"],"name":"old","root":"/"}`,
		http.StatusOK, answerOf(t, "pelican-311-cl-files-compress-named"),
	})
	archive, err := c.Files.CompressAs(t.Context(), "abc", "old", "zip", "/world")
	if err != nil || !strings.HasSuffix(archive.Path, ".zip") {
		t.Errorf("%v, %v", archive, err)
	}
}
