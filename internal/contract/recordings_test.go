package contract

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
	"github.com/ptero-go/ptero/internal/document"
	"github.com/ptero-go/ptero/internal/recorded"
)

// The contract of the tests in this file: every recorded exchange with a real
// Panel is valid under the document with nothing unknown in it, and comes
// through the generated types with nothing lost.

func init() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
}

// ignoring are recordings whose requests hold what is ignored, to show that it is.
var ignoring = []string{"pelican-505-app-servers-build-flat"}

func allOperations(t *testing.T) []Operation {
	t.Helper()
	doc, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return Operations(doc)
}

func recordings(t *testing.T) []Exchange {
	t.Helper()
	all, err := Exchanges()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// spec is the strict document of the panel that was recorded.
func (e *Exchange) spec(t *testing.T) *openapi3.T {
	t.Helper()
	view := document.Pterodactyl
	if e.Set.IsPelican() {
		view = document.Pelican
	}
	doc, err := StrictOf(view)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// strictOperation is the operation of the strict document, nil if the recorded
// panel has none.
func (e *Exchange) strictOperation(t *testing.T) *openapi3.Operation {
	t.Helper()
	if item := e.spec(t).Paths.Value(e.Operation.Path); item != nil {
		return item.GetOperation(e.Operation.Method)
	}
	return nil
}

func TestRecordingsAreValid(t *testing.T) {
	t.Parallel()
	for _, e := range recordings(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			body := e.Response.Body.Bytes()
			op := e.strictOperation(t)
			if op == nil {
				// No operation: an unknown route, a wrong method, or CORS.
				switch {
				case len(body) == 0:
				case e.OfWings():
				case e.Response.Status >= 400:
					validate(t, e.spec(t).Components.Responses["NotFound"].Value.Content, &e, body)
				default:
					t.Errorf("%s %s is no operation, but was answered with %d", e.Request.Method, e.Request.Path, e.Response.Status)
				}
				return
			}
			response := op.Responses.Status(e.Response.Status)
			if response == nil {
				response = op.Responses.Value(fmt.Sprintf("%dXX", e.Response.Status/100))
			}
			if response == nil {
				t.Fatalf("%s has no response %d", op.OperationID, e.Response.Status)
			}
			if e.Request.Method != "HEAD" {
				validate(t, response.Value.Content, &e, body)
			}
			validateHeaders(t, response.Value.Headers, e.Response.Headers)
			if e.Response.Status < 300 && !slices.Contains(ignoring, e.Name) {
				validateRequest(t, op, e.Recording)
			}
		})
	}
}

// validate holds a body against the schema of its content type.
func validate(t *testing.T, content openapi3.Content, e *Exchange, body []byte) {
	t.Helper()
	contentType, _, _ := strings.Cut(e.Response.Headers["Content-Type"], ";")
	if len(content) == 0 || len(body) == 0 {
		if len(content) != 0 || len(body) != 0 {
			t.Errorf("the body is %.80q, described are %v", body, slices.Collect(maps.Keys(content)))
		}
		return
	}
	media := content.Get(contentType)
	if media == nil {
		t.Fatalf("content type %q is not described", contentType)
	}
	var value any = string(body)
	if strings.Contains(contentType, "json") {
		if err := json.Unmarshal(body, &value); err != nil {
			t.Fatal(err)
		}
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
		t.Error(err)
	}
}

// validateHeaders checks what is there; which headers come depends on the
// error. The letter case of their names depends on the recorder.
func validateHeaders(t *testing.T, described openapi3.Headers, headers map[string]string) {
	t.Helper()
	canonical := make(http.Header)
	for name, value := range headers {
		canonical.Set(name, value)
	}
	for name, header := range described {
		sent := canonical.Get(name)
		if sent == "" {
			continue
		}
		var value any = sent
		if header.Value.Schema.Value.Type.Is("integer") {
			number, err := strconv.ParseFloat(sent, 64)
			if err != nil {
				t.Errorf("header %s: %v", name, err)
			}
			value = number
		}
		if err := header.Value.Schema.Value.VisitJSON(value); err != nil {
			t.Errorf("header %s: %v", name, err)
		}
	}
}

