package main

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const generated = "<!-- Written by `make docs` from api/openapi.yaml. Do not edit. -->"

// page writes the page of an area.
func (b *book) page(p *page) []byte {
	m := new(markdown)
	m.line("%s\n", generated)
	m.line("# %s\n", p.title())
	m.paragraph("%s", b.linked(p, p.about))
	m.paragraph("%s How requests, answers, pages and errors work is told in the [reference's front page](%s).", p.authority(), indexFile)
	b.contents(m, p.file, p.operations)
	for _, op := range p.operations {
		b.operation(m, op)
	}
	if len(p.components) > 0 {
		m.line("## Objects\n")
	}
	for _, name := range p.components {
		b.component(m, p, name)
	}
	return m.Bytes()
}

func (p *page) title() string {
	if p.api == "wings" {
		return "Wings: signed URLs"
	}
	return apiNames[p.api] + ": " + p.name()
}

// name is what the area is called in a sentence.
func (p *page) name() string {
	switch p.area {
	case "api-keys":
		return "API keys"
	case "ssh-keys":
		return "SSH keys"
	case "nests":
		return "nests and eggs"
	}
	return p.area
}

func (p *page) authority() string {
	switch p.api {
	case "application":
		return "Takes an application key (`ptla_…`), or the client key of a root administrator."
	case "wings":
		return "Takes no key: the URL is signed. The requests go to the node, not to the Panel."
	}
	return "Takes a client key (`ptlc_…`)."
}

// contents lists operations.
func (b *book) contents(m *markdown, from string, operations []*operation) {
	var rows [][]string
	for _, op := range operations {
		name := fmt.Sprintf("[%s](%s)", op.title(), op.link(from))
		if op.Deprecated {
			name += " (deprecated)"
		}
		rows = append(rows, []string{name, quote(op.endpoint()), versions(op.Extensions)})
	}
	m.table([]string{"Operation", "Endpoint", "Panel"}, rows)
}

// operation writes all that is to be said of an operation.
func (b *book) operation(m *markdown, op *operation) {
	f := &fielder{book: b, page: op.page, mention: func(*openapi3.SchemaRef) {}}
	m.line("## %s\n", op.title())
	m.line("%s\n", quote(op.endpoint()))
	description, _ := op.permission()
	for paragraph := range strings.SplitSeq(description, "\n\n") {
		if !strings.HasPrefix(paragraph, deprecation) {
			m.paragraph("%s", b.linked(op.page, paragraph))
		}
	}
	b.notes(m, op)
	b.parameters(m, f, op)
	b.body(m, f, op)
	b.answer(m, f, op)
	b.goCall(m, op)
	m.paragraph("**curl**")
	m.code("sh", b.curl(op))
	b.examples(m, op)
}

// notes are the short facts about an operation.
func (b *book) notes(m *markdown, op *operation) {
	var notes []string
	if _, reason, deprecated := strings.Cut(op.Description, deprecation); deprecated {
		notes = append(notes, "**Deprecated:** "+b.linked(op.page, reason))
	}
	if panel := versions(op.Extensions); panel != "" {
		notes = append(notes, "Works with Panel "+panel+".")
	}
	if op.page.api == "application" {
		notes = append(notes, fmt.Sprintf("An application key needs the right to %s %s.", access(op.method), op.right()))
	}
	if _, needed := op.permission(); needed != "" {
		notes = append(notes, "A subuser needs the permission "+quoteAll(needed)+".")
	}
	switch {
	case op.page.api == "wings":
		notes = append(notes, "The URL works once, whatever comes of it.")
	case op.repeatable():
		notes = append(notes, "May safely be sent twice.")
	default:
		notes = append(notes, "Not safe to send twice: it would be done again.")
	}
	for _, note := range notes {
		m.line("- %s", strings.ReplaceAll(note, "..", "."))
	}
	m.line("")
}

// deprecation begins what a description says of a deprecation.
const deprecation = "Deprecated: "

// access is what an application key's right must allow.
func access(method string) string {
	if method == http.MethodGet {
		return "read"
	}
	return "change"
}

// right is what an application key's right is about, in the words of the form
// that makes such keys.
func (o *operation) right() string {
	switch {
	case o.page.area == "databases":
		return "server databases"
	case strings.Contains(o.path, "/eggs"):
		return "eggs"
	}
	return o.page.area
}

var permission = regexp.MustCompile(`\s*Permission:\s+([^A-Z]*)\.(?:\s|$)`)

// permission takes the permission that a subuser needs out of the description.
func (o *operation) permission() (description, needed string) {
	found := permission.FindStringSubmatch(o.Description)
	if found == nil {
		return o.Description, ""
	}
	return permission.ReplaceAllString(o.Description, " "), found[1]
}

