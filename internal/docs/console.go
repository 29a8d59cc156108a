package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const consoleFile = "wings-console.md"

// socket is the document's x-websocket.
type socket struct {
	Description, Credentials string

	URL struct{ Template, Method, Description string }

	Handshake struct {
		Headers []struct {
			Name, Description string
			Required          bool
		}
		Responses []struct {
			Status      int
			Description string
			Panel       struct{ Note string } `json:"x-panel"`
		}
	}

	Message struct{ Description string }

	Token struct {
		Description                             string
		Lifetime, ExpiringNotice, CheckInterval int
	}

	Limits struct {
		Description                                             string
		History, LineBytes, CommandBytes, MessageBytes, Sockets int
		Rates                                                   []struct {
			Event     string
			Burst     int
			PerSecond float64
		}
	}

	Events []event

	CloseCodes []struct {
		Code        int
		Description string
	}
}

// event is an event of the socket.
type event struct {
	Event, Direction, Permission, Description string

	Args []struct {
		Name, Type, Description string
		Enum                    []string
		ContentSchema           *content
	}
}

// content is the JSON inside an argument.
type content struct {
	Type, Format, Description string
	Enum, Required            []string
	Properties                map[string]*content
}

// inGo tells what package console has for an event.
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

// socket reads the part of the document that OpenAPI has no words for.
func (b *book) socket() *socket {
	s := new(socket)
	text, err := json.Marshal(b.doc.Extensions["x-websocket"])
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		b.fail("x-websocket: %w", err)
	}
	return s
}

// console writes the page of the console's socket.
func (b *book) console() []byte {
	s := b.socket()
	p := &page{file: consoleFile}
	m := new(markdown)
	m.line("%s\n", generated)
	m.line("# Wings: the console's WebSocket\n")
	m.paragraph("%s", b.linked(p, s.Description))
	b.opening(m, p, s)
	m.line("## Messages\n")
	m.paragraph("%s", b.linked(p, s.Message.Description))
	m.code("json", `{"event": "send command", "args": ["say hello"]}`)
	b.events(m, p, s, "out", "To Wings")
	b.events(m, p, s, "in", "From Wings")
	b.token(m, p, s)
	b.limits(m, p, s)
	m.line("## Close codes\n")
	var rows [][]string
	for _, code := range s.CloseCodes {
		rows = append(rows, []string{strconv.Itoa(code.Code), b.linked(p, code.Description)})
	}
	m.table([]string{"Code", "Meaning"}, rows)
	m.line("## Go\n")
	m.code("go", "con, err := console.Dial(ctx, c.Servers.Console(server))")
	m.paragraph("[Package console](https://pkg.go.dev/%s/console) renews the token, reconnects, and hands out each line once. "+
		"Its guide is [Keep a console for days](../guides/console-for-days.md).", module)
	return m.Bytes()
}

func (b *book) opening(m *markdown, p *page, s *socket) {
	m.line("## Opening\n")
	m.line("%s\n", quote(s.URL.Method+" "+s.URL.Template))
	m.paragraph("%s The credentials come from %s.", b.linked(p, s.URL.Description), b.linked(p, s.Credentials))
	var rows [][]string
	for _, header := range s.Handshake.Headers {
		rows = append(rows, []string{quote(header.Name), yes(header.Required), b.linked(p, header.Description)})
	}
	m.table([]string{"Header", "Required", "Meaning"}, rows)
	rows = nil
	for _, answer := range s.Handshake.Responses {
		rows = append(rows, []string{strconv.Itoa(answer.Status), b.linked(p, answer.Description), answer.Panel.Note})
	}
	m.table([]string{"Status", "Meaning", "Since"}, rows)
}

func (b *book) events(m *markdown, p *page, s *socket, direction, title string) {
	m.line("### %s\n", title)
	var rows [][]string
	var details []event
	for _, e := range s.Events {
		if e.Direction != direction {
			continue
		}
		name, known := inGo[e.Event]
		if !known {
			b.fail("x-websocket: package console has nothing for the event %q, see inGo", e.Event)
		}
		if name != "" {
			name = fmt.Sprintf("[%s](https://pkg.go.dev/%s/console#%s)", name, module, name)
		}
		rows = append(rows, []string{quote(e.Event), b.arguments(p, e), quoteAll(e.Permission), b.linked(p, e.Description), name})
		if len(e.Args) > 0 && e.Args[0].ContentSchema != nil {
			details = append(details, e)
		}
	}
	m.table([]string{"Event", "Arguments", "Permission", "Meaning", "Go"}, rows)
	for _, e := range details {
		m.paragraph("The argument of %s is a JSON object in a string:", quote(e.Event))
		m.table([]string{"Field", "Type", "Optional", "Meaning"}, contentRows("", e.Args[0].ContentSchema))
	}
}

func (b *book) arguments(p *page, e event) string {
	var all []string
	for _, arg := range e.Args {
		text := arg.Name
		switch {
		case arg.Name == "empty" || arg.Name == "none":
			text = quote(strconv.Quote(arg.Enum[0]))
		case len(arg.Enum) > 0:
			text += ": " + quote(strings.Join(arg.Enum, "`, `"))
		case arg.ContentSchema != nil:
			text += ": JSON, see below"
		case arg.Description != "":
			text += ": " + b.linked(p, arg.Description)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
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

func (b *book) token(m *markdown, p *page, s *socket) {
	m.line("## The token\n")
	m.paragraph("%s", b.linked(p, s.Token.Description))
	m.table([]string{"What", "Seconds"}, [][]string{
		{"It lives for", strconv.Itoa(s.Token.Lifetime)},
		{"`token expiring` comes when so many are left, or fewer", strconv.Itoa(s.Token.ExpiringNotice)},
		{"Wings looks at it every", strconv.Itoa(s.Token.CheckInterval)},
	})
}

func (b *book) limits(m *markdown, p *page, s *socket) {
	m.line("## Limits\n")
	m.table([]string{"What", "Limit", "Wings"}, [][]string{
		{"Lines that `send logs` gives", strconv.Itoa(s.Limits.History), "all"},
		{"Bytes of a line; a longer one comes in pieces and loses up to 4096 bytes at each cut", strconv.Itoa(s.Limits.LineBytes), "all"},
		{"Bytes of a command; the server's terminal cuts a longer one", strconv.Itoa(s.Limits.CommandBytes), "all"},
		{"Bytes of a message; a longer one closes the socket with 1009", strconv.Itoa(s.Limits.MessageBytes), "1.12.0 and later"},
		{"Sockets of a server", strconv.Itoa(s.Limits.Sockets), "1.12.0 and later"},
	})
	m.paragraph("%s", b.linked(p, s.Limits.Description))
	var rows [][]string
	for _, rate := range s.Limits.Rates {
		event := quote(rate.Event)
		switch rate.Event {
		case "global":
			event = "all messages together"
		case "others":
			event = "all other events together"
		}
		rows = append(rows, []string{event, strconv.Itoa(rate.Burst), strconv.FormatFloat(rate.PerSecond, 'f', -1, 64)})
	}
	m.table([]string{"Messages of a socket", "At once", "Then per second"}, rows)
}