// validateRequest holds a request that the Panel accepted against the document.
func validateRequest(t *testing.T, op *openapi3.Operation, recording *recorded.Recording) {
	t.Helper()
	body := recording.Request.Body.Bytes()
	switch {
	case op.RequestBody == nil:
		if len(body) > 0 {
			t.Errorf("the request has a body, none is described: %.80q", body)
		}
	case len(body) == 0:
		if op.RequestBody.Value.Required {
			t.Error("the request has no body, one is required")
		}
	default:
		contentType, _, _ := strings.Cut(recording.Request.Headers["Content-Type"], ";")
		media := op.RequestBody.Value.Content.Get(contentType)
		if media == nil {
			t.Fatalf("content type %q of the request is not described", contentType)
		}
		var value any = string(body)
		if recording.Request.Body.IsJSON() {
			if err := json.Unmarshal(body, &value); err != nil {
				t.Fatal(err)
			}
		}
		if err := media.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.VisitAsRequest()); err != nil {
			t.Errorf("request: %v", err)
		}
	}
}

// answers gives for each operation the Go type of its JSON answer.
var answers = map[string]func() any{
	"applicationAddMountEggs":          answer[applicationapi.MountItem],
	"applicationAddMountNodes":         answer[applicationapi.MountItem],
	"applicationAddMountServers":       answer[applicationapi.MountItem],
	"applicationAssignUserRoles":       answer[applicationapi.UserItem],
	"applicationCreateDatabaseHost":    answer[applicationapi.CreatedDatabaseHost],
	"applicationCreateLocation":        answer[applicationapi.CreatedLocation],
	"applicationCreateMount":           answer[applicationapi.MountItem],
	"applicationCreateNode":            answer[applicationapi.CreatedNode],
	"applicationCreateRole":            answer[applicationapi.CreatedRole],
	"applicationCreateServer":          answer[applicationapi.ServerItem],
	"applicationCreateServerDatabase":  answer[applicationapi.CreatedDatabase],
	"applicationCreateUser":            answer[applicationapi.CreatedUser],
	"applicationDisablePlugin":         answer[applicationapi.PluginItem],
	"applicationEnablePlugin":          answer[applicationapi.PluginItem],
	"applicationExportEgg":             answer[applicationapi.ExportedEgg],
	"applicationGetDatabaseHost":       answer[applicationapi.DatabaseHostItem],
	"applicationGetEgg":                answer[applicationapi.EggItem],
	"applicationGetEggById":            answer[applicationapi.EggItem],
	"applicationGetLocation":           answer[applicationapi.LocationItem],
	"applicationGetMount":              answer[applicationapi.MountItem],
	"applicationGetNest":               answer[applicationapi.NestItem],
	"applicationGetNode":               answer[applicationapi.NodeItem],
	"applicationGetNodeConfiguration":  answer[applicationapi.NodeConfiguration],
	"applicationGetPlugin":             answer[applicationapi.PluginItem],
	"applicationGetRole":               answer[applicationapi.RoleItem],
	"applicationGetServer":             answer[applicationapi.ServerItem],
	"applicationGetServerByExternalId": answer[applicationapi.ServerItem],
	"applicationGetServerDatabase":     answer[applicationapi.DatabaseItem],
	"applicationGetUser":               answer[applicationapi.UserItem],
	"applicationGetUserByExternalId":   answer[applicationapi.UserItem],
	"applicationImportEgg":             answer[applicationapi.EggItem],
	"applicationInstallPlugin":         answer[applicationapi.PluginItem],
	"applicationListAllEggs":           answer[applicationapi.EggList],
	"applicationListAllocations":       answer[applicationapi.AllocationList],
	"applicationListDatabaseHosts":     answer[applicationapi.DatabaseHostList],
	"applicationListDeployableNodes":   answer[applicationapi.NodeList],
	"applicationListEggs":              answer[applicationapi.EggList],
	"applicationListLocations":         answer[applicationapi.LocationList],
	"applicationListMountEggs":         answer[applicationapi.EggList],
	"applicationListMountNodes":        answer[applicationapi.NodeList],
	"applicationListMountServers":      answer[applicationapi.ServerList],
	"applicationListMounts":            answer[applicationapi.MountList],
	"applicationListNests":             answer[applicationapi.NestList],
	"applicationListNodes":             answer[applicationapi.NodeList],
	"applicationListPlugins":           answer[applicationapi.PluginList],
	"applicationListRoles":             answer[applicationapi.RoleList],
	"applicationListServerDatabases":   answer[applicationapi.DatabaseList],
	"applicationListServers":           answer[applicationapi.ServerList],
	"applicationListUsers":             answer[applicationapi.UserList],
	"applicationRemoveUserRoles":       answer[applicationapi.UserItem],
	"applicationUninstallPlugin":       answer[applicationapi.PluginItem],
	"applicationUpdateDatabaseHost":    answer[applicationapi.DatabaseHostItem],
	"applicationUpdateLocation":        answer[applicationapi.LocationItem],
	"applicationUpdateMount":           answer[applicationapi.MountItem],
	"applicationUpdateNode":            answer[applicationapi.NodeItem],
	"applicationUpdatePlugin":          answer[applicationapi.PluginItem],
	"applicationUpdateRole":            answer[applicationapi.RoleItem],
	"applicationUpdateServerBuild":     answer[applicationapi.ServerItem],
	"applicationUpdateServerDetails":   answer[applicationapi.ServerItem],
	"applicationUpdateServerStartup":   answer[applicationapi.ServerItem],
	"applicationUpdateUser":            answer[applicationapi.UserItem],
	"clientCompressFiles":              answer[clientapi.FileItem],
	"clientCreateAllocation":           answer[clientapi.AllocationItem],
	"clientCreateApiKey":               answer[clientapi.APIKeyWithSecret],
	"clientCreateBackup":               answer[clientapi.BackupItem],
	"clientCreateDatabase":             answer[clientapi.DatabaseItem],
	"clientCreateSchedule":             answer[clientapi.ScheduleItem],
	"clientCreateScheduleTask":         answer[clientapi.TaskItem],
	"clientCreateSshKey":               answer[clientapi.SSHKeyItem],
	"clientCreateSubuser":              answer[clientapi.SubuserItem],
	"clientEnableTwoFactor":            answer[clientapi.RecoveryTokensItem],
	"clientGetAccount":                 answer[clientapi.AccountItem],
	"clientGetBackup":                  answer[clientapi.BackupItem],
	"clientGetBackupDownload":          answer[clientapi.SignedURLItem],
	"clientGetFileDownload":            answer[clientapi.SignedURLItem],
	"clientGetFileUpload":              answer[clientapi.SignedURLItem],
	"clientGetSchedule":                answer[clientapi.ScheduleItem],
	"clientGetServer":                  answer[clientapi.ServerWithMeta],
	"clientGetServerResources":         answer[clientapi.StatsItem],
	"clientGetServerUtilizationLegacy": answer[clientapi.UtilizationItem],
	"clientGetServerWebsocket":         answer[clientapi.WebsocketCredentialsData],
	"clientGetStartup":                 answer[clientapi.EggVariableListWithMeta],
	"clientGetSubuser":                 answer[clientapi.SubuserItem],
	"clientGetSystemPermissions":       answer[clientapi.SystemPermissionsItem],
	"clientGetTwoFactorSetup":          answer[clientapi.TwoFactorSetupData],
	"clientListAccountActivity":        answer[clientapi.ActivityList],
	"clientListAllocations":            answer[clientapi.AllocationList],
	"clientListAllocationsLegacy":      answer[clientapi.AllocationList],
	"clientListApiKeys":                answer[clientapi.APIKeyList],
	"clientListBackups":                answer[clientapi.BackupList],
	"clientListDatabases":              answer[clientapi.DatabaseList],
	"clientListFiles":                  answer[clientapi.FileList],
	"clientListNetworkLegacy":          answer[clientapi.AllocationList],
	"clientListSchedules":              answer[clientapi.ScheduleList],
	"clientListServerActivity":         answer[clientapi.ActivityList],
	"clientListServers":                answer[clientapi.ServerList],
	"clientListSshKeys":                answer[clientapi.SSHKeyList],
	"clientListSubusers":               answer[clientapi.SubuserList],
	"clientRenameBackup":               answer[clientapi.BackupItem],
	"clientRotateDatabasePassword":     answer[clientapi.DatabaseItem],
	"clientSetPrimaryAllocation":       answer[clientapi.AllocationItem],
	"clientToggleBackupLock":           answer[clientapi.BackupItem],
	"clientUpdateAllocation":           answer[clientapi.AllocationItem],
	"clientUpdateSchedule":             answer[clientapi.ScheduleItem],
	"clientUpdateScheduleTask":         answer[clientapi.TaskItem],
	"clientUpdateStartupVariable":      answer[clientapi.EggVariableWithMeta],
	"clientUpdateSubuser":              answer[clientapi.SubuserItem],
}

