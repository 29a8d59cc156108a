package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func apiCommand(a *app) *cobra.Command {
	var texts, values []string
	var input string
	cmd := &cobra.Command{
		Use: "api METHOD PATH", Short: "Send a request to the Panel and print the answer",
		Long: `Send a request to the Panel and print the answer, for what no other command does.

PATH begins at /api and may hold a query. Fields become the JSON body of the
request, or the query of a GET; a dot in the name of a field begins an object.`,
		Example: `  ptero api GET /api/client/account
  ptero api GET '/api/client' -f 'filter[name]=lobby'
  ptero api POST /api/client/servers/1a2b3c4d/command -f command='say hello'
  ptero api PATCH /api/application/servers/1/build -F allocation=1 -F limits.memory=2048 -F feature_limits.backups=3`,
		Args: args("METHOD", "PATH"), ValidArgsFunction: completeMethods,
		RunE: runE(func(ctx context.Context, args []string) error {
			method, path := strings.ToUpper(args[0]), "/"+strings.TrimPrefix(args[1], "/")
			if !strings.HasPrefix(path, "/api/client") && !strings.HasPrefix(path, "/api/application") {
				return &failure{code: exitUsage, err: fmt.Errorf("%q does not begin with /api/client or /api/application", args[1])}
			}
			fields, err := parseFields(texts, values)
			if err != nil {
				return err
			}
			var body any
			switch {
			case input != "" && len(fields) > 0:
				return usagef("use fields or --input, but not both")
			case input != "":
				if body, err = a.readInput(input); err != nil {
					return err
				}
			case method == http.MethodGet && len(fields) > 0:
				query := url.Values{}
				for _, f := range append(texts, values...) {
					name, value, _ := strings.Cut(f, "=")
					query.Add(name, value)
				}
				separator := "?"
				if strings.Contains(path, "?") {
					separator = "&"
				}
				path += separator + query.Encode()
			case len(fields) > 0:
				body = fields
			}
			answer, err := a.call(ctx, method, path, body)
			if err != nil || len(answer) == 0 {
				return err
			}
			if !json.Valid(answer) {
				_, err := a.Out.Write(answer)
				return err
			}
			return ui.Value(a.Terminal, a.format, json.RawMessage(answer))
		}),
	}
	cmd.Flags().StringArrayVarP(&texts, "field", "f", nil, "add a text: `NAME=TEXT`")
	cmd.Flags().StringArrayVarP(&values, "json-field", "F", nil, "add a number, true, false, null or other JSON: `NAME=JSON`")
	cmd.Flags().StringVar(&input, "input", "", "send the content of a `file` as the body; - is standard input")
	return cmd
}

func completeMethods(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return []string{"/api/client", "/api/application"}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, cobra.ShellCompDirectiveNoFileComp
}

// parseFields makes an object of fields.
func parseFields(texts, values []string) (map[string]any, error) {
	fields := make(map[string]any)
	put := func(name string, value any) error {
		at := fields
		parts := strings.Split(name, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := at[part].(map[string]any)
			if !ok {
				if at[part] != nil {
					return usagef("field %q is given as a value and as an object", part)
				}
				inner = make(map[string]any)
				at[part] = inner
			}
			at = inner
		}
		at[parts[len(parts)-1]] = value
		return nil
	}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usagef("%q is not NAME=TEXT", text)
		}
		if err := put(name, value); err != nil {
			return nil, err
		}
	}
	for _, text := range values {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usagef("%q is not NAME=JSON", text)
		}
		if !json.Valid([]byte(value)) {
			return nil, usagef("%s is not JSON: %q; use -f for a text", name, value)
		}
		if err := put(name, json.RawMessage(value)); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// readInput reads a body of JSON.
func (a *app) readInput(name string) (json.RawMessage, error) {
	from := a.In
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the user names it
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	text, err := io.ReadAll(from)
	if err == nil && !json.Valid(text) {
		err = usagef("%s is not JSON", name)
	}
	return bytes.TrimSpace(text), err
}
