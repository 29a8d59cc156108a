package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const consoleFile = "wings-console.md"

// socket is api/asyncapi.yaml, the console's document.
type socket struct {
	Info struct{ Description string }

	Channels struct {
		Console struct{ Address, Description string }
	}

	Operations struct{ Send, Receive struct{ Messages []pointer } }

	Components struct {
		Messages map[string]event
		Schemas  map[string]content
	}
}

// pointer refers to another part of the document.
type pointer struct {
	Ref string `json:"$ref"`
}

// event is a message of the socket.
type event struct {
	Name, Description string
	Permission        string `json:"x-permission"`

	Payload struct {
		Properties struct{ Args struct{ Items *argument } }
	}
}

type argument struct {
	Title, Description string
	Const              *string
	Enum               []string
	ContentSchema      *pointer
}

// content is the JSON inside an argument.
type content struct {
	Type, Format, Description string
	Enum, Required            []string
	Properties                map[string]*content
}

// inGo is what package console has for an event.
var inGo = map[string]string{
	"auth":                     "",
	"set state":                "Console.Signal",
	"send command":             "Console.SendCommand",
	"send logs":                "Console.RequestLogs",
	"send stats":               "Console.RequestStats",
	"auth success":             "StateChange",
	"status":                   "Status",
	"stats":                    "Stats",
	"console output":           "Output",
	"daemon message":           "DaemonMessage",
	"install started":          "InstallStarted",
	"install output":           "InstallOutput",
	"install completed":        "InstallCompleted",
	"backup completed":         "BackupCompleted",
	"backup restore completed": "RestoreCompleted",
	"transfer logs":            "TransferLog",
	"transfer status":          "TransferStatus",
	"deleted":                  "Deleted",
	"token expiring":           "TokenExpiring",
	"token expired":            "TokenExpired",
	"jwt error":                "JWTError",
	"daemon error":             "DaemonError",
	"throttled":                "Throttled",
}

// socket reads the console's document.
func readSocket(root string) (*socket, error) {
	source, err := os.ReadFile(filepath.Join(root, "api", "asyncapi.yaml")) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return nil, err
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	s := new(socket)
	return s, json.Unmarshal(text, s)
}

// events returns the messages that are referred to, in that order.
func (s *socket) events(references []pointer) []event {
	var all []event
	for _, r := range references {
		all = append(all, s.Components.Messages[r.name()])
	}
	return all
}

// name is the last part of a reference.
func (r pointer) name() string { return r.Ref[strings.LastIndex(r.Ref, "/")+1:] }

// console writes the page of the console's socket.
func (b *book) console() []byte {
	s := b.socket
	p := &page{file: consoleFile}
	m := new(markdown)
	m.line("%s\n", strings.Replace(generated, "openapi.yaml", "asyncapi.yaml", 1))
	m.line("# Wings: the console's WebSocket\n")
	m.line("%s\n", s.Info.Description) // it is Markdown
	m.line("## The channel\n")
	m.line("%s\n", quote("GET {wings}"+s.Channels.Console.Address))
	m.paragraph("%s", b.linked(p, s.Channels.Console.Description))
	b.events(m, p, s.events(s.Operations.Send.Messages), "To Wings")
	b.events(m, p, s.events(s.Operations.Receive.Messages), "From Wings")
	m.line("## Go\n")
	m.code("go", "con, err := console.Dial(ctx, c.Servers.Console(server))")
	m.paragraph("[Package console](https://pkg.go.dev/%s/console) renews the token, reconnects, and hands out each line once. "+
		"Its guide is [Keep a console for days](../guides/console-for-days.md).", module)
	return m.Bytes()
}

func (b *book) events(m *markdown, p *page, events []event, title string) {
	m.line("## %s\n", title)
	var rows [][]string
	for _, e := range events {
		name, known := inGo[e.Name]
		if !known {
			b.fail("asyncapi.yaml: package console has nothing for the event %q, see inGo", e.Name)
		}
		if name != "" {
			name = fmt.Sprintf("[%s](https://pkg.go.dev/%s/console#%s)", name, module, name)
		}
		rows = append(rows, []string{quote(e.Name), b.argument(p, e), quoteAll(e.Permission), b.linked(p, e.Description), name})
	}
	m.table([]string{"Event", "Argument", "Permission", "Meaning", "Go"}, rows)
	for _, e := range events {
		if argument := e.Payload.Properties.Args.Items; argument != nil && argument.ContentSchema != nil {
			schema := b.socket.Components.Schemas[argument.ContentSchema.name()]
			m.paragraph("The argument of %s is a JSON object in a string:", quote(e.Name))
			m.table([]string{"Field", "Type", "Optional", "Meaning"}, contentRows("", &schema))
		}
	}
}

func (b *book) argument(p *page, e event) string {
	argument := e.Payload.Properties.Args.Items
	switch {
	case argument == nil:
		return ""
	case argument.Const != nil:
		return quote(fmt.Sprintf("%q", *argument.Const))
	case len(argument.Enum) > 0:
		return argument.Title + ": " + quote(strings.Join(argument.Enum, "`, `"))
	case argument.ContentSchema != nil:
		return argument.Title + ": JSON, see below"
	}
	return argument.Title + ": " + b.linked(p, argument.Description)
}

func contentRows(prefix string, c *content) [][]string {
	var rows [][]string
	for _, name := range c.names() {
		field := c.Properties[name]
		kind := field.Type
		if field.Format != "" {
			kind += " (" + field.Format + ")"
		}
		text := prose(field.Description)
		if len(field.Enum) > 0 {
			text = strings.TrimSpace(text + " One of " + quote(strings.Join(field.Enum, "`, `")) + ".")
		}
		rows = append(rows, []string{quote(prefix + name), kind, yes(!slices.Contains(c.Required, name)), text})
		rows = append(rows, contentRows(prefix+name+".", field)...)
	}
	return rows
}

// names are those of the fields, the required ones first and in their order.
func (c *content) names() []string {
	names := slices.Clone(c.Required)
	for _, name := range slices.Sorted(maps.Keys(c.Properties)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
