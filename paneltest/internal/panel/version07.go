package panel

import (
	"maps"
	"slices"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// What Panel 0.7 does in its own way.

// operationsOnlyOf07 are those that went away.
var operationsOnlyOf07 = map[string]bool{"clientGetServerUtilizationLegacy": true, "applicationRebuildServerLegacy": true}

// operationsOf07 are those that Panel 0.7 has.
var operationsOf07 = func() map[string]bool {
	known := make(map[string]bool)
	for _, id := range []string{
		"clientListServers", "clientGetServer", "clientGetServerUtilizationLegacy", "clientSendCommand", "clientSetPowerState",

		"applicationListUsers", "applicationGetUser", "applicationGetUserByExternalId", "applicationCreateUser",
		"applicationUpdateUser", "applicationDeleteUser",
		"applicationListNodes", "applicationGetNode", "applicationCreateNode", "applicationUpdateNode", "applicationDeleteNode",
		"applicationListAllocations", "applicationCreateAllocations", "applicationDeleteAllocation",
		"applicationListLocations", "applicationGetLocation", "applicationCreateLocation", "applicationUpdateLocation",
		"applicationDeleteLocation",
		"applicationListServers", "applicationGetServer", "applicationGetServerByExternalId", "applicationCreateServer",
		"applicationUpdateServerDetails", "applicationUpdateServerBuild", "applicationUpdateServerStartup",
		"applicationSuspendServer", "applicationUnsuspendServer", "applicationReinstallServer", "applicationRebuildServerLegacy",
		"applicationDeleteServer", "applicationForceDeleteServer",
		"applicationListServerDatabases", "applicationGetServerDatabase", "applicationCreateServerDatabase",
		"applicationResetServerDatabasePassword", "applicationDeleteServerDatabase",
		"applicationListNests", "applicationGetNest", "applicationListEggs", "applicationGetEgg",
	} {
		known[id] = true
	}
	return known
}()

// since10 are attributes that came after 0.7, by the name of the object.
var since10 = map[string][]string{
	"node":            {"uuid", "allocated_resources", "sum_memory", "sum_disk", "mounts"},
	"allocation":      {"notes"},
	"egg":             {"name", "docker_images"},
	"server_database": {"max_connections"},
}

// clientServer07 are the attributes of a server in the Client API of 0.7.
var clientServer07 = []string{"server_owner", "identifier", "uuid", "name", "description", "limits", "feature_limits"}

// asIn07 gives an answer the shapes that it has in 0.7.
func asIn07(body any) any {
	switch body := body.(type) {
	case laravel.Object:
		shaped := make(laravel.Object, len(body))
		for name, value := range body {
			shaped[name] = asIn07(value)
		}
		if attributes, isItem := shaped["attributes"].(laravel.Object); isItem {
			kind, _ := shaped["object"].(string)
			itemAsIn07(kind, attributes)
		}
		if links, hasLinks := shaped["links"].(laravel.Object); hasLinks && len(links) == 0 {
			shaped["links"] = []any{} // an empty map of PHP
		}
		return shaped
	case []laravel.Object:
		shaped := make([]laravel.Object, len(body))
		for i, entry := range body {
			shaped[i], _ = asIn07(entry).(laravel.Object)
		}
		return shaped
	}
	return body
}

// itemAsIn07 takes from an item what 0.7 does not have.
func itemAsIn07(kind string, attributes laravel.Object) {
	for _, name := range since10[kind] {
		delete(attributes, name)
	}
	limits, _ := attributes["limits"].(laravel.Object)
	features, _ := attributes["feature_limits"].(laravel.Object)
	config, _ := attributes["config"].(laravel.Object)
	delete(limits, "threads")
	delete(limits, "oom_disabled")
	delete(features, "backups")
	delete(config, "file_denylist")
	if kind != "server" {
		return
	}
	if _, isClient := attributes["server_owner"]; isClient {
		maps.DeleteFunc(attributes, func(name string, _ any) bool { return !slices.Contains(clientServer07, name) })
		return
	}
	delete(attributes, "status")
	attributes["pack"] = nil
	if container, isObject := attributes["container"].(laravel.Object); isObject {
		container["installed"] = container["installed"] == 1
		if environment, isObject := container["environment"].(laravel.Object); isObject {
			delete(environment, "P_SERVER_ALLOCATION_LIMIT")
		}
	}
}

// errorsAsIn07 gives an error the form that it has in 0.7.
func errorsAsIn07(r *laravel.Error) laravel.Object {
	entries := r.Entries()
	if len(r.Violations) > 0 {
		for i, w := range r.Violations {
			entries[i] = laravel.Object{"code": w.Rule, "detail": w.Detail, "source": laravel.Object{"field": w.Field}}
		}
	}
	return laravel.Object{"errors": entries}
}