func answer[T any]() any { return new(T) }

func TestEveryJSONAnswerHasAType(t *testing.T) {
	t.Parallel()
	for _, op := range allOperations(t) {
		hasJSON := false
		for status, response := range op.Responses.Map() {
			hasJSON = hasJSON || status[0] == '2' && response.Ref == "" && response.Value.Content.Get("application/json") != nil
		}
		if _, typed := answers[op.OperationID]; typed != (hasJSON && op.API() != "wings") {
			t.Errorf("%s: has a JSON answer %t, has a type here %t", op.OperationID, hasJSON, typed)
		}
	}
}

func TestRecordingsComeThroughTheTypes(t *testing.T) {
	t.Parallel()
	for _, e := range recordings(t) {
		if !e.Response.Body.IsJSON() {
			continue
		}
		target := answer[envelope.ErrorList]
		switch {
		case e.Response.Status < 300:
			target = answers[e.Operation.OperationID]
		case string(e.Response.Body) == "[]": // a refusal of Pelican without words
			continue
		}
		if target == nil {
			if string(e.Response.Body) != "[]" && !e.OfWings() { // the answer of what was begun
				t.Errorf("%s: no type for the answer of %s", e.Name, e.Operation.OperationID)
			}
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			value := target()
			if err := json.Unmarshal(e.Response.Body, value); err != nil {
				t.Fatal(err)
			}
			back, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			for _, loss := range lossesOf(t, e.Response.Body, back) {
				t.Error(loss)
			}
		})
	}
}

