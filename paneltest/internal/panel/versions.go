package panel

// Version is a version of the Panel that can be played. A later one is greater.
type Version int

// The versions.
const (
	Version07 Version = iota
	Version111
	Version1120
	Version1123
)

// shipped is what a version is called, and how many requests a minute an account
// may make to each API as it is shipped.
var shipped = [...]struct {
	name                string
	client, application int
}{
	Version07:   {"0.7", 60, 120},
	Version111:  {"1.11", 720, 240},
	Version1120: {"1.12.0", 128, 240},
	Version1123: {"1.12.3", 256, 256},
}

// VersionNames lists what [ParseVersion] takes.
func VersionNames() []string {
	names := make([]string, 0, len(shipped)+1)
	for _, version := range shipped {
		names = append(names, version.name)
	}
	return append(names, latest112)
}

// latest112 stands for the last release of 1.12.
const latest112 = "1.12"

// ParseVersion finds a version by its name, such as "1.12.3"; "1.12" is the last
// release of it.
func ParseVersion(name string) (version Version, ok bool) {
	if name == latest112 {
		return Version1123, true
	}
	for version, known := range shipped {
		if known.name == name {
			return Version(version), true
		}
	}
	return 0, false
}

// String returns the name of the version.
func (v Version) String() string { return shipped[v].name }
