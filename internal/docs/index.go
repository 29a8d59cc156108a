package main

import _ "embed"

const indexFile = "README.md"

// introduction is what all pages have in common, written by hand.
//
//go:embed introduction.md
var introduction string

// index writes the front page: the pages with their operations, and what all
// operations have in common.
func (b *book) index() []byte {
	m := new(markdown)
	m.line("%s\n", generated)
	m.line("# Reference\n")
	m.paragraph("The HTTP interfaces of the Pterodactyl Panel %s and of Wings, its node daemon: each operation with its rules, "+
		"its answer, an example that a real Panel gave, the call in Go and the call by curl. These pages are written from "+
		"[api/openapi.yaml](../../api/openapi.yaml). Other versions of the Panel are named where they differ.", b.doc.Info.Version)
	for _, api := range apis {
		var rows [][]string
		for _, p := range b.pages {
			if p.api == api {
				rows = append(rows, []string{link1(sentence(p.name()), p.file), b.linked(p, p.about)})
			}
		}
		if api == "wings" {
			rows = [][]string{
				{link1("Signed URLs", "wings-transfers.md"), "Files and backups sent to and from a node."},
				{link1("WebSocket", consoleFile), "The console of a server."},
			}
		}
		m.line("## %s\n", apiNames[api])
		m.table([]string{"Page", "About"}, rows)
	}
	m.line("%s", introduction)
	m.line("## All operations\n")
	var all []*operation
	for _, p := range b.pages {
		all = append(all, p.operations...)
	}
	b.contents(m, indexFile, all)
	return m.Bytes()
}

func link1(text, address string) string { return "[" + text + "](" + address + ")" }
