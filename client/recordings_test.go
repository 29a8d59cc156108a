package client_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/recorded"
)

// wrapper makes the recorded request of an operation.
type wrapper func(context.Context, *client.Client, *recorded.Exchange) (any, error)

// wrappers tells how to make the recorded requests of each operation.
var wrappers = map[string]wrapper{
	"clientGetAccount": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.Account.Get(ctx)
	},
	"clientGetTwoFactorSetup": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.Account.TwoFactorSetup(ctx)
	},
	"clientEnableTwoFactor": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.EnableTwoFactorRequest](e)
		tokens, err := c.Account.EnableTwoFactor(ctx, req.Code, req.Password)
		return clientapi.RecoveryTokens{Tokens: tokens}, err
	},
	"clientDisableTwoFactor": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Account.DisableTwoFactor(ctx, recorded.Body[clientapi.DisableTwoFactorRequest](e).Password)
	},
	"clientUpdateEmail": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.UpdateEmailRequest](e)
		return nil, c.Account.SetEmail(ctx, req.Email, req.Password)
	},
	"clientUpdatePassword": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.UpdatePasswordRequest](e)
		return nil, c.Account.SetPassword(ctx, req.CurrentPassword, req.Password)
	},
	"clientListAccountActivity": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Account.ListActivity(ctx, activityOptions(e))
	},

	"clientListApiKeys": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.APIKeys.List(ctx)
	},
	"clientCreateApiKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.CreateAPIKeyRequest](e)
		key, err := c.APIKeys.Create(ctx, req.Description, req.AllowedIPs...)
		if err != nil {
			return nil, err
		}
		return struct {
			client.APIKey
			clientapi.APIKeySecret
		}{key.APIKey, clientapi.APIKeySecret{SecretToken: strings.TrimPrefix(key.Key, key.Identifier)}}, nil
	},
	"clientDeleteApiKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.APIKeys.Delete(ctx, e.Params["identifier"])
	},

	"clientListSshKeys": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		return c.SSHKeys.List(ctx)
	},
	"clientCreateSshKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.SSHKeys.Create(ctx, recorded.Body[client.CreateSSHKeyRequest](e))
	},
	"clientRemoveSshKey": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.SSHKeys.Delete(ctx, recorded.Body[clientapi.RemoveSSHKeyRequest](e).Fingerprint)
	},

	"clientRemoveSshKeyLegacy": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.SSHKeys.Delete(ctx, e.Params["identifier"])
	},
	"clientUpdateUsername": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.UpdateUsernameRequest](e)
		return nil, c.Account.SetUsername(ctx, req.Username, req.Password)
	},
	"clientRenameBackup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Backups.Rename(ctx, e.Params["server"], e.Params["backup"], recorded.Body[clientapi.RenameBackupRequest](e).Name)
	},
	"clientUpdateServerDescription": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Settings.SetDescription(ctx, e.Params["server"], text(recorded.Body[clientapi.UpdateServerDescriptionRequest](e).Description))
	},

	"clientListServers": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.List(ctx, client.ServerListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"),
			Scope: client.ServerScope(e.Query("type")),
			Filter: client.ServerFilter{
				UUID: e.Query("filter[uuid]"), Name: e.Query("filter[name]"), Description: e.Query("filter[description]"),
				ExternalID: e.Query("filter[external_id]"), Any: e.Query("filter[*]"),
			},
			Include: recorded.Includes[client.ServerInclude](e),
		})
	},
	"clientGetServer": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Get(ctx, e.Params["server"], recorded.Includes[client.ServerInclude](e)...)
	},
	"clientGetServerResources": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Resources(ctx, e.Params["server"])
	},
	"clientGetServerWebsocket": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Websocket(ctx, e.Params["server"])
	},
	"clientSendCommand": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Command(ctx, e.Params["server"], recorded.Body[clientapi.SendCommandRequest](e).Command)
	},
	"clientSetPowerState": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Signal(ctx, e.Params["server"], recorded.Body[clientapi.SetPowerStateRequest](e).Signal)
	},
	"clientListServerActivity": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.ListActivity(ctx, e.Params["server"], activityOptions(e))
	},

	"clientListFiles": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Files.List(ctx, e.Params["server"], e.Query("directory"))
	},
	"clientGetFileContents": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Files.Read(ctx, e.Params["server"], e.Query("file"))
	},
	"clientWriteFile": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Files.Write(ctx, e.Params["server"], e.Query("file"), strings.NewReader(e.Text()))
	},
	"clientRenameFiles": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.RenameFilesRequest](e)
		req.Files = append(req.Files, clientapi.FileRename{}) // for a request without any
		return nil, c.Files.Rename(ctx, e.Params["server"], path.Join(req.Root, req.Files[0].From), path.Join(req.Root, req.Files[0].To))
	},
	"clientCopyFile": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Files.Copy(ctx, e.Params["server"], recorded.Body[clientapi.CopyFileRequest](e).Location)
	},
	"clientDeleteFiles": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.DeleteFilesRequest](e)
		return nil, c.Files.Delete(ctx, e.Params["server"], within(req.Root, req.Files)...)
	},
	"clientCompressFiles": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.CompressFilesRequest](e)
		compress := c.Files.Compress
		if req.Name != "" {
			compress = func(ctx context.Context, server string, paths ...string) (*client.FileEntry, error) {
				return c.Files.CompressAs(ctx, server, req.Name, req.Extension, paths...)
			}
		}
		archive, err := compress(ctx, e.Params["server"], within(text(req.Root), req.Files)...)
		if err != nil {
			return nil, err
		}
		return archive.File, nil
	},
	"clientDecompressFile": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.DecompressFileRequest](e)
		return nil, c.Files.Decompress(ctx, e.Params["server"], path.Join(text(req.Root), req.File))
	},
	"clientCreateFolder": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.CreateFolderRequest](e)
		return nil, c.Files.CreateFolder(ctx, e.Params["server"], path.Join(text(req.Root), req.Name))
	},
	"clientChmodFiles": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.ChmodFilesRequest](e)
		if req.Files[0].Mode == "" { // which our type cannot leave out, so leave out more
			return nil, c.Files.Chmod(ctx, e.Params["server"], 0)
		}
		mode, err := strconv.ParseUint(req.Files[0].Mode, 8, 32)
		if err != nil {
			return nil, err
		}
		return nil, c.Files.Chmod(ctx, e.Params["server"], os.FileMode(mode), path.Join(req.Root, req.Files[0].File))
	},
	"clientPullFile": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Files.Pull(ctx, e.Params["server"], recorded.Body[client.PullFileRequest](e))
	},
	"clientGetFileDownload": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		name := strings.ReplaceAll(e.Query("file"), "%25", "%") // the Panel decodes it twice
		return closed(c.Files.Download(ctx, e.Params["server"], name))
	},
	"clientGetFileUpload": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Files.Upload(ctx, e.Params["server"], "/", client.FileBytes("a.txt", []byte("a")))
	},

	"clientListDatabases": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.List(ctx, e.Params["server"], recorded.Includes[client.DatabaseInclude](e)...)
	},
	"clientCreateDatabase": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.Create(ctx, e.Params["server"], recorded.Body[client.CreateDatabaseRequest](e))
	},
	"clientRotateDatabasePassword": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.RotatePassword(ctx, e.Params["server"], e.Params["database"])
	},
	"clientDeleteDatabase": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Databases.Delete(ctx, e.Params["server"], e.Params["database"])
	},

	"clientListSchedules": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.List(ctx, e.Params["server"])
	},
	"clientGetSchedule": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.Get(ctx, e.Params["server"], e.Int("schedule"))
	},
	"clientCreateSchedule": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.Create(ctx, e.Params["server"], recorded.Body[client.CreateScheduleRequest](e))
	},
	"clientUpdateSchedule": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.Replace(ctx, e.Params["server"], e.Int("schedule"), recorded.Body[client.UpdateScheduleRequest](e))
	},
	"clientExecuteSchedule": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return []any{}, c.Schedules.Execute(ctx, e.Params["server"], e.Int("schedule"))
	},
	"clientDeleteSchedule": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Schedules.Delete(ctx, e.Params["server"], e.Int("schedule"))
	},
	"clientCreateScheduleTask": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.CreateTask(ctx, e.Params["server"], e.Int("schedule"), recorded.Body[client.CreateScheduleTaskRequest](e))
	},
	"clientUpdateScheduleTask": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Schedules.ReplaceTask(ctx, e.Params["server"], e.Int("schedule"), e.Int("task"),
			recorded.Body[client.UpdateScheduleTaskRequest](e))
	},
	"clientDeleteScheduleTask": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Schedules.DeleteTask(ctx, e.Params["server"], e.Int("schedule"), e.Int("task"))
	},

	"clientListAllocations": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Network.List(ctx, e.Params["server"])
	},
	"clientCreateAllocation": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Network.Create(ctx, e.Params["server"])
	},
	"clientUpdateAllocation": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Network.SetNote(ctx, e.Params["server"], e.Int("allocation"),
			text(recorded.Body[clientapi.UpdateAllocationRequest](e).Notes))
	},
	"clientSetPrimaryAllocation": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Network.SetPrimary(ctx, e.Params["server"], e.Int("allocation"))
	},
	"clientDeleteAllocation": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Network.Delete(ctx, e.Params["server"], e.Int("allocation"))
	},

	"clientListSubusers": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Subusers.List(ctx, e.Params["server"])
	},
	"clientGetSubuser": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Subusers.Get(ctx, e.Params["server"], e.Params["user"])
	},
	"clientCreateSubuser": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.CreateSubuserRequest](e)
		return c.Subusers.Create(ctx, e.Params["server"], req.Email, req.Permissions...)
	},
	"clientUpdateSubuser": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Subusers.SetPermissions(ctx, e.Params["server"], e.Params["user"],
			recorded.Body[clientapi.UpdateSubuserRequest](e).Permissions...)
	},
	"clientDeleteSubuser": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Subusers.Delete(ctx, e.Params["server"], e.Params["user"])
	},
	"clientGetSystemPermissions": func(ctx context.Context, c *client.Client, _ *recorded.Exchange) (any, error) {
		groups, err := c.Subusers.Permissions(ctx)
		return clientapi.SystemPermissions{Permissions: groups}, err
	},

	"clientListBackups": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Backups.List(ctx, e.Params["server"],
			client.BackupListOptions{Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page")})
	},
	"clientGetBackup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Backups.Get(ctx, e.Params["server"], e.Params["backup"])
	},
	"clientCreateBackup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Backups.Create(ctx, e.Params["server"], recorded.Body[client.CreateBackupRequest](e))
	},
	"clientToggleBackupLock": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return c.Backups.ToggleLock(ctx, e.Params["server"], e.Params["backup"])
	},
	"clientGetBackupDownload": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return closed(c.Backups.Download(ctx, e.Params["server"], e.Params["backup"]))
	},
	"clientRestoreBackup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		mode := map[string]client.RestoreMode{
			`{"truncate":false}`: client.RestoreOver, `{"truncate":true}`: client.RestoreTruncate,
		}[compact(e.Text())]
		return nil, c.Backups.Restore(ctx, e.Params["server"], e.Params["backup"], mode)
	},
	"clientDeleteBackup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Backups.Delete(ctx, e.Params["server"], e.Params["backup"])
	},

	"clientGetStartup": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		startup, err := c.Startup.Get(ctx, e.Params["server"])
		if err != nil {
			return nil, err
		}
		return startup.Variables, nil // TestStartup holds the rest
	},
	"clientUpdateStartupVariable": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[clientapi.UpdateStartupVariableRequest](e)
		return c.Startup.Set(ctx, e.Params["server"], req.Key, text(req.Value))
	},

	"clientRenameServer": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[client.RenameServerRequest](e)
		return nil, c.Settings.Rename(ctx, e.Params["server"], req.Name, req.Description)
	},
	"clientReinstallServer": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return []any{}, c.Settings.Reinstall(ctx, e.Params["server"])
	},
	"clientUpdateDockerImage": func(ctx context.Context, c *client.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Settings.SetDockerImage(ctx, e.Params["server"], recorded.Body[clientapi.UpdateDockerImageRequest](e).DockerImage)
	},
}

