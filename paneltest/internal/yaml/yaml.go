// Package yaml reads the YAML in which eggs are exchanged: block maps and lists,
// plain, quoted and literal texts, comments, and collections on one line. Anchors,
// tags and several documents are errors. A library for all of YAML would come to
// everybody who imports paneltest.
package yaml

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ToJSON returns the JSON document that says the same, with the members of maps in
// their order.
func ToJSON(text []byte) ([]byte, error) {
	p := &parser{}
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		if i == 0 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if i == 0 && line == "---" {
			line = ""
		}
		p.lines = append(p.lines, line)
	}
	if !p.skip() {
		return nil, p.fail("there is nothing")
	}
	if err := p.block(p.indent()); err != nil {
		return nil, err
	}
	if p.skip() {
		return nil, p.fail("this is out of place")
	}
	return p.out, nil
}

// parser reads lines and writes JSON.
type parser struct {
	lines []string
	at    int // the next line
	depth int // of what is read
	out   []byte
}

// maxDepth is how deep collections may be nested.
const maxDepth = 100

// enter begins something that may hold more of its kind. The caller defers leave.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("it is nested too deep")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) fail(why string) error { return fmt.Errorf("yaml: line %d: %s", p.at+1, why) }

// skip passes over lines that say nothing. It returns false at the end.
func (p *parser) skip() bool {
	for ; p.at < len(p.lines); p.at++ {
		if trimmed := strings.TrimSpace(p.lines[p.at]); trimmed != "" && trimmed[0] != '#' {
			return true
		}
	}
	return false
}

// indent counts the spaces before the next line.
func (p *parser) indent() int { return len(p.lines[p.at]) - len(strings.TrimLeft(p.lines[p.at], " ")) }

// isEntry reports whether the next line is an entry of a list.
func (p *parser) isEntry() bool {
	line := strings.TrimLeft(p.lines[p.at], " ")
	return line == "-" || strings.HasPrefix(line, "- ")
}

// block reads a map, a list or a single value, all of whose lines are indented so.
func (p *parser) block(indent int) error {
	defer p.leave()
	if err := p.enter(); err != nil {
		return err
	}
	if p.isEntry() {
		return p.collection(indent, '[', ']', p.entry)
	}
	if _, _, isMember := member(p.lines[p.at][indent:]); isMember {
		return p.collection(indent, '{', '}', p.member)
	}
	line := p.lines[p.at][indent:]
	p.at++
	return p.value(line, indent-1)
}

// collection reads what has several parts.
func (p *parser) collection(indent int, open, end byte, part func(indent int) error) error {
	p.out = append(p.out, open)
	for first := true; p.skip() && p.indent() == indent && p.isEntry() == (open == '['); first = false {
		if !first {
			p.out = append(p.out, ',')
		}
		if err := part(indent); err != nil {
			return err
		}
	}
	if p.skip() && p.indent() > indent {
		return p.fail("this is indented too far")
	}
	p.out = append(p.out, end)
	return nil
}

// entry reads an entry of a list. A map may begin beside its dash.
func (p *parser) entry(indent int) error {
	line := p.lines[p.at][indent+1:]
	rest := strings.TrimLeft(line, " ")
	if _, _, isMember := member(rest); isMember || rest == "-" || strings.HasPrefix(rest, "- ") {
		inner := indent + 1 + len(line) - len(rest)
		p.lines[p.at] = strings.Repeat(" ", inner) + rest
		return p.block(inner)
	}
	p.at++
	return p.value(rest, indent)
}

// member reads a key with its value.
func (p *parser) member(indent int) error {
	key, rest, isMember := member(p.lines[p.at][indent:])
	if !isMember {
		return p.fail("this is no key with a value")
	}
	p.text(key)
	p.out = append(p.out, ':')
	p.at++
	if rest == "" && p.skip() && p.indent() == indent && p.isEntry() {
		return p.block(indent) // a list may stand below its key
	}
	return p.value(rest, indent)
}

// member takes a line apart that begins with a key.
func member(line string) (key, rest string, ok bool) {
	if line == "" || strings.ContainsRune("[{|>&*!%@`#", rune(line[0])) {
		return "", "", false
	}
	if line[0] == '"' || line[0] == '\'' {
		key, rest, ok = quoted(line)
		rest, isKey := strings.CutPrefix(strings.TrimLeft(rest, " "), ":")
		return key, uncommented(rest), ok && isKey && (rest == "" || rest[0] == ' ')
	}
	key, rest, ok = strings.Cut(line, ": ")
	if !ok {
		key, ok = strings.CutSuffix(strings.TrimRight(uncommented(line), " "), ":")
		rest = ""
	}
	return strings.TrimSpace(key), uncommented(rest), ok
}

// uncommented takes a comment off a value, and the spaces around it.
func uncommented(value string) string {
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "#") {
		return ""
	}
	if value == "" || value[0] == '"' || value[0] == '\'' {
		return value
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}

