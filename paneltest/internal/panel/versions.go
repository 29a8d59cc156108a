package panel

// Version is a version of the Panel that can be played. A later one is greater.
// [Pelican] is the greatest: it goes its own way by its [Traits], and has what
// came before it.
type Version int

// The versions.
const (
	Version07 Version = iota
	Version111
	Version1120
	Version1123
	Pelican // the fork, 1.0.0-beta38
)

// release is what sets a version apart that is not said where it differs.
type release struct {
	name                string
	client, application int // requests a minute of an account to each API, as it is shipped
	traits              Traits
}

// releases are the versions.
var releases = [...]release{
	Version07:   {"0.7", 60, 120, pterodactyl},
	Version111:  {"1.11", 720, 240, pterodactyl},
	Version1120: {"1.12.0", 128, 240, pterodactyl},
	Version1123: {"1.12.3", 256, 256, pterodactyl},
	Pelican:     {"pelican", 256, 256, pelican},
}

// VersionNames lists what [ParseVersion] takes.
func VersionNames() []string {
	names := make([]string, 0, len(releases)+1)
	for _, version := range releases[:Pelican] {
		names = append(names, version.name)
	}
	return append(names, latest112, releases[Pelican].name)
}

// latest112 stands for the last release of 1.12.
const latest112 = "1.12"

// ParseVersion finds a version by its name, such as "1.12.3"; "1.12" is the last
// release of it.
func ParseVersion(name string) (version Version, ok bool) {
	if name == latest112 {
		return Version1123, true
	}
	for version, known := range releases {
		if known.name == name {
			return Version(version), true
		}
	}
	return 0, false
}

// String returns the name of the version.
func (v Version) String() string { return releases[v].name }

// Traits returns what sets the version apart.
func (v Version) Traits() Traits { return releases[v].traits }
