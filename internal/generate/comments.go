package main

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The contract is everybody's: its titles and descriptions are sentences in the
// API's own names. oapi-codegen puts a Go name in front of each. What is in this
// file makes Go comments of that: "Server A game server." becomes "Server is a
// game server.", and a name in backticks becomes the Go name of the field.

// commentWidth is the length to which lines of comments are filled.
const commentWidth = 120

// rewriteComments does so in a file that oapi-codegen wrote.
func rewriteComments(file string) error {
	source, err := os.ReadFile(file) //nolint:gosec // a file of this repository
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.ParseComments)
	if err != nil {
		return err
	}
	c := &commenter{source: source, files: files, names: goNames(parsed)}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			c.rewrite(decl.Doc, subject{name: decl.Name.Name})
		case *ast.GenDecl:
			c.declaration(decl)
		}
	}
	out, err := format.Source(append(c.out.Bytes(), source[c.from:]...))
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o644) //nolint:gosec // source code is for all to read
}

// commenter copies a source and puts other comments in.
type commenter struct {
	source []byte
	files  *token.FileSet
	names  names
	from   int // what is before it has been copied
	out    bytes.Buffer
}

func (c *commenter) declaration(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		spec, isType := spec.(*ast.TypeSpec)
		if !isType {
			continue
		}
		known := c.names.fields[spec.Name.Name]
		c.rewrite(decl.Doc, subject{name: spec.Name.Name, fields: known})
		switch kind := spec.Type.(type) {
		case *ast.StructType:
			for _, field := range kind.Fields.List {
				if len(field.Names) == 1 {
					c.rewrite(field.Doc, subject{
						name: field.Names[0].Name, fields: known, nilable: isNilable(field.Type),
						request: strings.HasSuffix(spec.Name.Name, "Request"),
					})
				}
			}
		case *ast.InterfaceType:
			for _, method := range kind.Methods.List {
				if len(method.Names) == 1 {
					// The methods of the client say the rest.
					c.rewrite(method.Doc, subject{name: method.Names[0].Name, brief: true})
				}
			}
		}
	}
}

// isNilable reports whether the zero value of a type is nil, which stands for
// the API's null.
func isNilable(kind ast.Expr) bool {
	switch kind.(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}

// subject is what a comment is about.
type subject struct {
	name    string
	fields  map[string]string // Go names of fields nearby, by those of the API
	nilable bool              // its zero value is nil
	request bool              // a field of a request
	brief   bool              // the first paragraph suffices
}

// rewrite puts another comment in place of one that begins with a name.
func (c *commenter) rewrite(doc *ast.CommentGroup, of subject) {
	if doc == nil {
		return
	}
	position := c.files.Position(doc.Pos())
	indent := strings.Repeat("\t", position.Column-1)
	c.out.Write(c.source[c.from:position.Offset])
	c.from = c.files.Position(doc.End()).Offset
	var lines []string
	for _, line := range doc.List {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line.Text, "//"), " "))
	}
	for i, line := range comment(of, lines, c.translator(of), commentWidth-4*len(indent)) {
		if i > 0 {
			c.out.WriteString("\n" + indent)
		}
		c.out.WriteString(strings.TrimSpace("// " + line))
	}
}

// comment makes the lines of a Go comment of those that oapi-codegen wrote.
func comment(of subject, lines []string, translate func(string) string, width int) []string {
	var out []string
	for i, paragraph := range paragraphs(lines) {
		if of.brief && i > 0 && !strings.HasPrefix(paragraph[0], "(") {
			break
		}
		if i > 0 && !strings.HasPrefix(paragraph[0], "(") {
			out = append(out, "")
		}
		joined := strings.Join(paragraph, " ")
		if rest, found := strings.CutPrefix(joined, of.name+" "); i == 0 && found {
			joined = of.name + " " + continued(rest, of)
		}
		out = append(out, fill(translate(joined), width)...)
	}
	return out
}

// paragraphs splits the lines of a comment. A deprecation and the items of a
// list are paragraphs of their own, and so is a route in parentheses.
func paragraphs(lines []string) [][]string {
	var all [][]string
	open := false
	for _, line := range lines {
		if line == "" {
			open = false
			continue
		}
		if strings.HasPrefix(line, deprecation) || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "(") && len(all) == 1 {
			open = false
		}
		if !open {
			all = append(all, nil)
			open = true
		}
		all[len(all)-1] = append(all[len(all)-1], line)
	}
	return all
}