// value reads what stands behind a key or a dash, and what is below it.
func (p *parser) value(text string, indent int) error {
	text = uncommented(text)
	switch {
	case text == "":
		if p.skip() && p.indent() > indent {
			return p.block(p.indent())
		}
		p.out = append(p.out, "null"...)
		return nil
	case text[0] == '|' || text[0] == '>':
		return p.literal(text, indent)
	}
	rest, err := p.flow(text, "")
	if err == nil && uncommented(rest) != "" {
		return p.fail("there is more than a value: " + rest)
	}
	return err
}

// literal reads the lines of a text.
func (p *parser) literal(header string, indent int) error {
	folded, keeps := header[0] == '>', strings.Contains(header, "+")
	inner := 0
	if n, err := strconv.Atoi(strings.Trim(header, "|>+-")); err == nil {
		inner = max(indent, 0) + n
	}
	var lines []string
	for ; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if strings.TrimSpace(line) == "" {
			lines = append(lines, line[min(inner, len(line)):])
			continue
		}
		if inner == 0 && p.indent() > indent {
			inner = p.indent()
		}
		if inner == 0 || p.indent() < inner {
			break
		}
		lines = append(lines, line[inner:])
	}
	text := strings.Join(lines, "\n")
	if folded {
		text = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "\n\n", "\x00"), "\n", " "), "\x00", "\n")
	}
	if !keeps {
		text = strings.TrimRight(text, "\n ")
	}
	if text != "" && !strings.Contains(header, "-") && !keeps {
		text += "\n"
	}
	p.text(text)
	return nil
}

// flow reads a value on one line, up to one of the ends if there are some. It
// returns what is left of the line.
func (p *parser) flow(text, ends string) (rest string, err error) {
	text = strings.TrimLeft(text, " ")
	switch {
	case text == "":
		return "", p.fail("a value is missing")
	case text[0] == '[':
		return p.flowCollection(text[1:], ']')
	case text[0] == '{':
		return p.flowCollection(text[1:], '}')
	case text[0] == '"' || text[0] == '\'':
		value, rest, ok := quoted(text)
		if !ok {
			return "", p.fail("a quotation mark is missing")
		}
		p.text(value)
		return rest, nil
	case strings.ContainsRune("&*!%@`", rune(text[0])):
		return "", p.fail("anchors and tags are not known")
	}
	end := len(text)
	if i := strings.IndexAny(text, ends); ends != "" && i >= 0 {
		end = i
	}
	p.plain(strings.TrimSpace(text[:end]))
	return text[end:], nil
}

func (p *parser) flowCollection(text string, end byte) (rest string, err error) {
	defer p.leave()
	if err := p.enter(); err != nil {
		return "", err
	}
	open := map[byte]byte{']': '[', '}': '{'}[end]
	p.out = append(p.out, open)
	for first := true; ; first = false {
		text = strings.TrimLeft(text, " ")
		if text == "" {
			return "", p.fail("a bracket is missing")
		}
		if text[0] == end {
			p.out = append(p.out, end)
			return text[1:], nil
		}
		if !first {
			if text[0] != ',' {
				return "", p.fail("a comma is missing")
			}
			p.out = append(p.out, ',')
			text = text[1:]
		}
		if end == '}' {
			key, after, isMember := member(strings.TrimLeft(text, " "))
			if !isMember {
				return "", p.fail("this is no key with a value")
			}
			p.text(key)
			p.out = append(p.out, ':')
			text = after
		}
		if text, err = p.flow(text, ",]}"); err != nil {
			return "", err
		}
	}
}

// plain writes a value without quotation marks: null, a truth, a number or a text.
func (p *parser) plain(text string) {
	switch strings.ToLower(text) {
	case "", "~", "null":
		text = "null"
	case "true", "false":
		text = strings.ToLower(text)
	default:
		if !json.Valid([]byte(text)) || strings.ContainsAny(text[:1], `"[{`) {
			p.text(text)
			return
		}
	}
	p.out = append(p.out, text...)
}

func (p *parser) text(text string) {
	encoded, err := json.Marshal(text)
	if err != nil {
		encoded = []byte(`""`) // it always marshals
	}
	p.out = append(p.out, encoded...)
}

// quoted reads a text in quotation marks at the beginning of a line.
func quoted(line string) (text, rest string, ok bool) {
	if line[0] == '\'' {
		var value strings.Builder
		for i := 1; i < len(line); i++ {
			if line[i] != '\'' {
				value.WriteByte(line[i])
				continue
			}
			if i+1 == len(line) || line[i+1] != '\'' {
				return value.String(), line[i+1:], true
			}
			value.WriteByte('\'')
			i++
		}
		return "", "", false
	}
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			// The escapes are those of JSON, but for a few that nobody writes.
			if json.Unmarshal([]byte(escapes.Replace(line[:i+1])), &text) != nil {
				return "", "", false
			}
			return text, line[i+1:], true
		}
	}
	return "", "", false
}

// escapes are those of YAML that JSON does not have.
var escapes = strings.NewReplacer(`\\`, `\\`, `\e`, `\u001b`, `\0`, `\u0000`, `\a`, `\u0007`, `\v`, `\u000b`, `\ `, ` `)
