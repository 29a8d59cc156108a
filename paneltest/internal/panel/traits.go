package panel

// Traits are what sets the fork Pelican apart from Pterodactyl's Panel. A handler
// asks for the trait that it depends on, never for the version: what belongs to
// one trait changes together.
type Traits struct {
	// Roles: administrators are made by roles, accounts have a username alone
	// and may be managed elsewhere, and there is no second factor in the API.
	Roles bool

	// Tags: nodes are told apart by tags instead of locations, and are measured
	// in CPU too.
	Tags bool

	// LooseEggs: eggs are in no nest. They have tags and several start commands,
	// and the rules of their variables are lists.
	LooseEggs bool

	// OOMKiller: limits have oom_killer, the opposite of oom_disabled, and
	// requests name nothing else.
	OOMKiller bool

	// OwnDescription: the description of a server is changed by an operation of
	// its own, not with its name.
	OwnDescription bool

	// ClientShapes: in the Client API databases have numbers instead of hash ids,
	// servers an alias for SFTP, backups is_scheduled, and activity no batch.
	ClientShapes bool

	// FlatPermissions: permissions are one list without descriptions, and grants
	// are kept in alphabetical order.
	FlatPermissions bool

	// BareFailures: what fails on a node is an exception with status 500, and
	// what was stored before stays stored.
	BareFailures bool

	// OwnStates: administrators reach the files and the console of a suspended
	// server, and one whose reinstallation failed counts as not installed.
	OwnStates bool

	// OwnTokens: tokens for sockets are named by SHA-256, and do not say the
	// number of the account.
	OwnTokens bool

	// ArchiveKinds: archives may be named, and may be of several kinds.
	ArchiveKinds bool

	// Reencodes: a file that is read comes in UTF-8, whatever it holds.
	Reencodes bool

	// DeletingTasks: a schedule can delete files, must name a month, and its tasks
	// are deleted by those who may delete schedules.
	DeletingTasks bool

	// RawPaths: a path is taken as it is written. An encoded slash fits no route,
	// and what belongs to something else than the path says is not there at all.
	RawPaths bool

	// RemoteAPI: nodes are answered too.
	RemoteAPI bool

	// LosesPrimary: the primary allocation of a server can be deleted.
	LosesPrimary bool

	// LongerTexts: texts may have 255 characters where they had 191.
	LongerTexts bool

	// What keys of the two APIs begin with.
	ClientKey, ApplicationKey string

	LoginPath  string // of the page for those who do not ask for JSON
	DaemonBase string // where nodes keep the files of servers, unless told otherwise
	MinPort    int    // the lowest port of an allocation

	OptionsType string // the Content-Type of the answer to OPTIONS
}

// MaxText is the number of characters that a text may have in most places.
func (t *Traits) MaxText() string {
	if t.LongerTexts {
		return "255"
	}
	return "191"
}

// pterodactyl is what all versions of Pterodactyl's Panel have.
var pterodactyl = Traits{
	ClientKey: "ptlc_", ApplicationKey: "ptla_",
	LoginPath: "/auth/login", DaemonBase: "/var/lib/pterodactyl/volumes", MinPort: 1025,
	OptionsType: "text/html; charset=UTF-8",
}

// pelican is what its fork has.
var pelican = Traits{
	Roles: true, Tags: true, LooseEggs: true, OOMKiller: true, OwnDescription: true, ClientShapes: true, FlatPermissions: true,
	BareFailures: true, OwnStates: true, OwnTokens: true, ArchiveKinds: true, Reencodes: true,
	DeletingTasks: true, RawPaths: true, RemoteAPI: true, LosesPrimary: true, LongerTexts: true,
	ClientKey: "pacc_", ApplicationKey: "papp_",
	LoginPath: "/login", DaemonBase: "/var/lib/pelican/volumes", MinPort: 1024,
}

// operationsNotOfPelican are those that Pelican lacks.
var operationsNotOfPelican = func() map[string]bool {
	lacking := make(map[string]bool)
	for _, id := range []string{
		"clientGetTwoFactorSetup", "clientEnableTwoFactor", "clientDisableTwoFactor", "clientRemoveSshKey",
		"applicationListLocations", "applicationGetLocation", "applicationCreateLocation", "applicationUpdateLocation",
		"applicationDeleteLocation", "applicationListNests", "applicationGetNest", "applicationListEggs", "applicationGetEgg",
	} {
		lacking[id] = true
	}
	return lacking
}()