// quoteAll puts the names in a text into code spans.
func quoteAll(text string) string {
	return regexp.MustCompile(`[a-z]+(\.[a-z_-]+)+`).ReplaceAllStringFunc(strings.ReplaceAll(text, "`", ""), quote)
}

// repeatable tells whether a request may arrive twice. The conventions of the
// document are in api/README.md.
func (o *operation) repeatable() bool {
	if repeatable, ok := o.Extensions["x-repeatable"].(bool); ok {
		return repeatable
	}
	return o.method != http.MethodPost
}

func (b *book) parameters(m *markdown, f *fielder, op *operation) {
	var rows [][]string
	for _, ref := range op.Parameters {
		p := ref.Value
		k := f.describe(p.Schema)
		if p.Explode != nil && !*p.Explode {
			k.rules = append(k.rules, "separated by commas")
		}
		text := meaning(b.linked(op.page, p.Description))
		rows = append(rows, []string{quote(p.Name), p.In, k.name, yes(p.Required), strings.Join(k.rules, "; "), versions(p.Extensions), text})
	}
	if len(rows) > 0 {
		m.paragraph("**Parameters**")
		m.table([]string{"Name", "In", "Type", "Required", "Rules", "Panel", "Meaning"}, rows)
	}
}

func (b *book) body(m *markdown, f *fielder, op *operation) {
	if op.RequestBody == nil {
		return
	}
	content := op.RequestBody.Value.Content
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		schema := content[kind].Schema
		m.paragraph("**Body**, %s", quote(kind))
		if inner, _ := within(schema); inner == nil {
			m.paragraph("The content itself.")
			continue
		}
		m.paragraph("%s", meaning(b.linked(op.page, schema.Value.Description)))
		var rows [][]string
		for _, field := range f.fields("", schema) {
			rows = append(rows, []string{
				quote(field.name), field.kind.name, yes(field.required), field.kind.null,
				strings.Join(field.kind.rules, "; "), field.panel, field.text,
			})
		}
		m.table([]string{"Field", "Type", "Required", "Null", "Rules", "Panel", "Meaning"}, rows)
	}
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// answer is what an operation gives.
type answer struct {
	status   string
	response *openapi3.Response
	media    string              // the type of its body, empty for none
	schema   *openapi3.SchemaRef // of the body
	form     string              // how the subject is wrapped
	subject  *openapi3.SchemaRef // the component that it is about, if any
	meta     *openapi3.SchemaRef // what goes beside it, if anything
}

func (b *book) answerOf(op *operation) answer {
	var a answer
	for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		if strings.HasPrefix(status, "2") {
			a.status, a.response = status, op.Responses.Value(status).Value
			break
		}
	}
	if a.response == nil {
		b.fail("%s has no success", op.OperationID)
		return a
	}
	for kind, media := range a.response.Content {
		a.media, a.schema = kind, media.Schema
	}
	if a.schema == nil || componentOf(a.schema) == "EmptyList" {
		return a
	}
	p := a.schema.Value.Properties
	a.meta = p["meta"]
	switch {
	case p["object"] != nil && p["attributes"] != nil:
		a.form, a.subject = "item", p["attributes"]
	case p["object"] != nil && p["data"] != nil:
		a.form, a.subject = "list", p["data"].Value.Items.Value.Properties["attributes"]
	case p["data"] != nil:
		a.form, a.subject = "data", p["data"]
	case len(p) > 0:
		a.form, a.subject = "bare", a.schema
	}
	return a
}

func (b *book) answer(m *markdown, f *fielder, op *operation) {
	a := b.answerOf(op)
	if a.response == nil {
		return
	}
	m.paragraph("**Answer**, status %s", a.status)
	text := ""
	switch a.form {
	case "item":
		text = fmt.Sprintf("An [item](%s#envelope): `object` is %s, `attributes` is the %s.",
			indexFile, quote(fmt.Sprint(a.schema.Value.Properties["object"].Value.Enum[0])), f.link(a.subject, nameOf(a.subject)))
	case "list":
		text = fmt.Sprintf("A [list](%s#envelope), each item %s %s.", indexFile, article(nameOf(a.subject)), f.link(a.subject, nameOf(a.subject)))
		if a.meta != nil && a.paged() {
			text = strings.TrimSuffix(text, ".") + fmt.Sprintf(", in [pages](%s#pages).", indexFile)
		}
	case "data":
		text = fmt.Sprintf("An object whose `data` is the %s.", f.link(a.subject, nameOf(a.subject)))
	case "bare":
		text = fmt.Sprintf("The %s, without an envelope.", f.link(a.subject, nameOf(a.subject)))
	default:
		if a.schema != nil && a.media != "application/json" {
			text = "The body is the content itself, " + quote(a.media) + "."
		}
	}
	m.paragraph("%s %s", b.linked(op.page, *a.response.Description), text)
	b.meta(m, f, a.meta)
	b.errors(m, op)
}

