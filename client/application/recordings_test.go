package application_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/recorded"
)

// zeroIsUnlimited takes recorded limits as the Panel does.
func zeroIsUnlimited(limits ...*int) {
	for _, limit := range limits {
		*limit = cmp.Or(*limit, application.Unlimited)
	}
}

// wrappers tells how to make the recorded request of each operation.
var wrappers = map[string]func(context.Context, *application.Client, *recorded.Exchange) (any, error){
	// Users.
	"applicationListUsers": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Users.List(ctx, application.UserListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Sort: application.UserSort(e.Query("sort")),
			Filter: application.UserFilter{
				Email: e.Query("filter[email]"), UUID: e.Query("filter[uuid]"), Username: e.Query("filter[username]"),
				ExternalID: e.Query("filter[external_id]"),
			},
			Include: recorded.Includes[application.UserInclude](e),
		})
	},
	"applicationGetUser": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Users.Get(ctx, e.Int("user"), recorded.Includes[application.UserInclude](e)...)
	},
	"applicationGetUserByExternalId": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Users.GetByExternalID(ctx, e.Params["external_id"], recorded.Includes[application.UserInclude](e)...)
	},
	"applicationCreateUser": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Users.Create(ctx, recorded.Body[application.CreateUserRequest](e))
	},
	"applicationUpdateUser": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Users.Replace(ctx, e.Int("user"), recorded.Body[application.UpdateUserRequest](e))
	},
	"applicationDeleteUser": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Users.Delete(ctx, e.Int("user"))
	},

	// Nodes.
	"applicationListNodes": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.List(ctx, application.NodeListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Sort: application.NodeSort(e.Query("sort")),
			Filter: application.NodeFilter{
				UUID: e.Query("filter[uuid]"), Name: e.Query("filter[name]"), FQDN: e.Query("filter[fqdn]"),
				DaemonTokenID: e.Query("filter[daemon_token_id]"),
			},
			Include: recorded.Includes[application.NodeInclude](e),
		})
	},
	"applicationGetNode": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.Get(ctx, e.Int("node"), recorded.Includes[application.NodeInclude](e)...)
	},
	"applicationGetNodeConfiguration": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.Configuration(ctx, e.Int("node"))
	},
	"applicationListDeployableNodes": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.Deployable(ctx, application.NodeRequirements{
			Memory: e.QueryInt("memory"), Disk: e.QueryInt("disk"), CPU: e.QueryInt("cpu"), Tags: e.QueryAll("tags[]"), Include: recorded.Includes[application.NodeInclude](e),
		})
	},
	"applicationCreateNode": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.Create(ctx, recorded.Body[application.CreateNodeRequest](e))
	},
	"applicationUpdateNode": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nodes.Replace(ctx, e.Int("node"), recorded.Body[application.UpdateNodeRequest](e))
	},
	"applicationDeleteNode": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Nodes.Delete(ctx, e.Int("node"))
	},

	// Allocations.
	"applicationListAllocations": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Allocations.List(ctx, e.Int("node"), application.AllocationListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"),
			Filter: application.AllocationFilter{
				IP: e.Query("filter[ip]"), Alias: e.Query("filter[ip_alias]"), Ports: ports(e.Query("filter[port]")),
				ServerID: e.QueryInt("filter[server_id]"), Unassigned: e.Query("filter[server_id]") == "0",
			},
			Include: recorded.Includes[application.AllocationInclude](e),
		})
	},
	"applicationCreateAllocations": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Allocations.Create(ctx, e.Int("node"), recorded.Body[application.CreateAllocationsRequest](e))
	},
	"applicationDeleteAllocation": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Allocations.Delete(ctx, e.Int("node"), e.Int("allocation"))
	},

	// Locations.
	"applicationListLocations": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Locations.List(ctx, application.LocationListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Sort: application.LocationSort(e.Query("sort")),
			Filter:  application.LocationFilter{Short: e.Query("filter[short]"), Long: e.Query("filter[long]")},
			Include: recorded.Includes[application.LocationInclude](e),
		})
	},
	"applicationGetLocation": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Locations.Get(ctx, e.Int("location"), recorded.Includes[application.LocationInclude](e)...)
	},
	"applicationCreateLocation": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[applicationapi.CreateLocationRequest](e)
		return c.Locations.Create(ctx, req.Short, req.Long)
	},
	"applicationUpdateLocation": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Locations.Replace(ctx, e.Int("location"), recorded.Body[application.UpdateLocationRequest](e))
	},
	"applicationDeleteLocation": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Locations.Delete(ctx, e.Int("location"))
	},

	// Servers.
	"applicationListServers": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.List(ctx, application.ServerListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Sort: application.ServerSort(e.Query("sort")),
			Filter: application.ServerFilter{
				UUID: e.Query("filter[uuid]"), Identifier: e.Query("filter[uuidShort]"), Name: e.Query("filter[name]"),
				Description: e.Query("filter[description]"), Image: e.Query("filter[image]"), ExternalID: e.Query("filter[external_id]"),
			},
			Include: recorded.Includes[application.ServerInclude](e),
		})
	},
	"applicationGetServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.Get(ctx, e.Int("server"), recorded.Includes[application.ServerInclude](e)...)
	},
	"applicationGetServerByExternalId": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.GetByExternalID(ctx, e.Params["external_id"], recorded.Includes[application.ServerInclude](e)...)
	},
	"applicationCreateServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[application.CreateServerRequest](e)
		zeroIsUnlimited(&req.Limits.Memory, &req.Limits.Disk, &req.Limits.CPU)
		return c.Servers.CreateExact(ctx, req) // Create asks for the egg first
	},
	"applicationUpdateServerDetails": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.ReplaceDetails(ctx, e.Int("server"), recorded.Body[application.UpdateServerDetailsRequest](e))
	},
	"applicationUpdateServerBuild": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		req := recorded.Body[application.UpdateServerBuildRequest](e)
		zeroIsUnlimited(&req.Limits.Memory, &req.Limits.Disk, &req.Limits.CPU)
		return c.Servers.ReplaceBuild(ctx, e.Int("server"), req)
	},
	"applicationUpdateServerStartup": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Servers.ReplaceStartup(ctx, e.Int("server"), recorded.Body[application.UpdateServerStartupRequest](e))
	},
	"applicationSuspendServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Suspend(ctx, e.Int("server"))
	},
	"applicationUnsuspendServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Unsuspend(ctx, e.Int("server"))
	},
	"applicationReinstallServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Reinstall(ctx, e.Int("server"))
	},
	"applicationRebuildServerLegacy": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Rebuild(ctx, e.Int("server"))
	},
	"applicationDeleteServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.Delete(ctx, e.Int("server"))
	},
	"applicationForceDeleteServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Servers.ForceDelete(ctx, e.Int("server"))
	},

	// Databases.
	"applicationListServerDatabases": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.List(ctx, e.Int("server"), recorded.Includes[application.DatabaseInclude](e)...)
	},
	"applicationGetServerDatabase": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.Get(ctx, e.Int("server"), e.Int("database"), recorded.Includes[application.DatabaseInclude](e)...)
	},
	"applicationCreateServerDatabase": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Databases.Create(ctx, e.Int("server"), recorded.Body[application.CreateDatabaseRequest](e),
			recorded.Includes[application.DatabaseInclude](e)...)
	},
	"applicationResetServerDatabasePassword": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Databases.RotatePassword(ctx, e.Int("server"), e.Int("database"))
	},
	"applicationDeleteServerDatabase": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Databases.Delete(ctx, e.Int("server"), e.Int("database"))
	},

	// Nests and eggs.
	"applicationListNests": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nests.List(ctx, application.NestListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Include: recorded.Includes[application.NestInclude](e),
		})
	},
	"applicationGetNest": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Nests.Get(ctx, e.Int("nest"), recorded.Includes[application.NestInclude](e)...)
	},
	"applicationListEggs": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Eggs.List(ctx, e.Int("nest"), recorded.Includes[application.EggInclude](e)...)
	},
	"applicationGetEgg": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Eggs.Get(ctx, e.Int("nest"), e.Int("egg"), recorded.Includes[application.EggInclude](e)...)
	},

	// Pelican.
	"applicationListAllEggs": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Eggs.ListAll(ctx, recorded.Includes[application.EggInclude](e)...)
	},
	"applicationGetEggById": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Eggs.GetByID(ctx, e.Int("egg"), recorded.Includes[application.EggInclude](e)...)
	},
	"applicationDeleteEgg": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Eggs.Delete(ctx, e.Int("egg"))
	},
	"applicationDeleteEggByUuid": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Eggs.DeleteByUUID(ctx, e.Params["egg"])
	},
	"applicationExportEgg": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		exported, err := c.Eggs.Export(ctx, e.Int("egg"), application.EggFormat(e.Query("format")))
		return json.RawMessage(exported), err
	},
	"applicationImportEgg": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Eggs.Import(ctx, e.Request.Body.Bytes())
	},
	"applicationListRoles": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.List(ctx, application.RoleListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Name: e.Query("filter[name]"),
			Sort: application.RoleSort(e.Query("sort")), Include: recorded.Includes[application.RoleInclude](e),
		})
	},
	"applicationGetRole": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.Get(ctx, e.Int("role"), recorded.Includes[application.RoleInclude](e)...)
	},
	"applicationCreateRole": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.Create(ctx, recorded.Body[applicationapi.CreateRoleRequest](e).Name)
	},
	"applicationUpdateRole": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.Rename(ctx, e.Int("role"), recorded.Body[applicationapi.UpdateRoleRequest](e).Name)
	},
	"applicationDeleteRole": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Roles.Delete(ctx, e.Int("role"))
	},
	"applicationAssignUserRoles": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.Assign(ctx, e.Int("user"), recorded.Body[applicationapi.UserRolesRequest](e).Roles...)
	},
	"applicationRemoveUserRoles": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Roles.Remove(ctx, e.Int("user"), recorded.Body[applicationapi.UserRolesRequest](e).Roles...)
	},
	"applicationListMounts": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.List(ctx, application.MountListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), UUID: e.Query("filter[uuid]"), Name: e.Query("filter[name]"),
		})
	},
	"applicationGetMount": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Get(ctx, e.Int("mount"))
	},
	"applicationCreateMount": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Create(ctx, recorded.Body[application.CreateMountRequest](e))
	},
	"applicationUpdateMount": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Replace(ctx, e.Int("mount"), recorded.Body[application.UpdateMountRequest](e))
	},
	"applicationDeleteMount": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Mounts.Delete(ctx, e.Int("mount"))
	},
	"applicationListMountEggs": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Eggs(ctx, e.Int("mount"))
	},
	"applicationAddMountEggs": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.AddEggs(ctx, e.Int("mount"), recorded.Body[applicationapi.MountEggsRequest](e).Eggs...)
	},
	"applicationRemoveMountEgg": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Mounts.RemoveEgg(ctx, e.Int("mount"), e.Int("egg"))
	},
	"applicationListMountNodes": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Nodes(ctx, e.Int("mount"))
	},
	"applicationAddMountNodes": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.AddNodes(ctx, e.Int("mount"), recorded.Body[applicationapi.MountNodesRequest](e).Nodes...)
	},
	"applicationRemoveMountNode": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Mounts.RemoveNode(ctx, e.Int("mount"), e.Int("node"))
	},
	"applicationListMountServers": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.Servers(ctx, e.Int("mount"))
	},
	"applicationAddMountServers": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Mounts.AddServers(ctx, e.Int("mount"), recorded.Body[applicationapi.MountServersRequest](e).Servers...)
	},
	"applicationRemoveMountServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Mounts.RemoveServer(ctx, e.Int("mount"), e.Int("server"))
	},
	"applicationListDatabaseHosts": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.DatabaseHosts.List(ctx, application.DatabaseHostListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Name: e.Query("filter[name]"), Host: e.Query("filter[host]"),
			Include: recorded.Includes[application.DatabaseHostInclude](e),
		})
	},
	"applicationGetDatabaseHost": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.DatabaseHosts.Get(ctx, e.Int("database_host"), recorded.Includes[application.DatabaseHostInclude](e)...)
	},
	"applicationCreateDatabaseHost": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.DatabaseHosts.Create(ctx, recorded.Body[application.CreateDatabaseHostRequest](e))
	},
	"applicationUpdateDatabaseHost": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.DatabaseHosts.Replace(ctx, e.Int("database_host"), recorded.Body[application.UpdateDatabaseHostRequest](e))
	},
	"applicationDeleteDatabaseHost": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.DatabaseHosts.Delete(ctx, e.Int("database_host"))
	},
	"applicationListPlugins": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.List(ctx, application.PluginListOptions{
			Page: e.QueryInt("page"), PerPage: e.QueryInt("per_page"), Name: e.Query("filter[name]"), Category: e.Query("filter[category]"),
			Sort: application.PluginSort(e.Query("sort")),
		})
	},
	"applicationGetPlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Get(ctx, e.Params["plugin"])
	},
	"applicationImportPluginFile": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Plugins.ImportFile(ctx, "plugin.zip", strings.NewReader(e.Text()))
	},
	"applicationImportPluginUrl": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Plugins.ImportURL(ctx, recorded.Body[applicationapi.ImportPluginRequest](e).URL)
	},
	"applicationInstallPlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Install(ctx, e.Params["plugin"])
	},
	"applicationUpdatePlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Update(ctx, e.Params["plugin"])
	},
	"applicationEnablePlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Enable(ctx, e.Params["plugin"])
	},
	"applicationDisablePlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Disable(ctx, e.Params["plugin"])
	},
	"applicationUninstallPlugin": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return c.Plugins.Uninstall(ctx, e.Params["plugin"], recorded.Body[applicationapi.UninstallPluginRequest](e).Delete)
	},
	"applicationTransferServer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Transfers.Start(ctx, e.Int("server"), recorded.Body[application.TransferServerRequest](e))
	},
	"applicationCancelServerTransfer": func(ctx context.Context, c *application.Client, e *recorded.Exchange) (any, error) {
		return nil, c.Transfers.Cancel(ctx, e.Int("server"))
	},
}