// fill breaks a text into lines.
func fill(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width-len("// ") {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// continued makes a text go on after a name: a title such as "List servers"
// becomes "lists servers", a sentence such as "The number of servers." "is the
// number of servers.".
func continued(sentence string, of subject) string {
	first, rest, _ := strings.Cut(sentence, " ")
	if first == "" || !unicode.IsUpper(rune(first[0])) {
		return sentence
	}
	lower := strings.ToLower(first[:1]) + first[1:]
	switch {
	case first == "Whether" && of.request:
		return "specifies whether " + rest
	case first == "Whether":
		return "reports whether " + rest
	case slices.Contains(statements, first):
		return lower + " " + rest
	case imperatives[first] != "":
		return thirdPerson(sentence) + "."
	case slices.Contains(interrogatives, first):
		return "is " + lower + " " + rest
	}
	if !slices.Contains(determiners, first) {
		lower = first // a name, or an acronym
		if len(first) > 1 && first == strings.ToUpper(first[:1])+strings.ToLower(first[1:]) && !slices.Contains(properNames, first) {
			lower = strings.ToLower(first)
		}
	}
	verb := "is"
	switch {
	case isPlural(sentence) && strings.HasSuffix(of.name, "s"):
		verb = "are"
	case isPlural(sentence):
		verb = "holds"
	}
	return verb + " " + lower + " " + rest
}

// thirdPerson makes a statement of a title: "Lock or unlock a backup" becomes
// "locks or unlocks a backup".
func thirdPerson(title string) string {
	words := strings.Fields(title)
	for i, word := range words {
		if i > 0 && words[i-1] != "or" {
			continue
		}
		capital := strings.ToUpper(word[:1]) + word[1:]
		if verb := imperatives[capital]; verb != "" {
			words[i] = verb
		}
	}
	return strings.Join(words, " ")
}

var (
	// determiners begin noun phrases.
	determiners = []string{"A", "An", "The", "This", "Each", "Every", "Any", "All", "No", "One", "Two", "Ten", "Its", "Free"}

	// interrogatives begin clauses that say what something is.
	interrogatives = []string{"What", "Where", "When", "Who", "How", "Why"}

	// statements are verbs whose subject is the thing itself.
	statements = []string{
		"Limits", "Orders", "Selects", "Names", "Holds", "Describes", "Identifies", "Lists", "Asks", "Carries", "Stands", "Reads", "Sets",
	}

	// imperatives begin the titles of operations.
	imperatives = map[string]string{
		"List": "lists", "Get": "gets", "Create": "creates", "Update": "updates", "Delete": "deletes", "Enable": "enables",
		"Disable": "disables", "Remove": "removes", "Add": "adds", "Send": "sends", "Change": "changes", "Rotate": "rotates",
		"Reset": "resets", "Rename": "renames", "Reinstall": "reinstalls", "Copy": "copies", "Write": "writes", "Read": "reads",
		"Compress": "compresses", "Decompress": "decompresses", "Pull": "pulls", "Run": "runs", "Set": "sets", "Assign": "assigns",
		"Unassign": "unassigns", "Lock": "locks", "Restore": "restores", "Suspend": "suspends", "Unsuspend": "unsuspends",
		"Rebuild": "rebuilds", "Force": "forces", "Download": "downloads", "Upload": "uploads", "Find": "finds", "Invite": "invites",
		"Replace": "replaces", "Move": "moves", "Unlock": "unlocks",
	}

	properNames = []string{"Wings", "Docker", "Panel", "Unix", "Laravel", "Pterodactyl"}
)

// headEnds end the noun of a noun phrase.
var headEnds = []string{
	"of", "that", "which", "who", "whose", "in", "on", "for", "with", "without", "from", "to", "by", "as", "at", "and", "or", "where",
	"when", "is", "are", "has", "have", "may", "can", "needs", "sent", "shown", "used", "between", "under", "beyond", "available", "assigned",
	"before", "after", "since", "allowed", "included", "kept", "given", "such", "through", "not", "reserved", "left", "if", "returned", "already",
}

// singulars are nouns in the singular that end in s.
var singulars = []string{"address", "status", "access", "process", "alias", "class", "progress", "basis", "hours", "https", "use", "this", "DNS", "TLS"}

// isPlural reports whether a noun phrase is in the plural.
func isPlural(phrase string) bool {
	first, _, _ := strings.Cut(phrase, " ")
	if slices.Contains([]string{"A", "An", "This", "One", "Each", "Every"}, first) {
		return false
	}
	head := ""
	for word := range strings.FieldsSeq(phrase) {
		bare := strings.TrimRight(word, ".,;:)")
		if head != "" && slices.Contains(headEnds, bare) {
			break
		}
		head = bare
		if bare != word {
			break
		}
	}
	return strings.HasSuffix(head, "s") && !slices.Contains(singulars, head)
}

// names are the Go names by those of the API.
type names struct {
	fields     map[string]map[string]string // of each struct
	operations map[string]string            // by the operationId in lower case
}

// tagName is the name of a field in JSON, "" if it has none.
func tagName(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
	return name
}

func goNames(parsed *ast.File) names {
	all := names{fields: make(map[string]map[string]string), operations: make(map[string]string)}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.TypeSpec:
			fields, isStruct := node.Type.(*ast.StructType)
			if !isStruct {
				return true
			}
			known := make(map[string]string)
			for _, field := range fields.Fields.List {
				if tag := tagName(field); tag != "" && len(field.Names) == 1 {
					known[tag] = field.Names[0].Name
				}
			}
			all.fields[node.Name.Name] = known
		case *ast.InterfaceType:
			for _, method := range node.Methods.List {
				if len(method.Names) == 1 {
					all.operations[strings.ToLower(method.Names[0].Name)] = method.Names[0].Name
				}
			}
		}
		return true
	})
	return all
}

var (
	inBackticks = regexp.MustCompile("`([^`]+)`")
	plainWord   = regexp.MustCompile(`^[\w./*:|<>=+{}\[\]-]*\w[\w./*:|<>=+{}\[\]-]*$`)
)

// translator returns a function that takes the backticks from a text. What they
// name is called by its Go name, if it has one.
func (c *commenter) translator(of subject) func(string) string {
	return func(text string) string {
		if strings.HasPrefix(text, "Corresponds with ") || strings.HasPrefix(text, "Takes a body of ") {
			return text // words of oapi-codegen
		}
		return inBackticks.ReplaceAllStringFunc(text, func(quoted string) string {
			name := quoted[1 : len(quoted)-1]
			if field := of.fields[name]; field != "" {
				return field
			}
			if name == "null" && of.nilable {
				return "nil"
			}
			if operation := c.names.operations[strings.ToLower(name)]; operation != "" {
				return operation
			}
			if plainWord.MatchString(name) {
				return name
			}
			return `"` + name + `"`
		})
	}
}
