package wings

// Version is a version of Wings that can be played. A later one is greater.
type Version int

// The versions. What differs is said where it does.
const (
	Version111  Version = iota
	Version1120         // limits sockets and messages, and ends sockets of which 1.11 lets go by errors alone
	Version1123         // demands scopes of tokens
	Pelican             // the fork: calls itself by its name, finds features, counts the disk, and reports deletions and tokens in its own way
)

// limits reports whether it is 1.12, which limits sockets and their messages.
func (v Version) limits() bool { return v >= Version1120 }

// scopes reports whether tokens must name what they are for.
func (v Version) scopes() bool { return v >= Version1123 }

// isPelican reports whether it is the fork's.
func (v Version) isPelican() bool { return v == Pelican }