func activityOptions(e *recorded.Exchange) client.ActivityListOptions {
	return client.ActivityListOptions{
		Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"),
		Filter:  client.ActivityFilter{Event: e.Query("filter[event]")},
		Sort:    client.ActivitySort(e.Query("sort")),
		Include: recorded.Includes[client.ActivityInclude](e),
	}
}

func closed(download *client.Download, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return nil, download.Close()
}

// fakeNode stands for the node that signed URLs lead to.
type fakeNode struct {
	url string // the one that was used, without what the client adds to it

	// renames means that Pelican is asked for another name, which a request for
	// the description follows.
	renames bool
}

func (n *fakeNode) answer(next client.Sender) client.Sender {
	return func(req *http.Request, call client.Call) (*http.Response, error) {
		if n.renames && call.Operation == "clientUpdateServerDescription" {
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
		}
		if call.API != "wings" {
			return next(req, call)
		}
		if req.Body != nil {
			defer req.Body.Close()
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return nil, err
			}
		}
		n.url, _, _ = strings.Cut(req.URL.String(), "&directory=")
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// compact removes the spaces from a document.
func compact(document string) string { return strings.Join(strings.Fields(document), "") }

// adapted returns an exchange with the request as our client makes it, where the
// recorded one says the same in another way.
func adapted(t *testing.T, e *recorded.Exchange) *recorded.Exchange {
	t.Helper()
	exchange, recording := *e, *e.Recording
	exchange.Recording = &recording
	switch e.Operation {
	case "clientListSchedules":
		if e.Query("include") == "tasks" {
			recording.Request.Query = "" // they come without asking
		}
	case "clientUpdatePassword":
		// The recorder hid the password, but not its confirmation.
		var req clientapi.UpdatePasswordRequest
		if err := json.Unmarshal(e.Request.Body.Bytes(), &req); err != nil {
			t.Fatal(err)
		}
		req.PasswordConfirmation = req.Password
		body, err := json.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		recording.Request.Body = body
	}
	return &exchange
}

// Every recorded exchange of the Client API goes through its wrapper: the
// request as sent is the recorded one, the answer comes out with nothing lost.
func TestWrappersAgainstRecordings(t *testing.T) {
	t.Parallel()
	for _, e := range recorded.Exchanges(t, clientapi.Operations()) {
		call := wrappers[e.Operation]
		if e.Unsent() != "" || call == nil {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			e := adapted(t, e)
			e.Check(t, func(panelURL string) (any, error) {
				node := &fakeNode{renames: e.Operation == "clientRenameServer"}
				c, err := client.New(panelURL, e.APIKey("client"), client.WithRetries(0), client.WithMiddleware(node.answer))
				if err != nil {
					return nil, err
				}
				value, err := call(t.Context(), c, e)
				if node.url != "" {
					value = clientapi.SignedURL{URL: node.url}
				}
				return value, err
			})
		})
	}
}

func TestEveryRecordedOperationHasAWrapper(t *testing.T) {
	t.Parallel()
	missing := make(map[string]string)
	for _, e := range recorded.Exchanges(t, clientapi.Operations()) {
		if e.Unsent() == "" && wrappers[e.Operation] == nil {
			missing[e.Operation] = e.Name
		}
	}
	for operation, recording := range missing {
		t.Errorf("nothing makes the request of %s, operation %s", recording, operation)
	}
}

// within returns the full paths of files of a folder.
func within(folder string, files []string) []string {
	var paths []string
	for _, file := range files {
		paths = append(paths, path.Join("/", folder, file))
	}
	return paths
}