// paged tells that the answer is a page of a list.
func (a answer) paged() bool {
	inner, _ := within(a.meta)
	return inner != nil && inner.Value.Properties["pagination"] != nil
}

func article(name string) string {
	if strings.ContainsAny(name[:1], "aeioA") || strings.HasPrefix(name, "SSH") {
		return "an"
	}
	return "a"
}

// meta lists what goes with an answer, but for what all pages have.
func (b *book) meta(m *markdown, f *fielder, meta *openapi3.SchemaRef) {
	if meta == nil {
		return
	}
	inner, _ := within(meta)
	var rows [][]string
	for _, field := range f.fields("meta.", inner) {
		if strings.HasPrefix(field.name, "meta.pagination") {
			continue
		}
		rows = append(rows, fieldRow(field))
	}
	m.table(fieldHead, rows)
}

var fieldHead = []string{"Field", "Type", "Optional", "Null", "Panel", "Meaning"}

// fieldRow is the row of a field in an answer.
func fieldRow(f field) []string {
	return []string{
		quote(f.name), f.kind.name, yes(!f.required), f.kind.null, f.panel, strings.TrimSpace(f.text + " " + f.kind.value),
	}
}

// errors lists the failures that the document tells of this operation alone.
func (b *book) errors(m *markdown, op *operation) {
	var rows [][]string
	for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		response := op.Responses.Value(status).Value
		if strings.HasPrefix(status, "2") || op.Responses.Value(status).Ref != "" {
			continue
		}
		rows = append(rows, []string{status, b.linked(op.page, *response.Description)})
	}
	if len(rows) > 0 {
		m.paragraph("**Errors**")
		m.table([]string{"Status", "When"}, rows)
	}
	m.paragraph("Errors: [those of every call](%s#errors), and what is said above.", indexFile)
}

func (b *book) goCall(m *markdown, op *operation) {
	m.paragraph("**Go**")
	c := b.calls[op.endpoint()]
	if c == nil {
		b.fail("%s has no Go call, and is served by some Panel", op.OperationID)
		return
	}
	m.code("go", c.Code())
	text := fmt.Sprintf("[Documentation](%s)", c.Docs(c.Method))
	var built []string
	for _, method := range c.Around {
		built = append(built, fmt.Sprintf("[%s](%s)", method, c.Docs(method)))
	}
	if built != nil {
		text += "; built on it: " + strings.Join(built, ", ")
	}
	m.paragraph("%s.", text)
}

func (b *book) examples(m *markdown, op *operation) {
	a := b.answerOf(op)
	if a.response == nil || a.response.Content.Get(a.media) == nil {
		return
	}
	example := a.response.Content.Get(a.media).Example
	if example == nil || componentOf(a.schema) == "EmptyList" {
		return
	}
	if text, ok := example.(string); ok {
		m.folded("Example of an answer", "text", text)
		return
	}
	m.folded("Example of an answer", "json", encode(example, a.schema))
}

// component describes a component.
func (b *book) component(m *markdown, p *page, name string) {
	ref := &openapi3.SchemaRef{Ref: "#/components/schemas/" + name, Value: b.doc.Components.Schemas[name].Value}
	f := &fielder{book: b, page: p, mention: func(*openapi3.SchemaRef) {}}
	m.line("### %s\n", heading(ref))
	m.paragraph("%s", meaning(b.linked(p, ref.Value.Description)))
	if len(ref.Value.Enum) > 0 {
		var values []string
		for _, value := range ref.Value.Enum {
			values = append(values, quote(fmt.Sprint(value)))
		}
		m.paragraph("%s", strings.Join(values, ", "))
		return
	}
	var rows [][]string
	for _, field := range f.fields("", ref) {
		rows = append(rows, fieldRow(field))
	}
	m.table(fieldHead, rows)
}

var identifier = regexp.MustCompile(`\b(?:[cC]lient|[aA]pplication|[wW]ings)[A-Z][A-Za-z]+\b`)

// linked escapes a text and links the operations that it names.
func (b *book) linked(p *page, text string) string {
	return identifier.ReplaceAllStringFunc(prose(text), func(name string) string {
		i := slices.IndexFunc(b.operations, func(op *operation) bool { return strings.EqualFold(op.OperationID, name) })
		if i < 0 {
			return name
		}
		op := b.operations[i]
		return fmt.Sprintf("[%s](%s)", op.title(), op.link(p.file))
	})
}
