package quickjson

import "hash/maphash"

// names keeps the texts of a document that come again and again - the names of
// variables, kinds of things, images, start commands - so that each is one
// string. A document has few of them, so a small table does: a text that falls
// onto the place of another replaces it.
type names struct {
	table [1 << namesBits]string
	used  bool
}

const (
	namesBits   = 8
	longestName = 256 // in bytes; longer ones rarely come again
)

var seed = maphash.MakeSeed()

// of returns text as a string.
func (n *names) of(text []byte) string {
	if len(text) == 0 || len(text) > longestName {
		return string(text)
	}
	known := &n.table[maphash.Bytes(seed, text)>>(64-namesBits)]
	if *known != string(text) {
		*known = string(text)
		n.used = true
	}
	return *known
}

func (n *names) forget() {
	if n.used {
		*n = names{}
	}
}
