package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CommandLimit is the length, in bytes, at which the terminal of a server
// silently cuts a command.
const CommandLimit = 4095

// CommandProblem returns why a text is not a single command for a server's
// console, or "" if it is one. The text goes to a terminal, which acts on
// control characters: a line break makes two commands of it, and Ctrl-C stops
// the server.
func CommandProblem(command string) string {
	switch {
	case command == "":
		return "is empty"
	case strings.ContainsAny(command, "\r\n"):
		return "holds a line break, which would make two commands of it"
	case !utf8.ValidString(command):
		return "is not valid UTF-8"
	case len(command) > CommandLimit:
		return fmt.Sprintf("has %d bytes, but the server's terminal cuts it after %d", len(command), CommandLimit)
	}
	if i := strings.IndexFunc(command, isTerminalControl); i >= 0 {
		return fmt.Sprintf("holds the control character %U, which the server's terminal would act on", command[i])
	}
	return ""
}

func isTerminalControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// Command refuses anything but a single command; see [CommandProblem].
func Command(argument, command string) Editor {
	return Refuse(argument, CommandProblem(command))
}

// checkText refuses a JSON body with a text that is not valid UTF-8:
// encoding/json replaces such bytes by U+FFFD, so a password would become
// another one.
func checkText(req *http.Request) error {
	if req.GetBody == nil || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil //nolint:nilerr // nothing is sent then either
	}
	text, _ := io.ReadAll(body) // from memory
	if !holdsReplaced(text) {
		return nil
	}
	argument := "body"
	var document any
	if json.Unmarshal(text, &document) == nil {
		argument = strings.TrimPrefix(replacedIn(document), ".")
	}
	return &ArgumentError{callOf(req.Context()).id(), argument, "is not valid UTF-8"}
}

// holdsReplaced reports whether encoding/json replaced invalid UTF-8: it escapes
// the U+FFFD that it makes of that, but not one that was there before.
func holdsReplaced(text []byte) bool {
	escape := []byte(`\ufffd`)
	for offset := 0; ; {
		i := bytes.Index(text[offset:], escape)
		if i < 0 {
			return false
		}
		before := text[:offset+i]
		backslashes := len(before) - len(bytes.TrimRight(before, `\`))
		if backslashes%2 == 0 { // else the backslash is an escaped one
			return true
		}
		offset += i + len(escape)
	}
}

// replacedIn returns the path of the first text with U+FFFD in it.
func replacedIn(value any) string {
	switch value := value.(type) {
	case string:
		if strings.ContainsRune(value, utf8.RuneError) {
			return "."
		}
	case []any:
		for i, element := range value {
			if path := replacedIn(element); path != "" {
				return "[" + strconv.Itoa(i) + "]" + strings.TrimSuffix(path, ".")
			}
		}
	case map[string]any:
		for name, member := range value {
			if path := replacedIn(member); path != "" || strings.ContainsRune(name, utf8.RuneError) {
				return "." + name + strings.TrimSuffix(path, ".")
			}
		}
	}
	return ""
}
