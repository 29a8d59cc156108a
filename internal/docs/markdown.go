package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// markdown is a page in the making.
type markdown struct{ bytes.Buffer }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// paragraph writes a paragraph, nothing for an empty one.
func (m *markdown) paragraph(format string, args ...any) {
	if text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "); text != "" {
		m.line("%s\n", text)
	}
}

// table writes a table without the columns that are empty in all rows.
func (m *markdown) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	var kept []int
	for i := range head {
		for _, row := range rows {
			if row[i] != "" {
				kept = append(kept, i)
				break
			}
		}
	}
	write := func(row []string) {
		var cells []string
		for _, i := range kept {
			cells = append(cells, cell(row[i]))
		}
		m.line("| %s |", strings.Join(cells, " | "))
	}
	write(head)
	m.line("|%s", strings.Repeat("---|", len(kept)))
	for _, row := range rows {
		write(row)
	}
	m.line("")
}

// cell makes a text fit into a table: there a bar must be escaped, in code too.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// code writes a fenced block.
func (m *markdown) code(language, text string) {
	m.line("```%s\n%s\n```\n", language, strings.TrimRight(text, "\n"))
}

// folded writes a block that opens on a click.
func (m *markdown) folded(summary, language, text string) {
	m.line("<details><summary>%s</summary>\n", summary)
	m.code(language, text)
	m.line("</details>\n")
}

// quote puts text into a code span.
func quote(text string) string { return "`" + text + "`" }

// prose escapes what Markdown would take for itself, but for code spans, which
// the document uses too.
func prose(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = escape(parts[i])
	}
	return strings.Join(parts, "`")
}

var special = regexp.MustCompile(`[*<>\[\]\\]|\b_|_\b`)

func escape(text string) string { return special.ReplaceAllString(text, `\$0`) }

// sentence begins with a capital and has no stop at its end.
func sentence(text string) string {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	for i, r := range text {
		return text[:i] + string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}

// meaning is a description in one line.
func meaning(description string) string { return strings.Join(strings.Fields(description), " ") }

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// slug is the anchor that GitHub gives a heading.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// acronyms are words of names that are written otherwise in prose.
var acronyms = map[string]string{
	"api": "API", "ssh": "SSH", "sftp": "SFTP", "id": "ID", "url": "URL", "cpu": "CPU",
	"email": "e-mail", "websocket": "WebSocket", "wings": "Wings",
}

// words takes a Go name apart: ClientAPIKey is client, API, key.
func words(name string) []string {
	var all []string
	start := 0
	for i := 1; i <= len(name); i++ {
		if i < len(name) && !startsWord(name, i) {
			continue
		}
		word := strings.ToLower(name[start:i])
		if acronym, ok := acronyms[word]; ok {
			word = acronym
		}
		all, start = append(all, word), i
	}
	return all
}

// startsWord tells that a word begins inside of a name: with a capital that
// follows on a small letter, or is the last of several.
func startsWord(name string, i int) bool {
	return isUpper(name[i]) && (!isUpper(name[i-1]) || i+1 < len(name) && !isUpper(name[i+1]))
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