// ports are those that a filter names.
func ports(filter string) []int {
	var all []int
	for text := range strings.SplitSeq(filter, ",") {
		if port, err := strconv.Atoi(text); err == nil {
			all = append(all, port)
		}
	}
	return all
}

// unsent names recordings of requests that our wrappers never send, and why.
var unsent = map[string]string{
	"pelican-058-app-nodes-create-ptero-fields":      "we send what Pelican demands",
	"pelican-161-app-plugins-import-nofile":          "it sends no form",
	"pelican-470-app-servers-list-search":            "it is a search of Panel 0.7, which is ignored",
	"pelican-490-app-servers-create-nullstartup-422": "our type cannot send null, which is refused",
	"058-app-allocs-filter":                          "an empty filter is ignored by the Panel, so we leave it out",
}

// Every recorded exchange of the Application API goes through its wrapper: the
// request as sent is the recorded one, the answer comes out with nothing lost.
func TestWrappersAgainstRecordings(t *testing.T) {
	t.Parallel()
	for _, e := range recorded.Exchanges(t, applicationapi.Operations()) {
		if e.Unsent() != "" || unsent[e.Name] != "" {
			continue
		}
		call := wrappers[e.Operation]
		if call == nil {
			t.Errorf("%s: %s has no entry here", e.Name, e.Operation)
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			e.Check(t, func(panelURL string) (any, error) {
				c, err := application.New(panelURL, e.APIKey("application"), client.WithRetries(0))
				if err != nil {
					return nil, err
				}
				return call(t.Context(), c, e)
			})
		})
	}
}

// Every operation of the Application API has a wrapper, those of Panel 0.7 too.
func TestEveryOperationHasAWrapper(t *testing.T) {
	t.Parallel()
	var operations []string
	for _, operation := range applicationapi.Operations() {
		operations = append(operations, operation.ID)
	}
	slices.Sort(operations)
	if wrapped := slices.Sorted(maps.Keys(wrappers)); !slices.Equal(wrapped, operations) {
		t.Errorf("wrapped are\n%s\noperations are\n%s", strings.Join(wrapped, "\n"), strings.Join(operations, "\n"))
	}
}
