package quickjson

import (
	"hash/maphash"
	"strings"
)

// names makes the strings of a document. It keeps those that come again and
// again - the names of variables, kinds of things, images, start commands - so
// that each is one string. A document has few of them, so a small table does: a
// text that falls onto the place of another replaces it.
type names struct {
	table [1 << namesBits]string
	chunk strings.Builder // has room for short strings
	used  bool
}

const (
	namesBits   = 8
	longestName = 256 // in bytes; longer ones rarely come again

	// Short strings share their memory, chunkSize bytes of it: one allocation for
	// several of them. Whoever keeps one of them keeps no more than that.
	chunkSize   = 256
	longestPart = 64
)

var seed = maphash.MakeSeed()

// of returns text as a string.
func (n *names) of(text []byte) string {
	if len(text) == 0 || len(text) > longestName {
		return string(text)
	}
	known := &n.table[maphash.Bytes(seed, text)>>(64-namesBits)]
	if *known != string(text) {
		*known = n.make(text)
		n.used = true
	}
	return *known
}

// make returns text as a string that may share its memory with others.
func (n *names) make(text []byte) string {
	if len(text) > longestPart {
		return string(text)
	}
	if n.chunk.Cap()-n.chunk.Len() < len(text) {
		n.chunk = strings.Builder{}
		n.chunk.Grow(chunkSize)
	}
	start := n.chunk.Len()
	n.chunk.Write(text)
	return n.chunk.String()[start:]
}

func (n *names) forget() {
	if n.used {
		*n = names{}
	}
}