func lossesOf(t *testing.T, sent, ours []byte) []string {
	t.Helper()
	losses, err := recorded.LossesOf(sent, ours)
	if err != nil {
		t.Fatal(err)
	}
	return losses
}

// An old Panel's answers decode too; these are written after the documents of
// version 0.7.
func TestOldAnswersDecode(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(Path("testdata/panel07"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := newView(document.Pterodactyl).load() // one of our own, as it is changed
	if err != nil {
		t.Fatal(err)
	}
	recorded.ForbidUnknown(doc)
	recorded.AllowOld(doc)
	for _, file := range files {
		operationID := strings.TrimSuffix(file.Name(), path.Ext(file.Name()))
		i := slices.IndexFunc(allOperations(t), func(op Operation) bool { return op.OperationID == operationID })
		document, err := os.ReadFile(Path("testdata/panel07/" + file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		e := Exchange{Recording: new(recorded.Recording)}
		e.Response.Headers = map[string]string{"Content-Type": "application/json"}
		op := allOperations(t)[i]
		validate(t, doc.Paths.Value(op.Path).GetOperation(op.Method).Responses.Status(200).Value.Content, &e, document)
		value := answers[operationID]()
		if err := json.Unmarshal(document, value); err != nil {
			t.Errorf("%s: %v", file.Name(), err)
			continue
		}
		back, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, loss := range lossesOf(t, document, back) {
			t.Errorf("%s: %s", file.Name(), loss)
		}
	}
}

// Everybody who imports this module downloads its recordings.
func TestRecordingsAreSmall(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	total := int64(0)
	err := filepath.WalkDir(Path("testdata"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		total += info.Size()
		return err
	})
	if err != nil || total > most {
		t.Errorf("testdata holds %d bytes, %d are allowed; %v", total, most, err)
	}
}

// The strict document refuses what it does not name, at any depth.
func TestUnknownFieldsAreRefused(t *testing.T) {
	t.Parallel()
	doc, err := Strict()
	if err != nil {
		t.Fatal(err)
	}
	schema := doc.Components.Schemas["ClientServerList"].Value
	all := recordings(t)
	i := slices.IndexFunc(all, func(e Exchange) bool {
		return e.Operation.OperationID == "clientListServers" && e.Response.Status == 200
	})
	var list map[string]any
	if err := json.Unmarshal(all[i].Response.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if err := schema.VisitJSON(list); err != nil {
		t.Fatalf("%s as it was recorded: %v", all[i].Name, err)
	}
	server := list["data"].([]any)[0].(map[string]any)["attributes"].(map[string]any)
	for name, object := range map[string]map[string]any{
		"the list": list, "a server": server, "its limits": server["limits"].(map[string]any),
	} {
		object["unheard_of"] = true
		if schema.VisitJSON(list) == nil {
			t.Errorf("an unknown field of %s is accepted", name)
		}
		delete(object, "unheard_of")
	}
}
