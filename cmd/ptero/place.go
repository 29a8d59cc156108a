package main

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// place is a file or folder: on a server, as in lobby:/plugins, or here.
type place struct {
	server string // "" for this machine
	path   string
}

// drive matches the beginning of a path of Windows.
var drive = regexp.MustCompile(`^[A-Za-z]:([\\/]|$)`)

// parsePlace reads what somebody typed. A path with a slash before its colon is
// one of this machine.
func parsePlace(text string) place {
	server, name, ok := strings.Cut(text, ":")
	if !ok || server == "" || strings.ContainsAny(server, `/\`) || runtime.GOOS == "windows" && drive.MatchString(text) {
		return place{path: text}
	}
	return place{server: server, path: path.Clean("/" + name)}
}

// remote opens the places on servers. A lone name of a server means its root.
func (a *app) remote(ctx context.Context, texts ...string) ([]*volume, []string, error) {
	volumes, paths := make([]*volume, len(texts)), make([]string, len(texts))
	known := make(map[string]*volume)
	for i, text := range texts {
		p := parsePlace(text)
		if p.server == "" {
			if strings.ContainsAny(text, `/\`) {
				return nil, nil, &failure{code: exitUsage, err: fmt.Errorf("%q names no server", text), hint: "Files on servers are written as SERVER:PATH, e.g. lobby:/server.properties"}
			}
			p = place{text, "/"}
		}
		if known[p.server] == nil {
			c, server, err := a.server(ctx, p.server)
			if err != nil {
				return nil, nil, err
			}
			known[p.server] = &volume{c.Files, server}
		}
		volumes[i], paths[i] = known[p.server], p.path
	}
	return volumes, paths, nil
}

// target is a path on a server.
type target struct {
	*volume
	path string
}

func (t target) String() string { return t.name(t.path) }

// targets opens places on servers and expands patterns such as lobby:/logs/*.gz.
func (a *app) targets(ctx context.Context, texts ...string) ([]target, error) {
	volumes, paths, err := a.remote(ctx, texts...)
	if err != nil {
		return nil, err
	}
	var all []target
	for i, v := range volumes {
		if !isPattern(paths[i]) {
			all = append(all, target{v, literal(paths[i])})
			continue
		}
		found, err := v.glob(ctx, paths[i])
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			// As in a shell, a pattern that fits nothing may be a name.
			_, err := v.stat(ctx, paths[i])
			if exitCode(err) == exitNotFound {
				err = &failure{
					code: exitNotFound, err: fmt.Errorf("no file fits %s", v.name(paths[i])),
					hint: "See what there is with: ptero files ls " + quote(v.name("/")) + "\nA backslash makes *, ? and [ part of a name.",
				}
			}
			if err != nil {
				return nil, err
			}
			found = []string{paths[i]}
		}
		for _, name := range found {
			all = append(all, target{v, name})
		}
	}
	return all, nil
}

// target opens one place on a server.
func (a *app) target(ctx context.Context, text string) (target, error) {
	all, err := a.targets(ctx, text)
	if err == nil && len(all) > 1 {
		err = usagef("%q means %s, but only one can be used", text, ui.Count(len(all), "file"))
	}
	if err != nil {
		return target{}, err
	}
	return all[0], nil
}

// escaped matches the characters that a backslash makes part of a name.
var escaped = regexp.MustCompile(`\\([*?\[\]\\])`)

// isPattern reports whether a path stands for those that fit it.
func isPattern(name string) bool {
	return strings.ContainsAny(escaped.ReplaceAllString(name, ""), "*?[")
}

// literal returns the name that a path without a pattern means.
func literal(name string) string { return escaped.ReplaceAllString(name, "$1") }

// glob returns the paths that a pattern fits.
func (v *volume) glob(ctx context.Context, pattern string) ([]string, error) {
	found := []string{"/"}
	for part := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		var next []string
		for _, dir := range found {
			if !isPattern(part) {
				next = append(next, path.Join(dir, literal(part)))
				continue
			}
			files, err := v.list(ctx, dir)
			if exitCode(err) == exitNotFound {
				continue // a literal part that leads nowhere
			}
			if err != nil {
				return nil, err
			}
			for _, file := range files {
				fits, err := path.Match(part, file.Name)
				if err != nil {
					return nil, usagef("%q is no pattern: %v", part, err)
				}
				if fits && (!strings.HasPrefix(file.Name, ".") || strings.HasPrefix(part, ".")) {
					next = append(next, path.Join(dir, file.Name))
				}
			}
		}
		found = next
	}
	return found, nil
}

// completePlaces offers servers, then the files of the server that was typed.
func completePlaces(a *app, local bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		p := parsePlace(typed)
		if p.server == "" {
			if local {
				directive = cobra.ShellCompDirectiveNoSpace
			}
			var names []string
			for _, name := range completeServers(ctx, a) {
				name, about, _ := strings.Cut(name, "\t")
				names = append(names, name+":\t"+about)
			}
			return names, directive
		}
		dir := p.path
		if !strings.HasSuffix(typed, "/") && p.path != "/" {
			dir = path.Dir(p.path)
		}
		volumes, _, err := a.remote(ctx, p.server+":/")
		if err != nil {
			return nil, directive
		}
		files, err := volumes[0].list(ctx, dir)
		if err != nil {
			return nil, directive
		}
		var names []string
		for _, file := range files {
			name := p.server + ":" + path.Join(dir, file.Name)
			if !file.IsFile {
				name += "/"
			}
			names = append(names, name)
		}
		return names, directive
	}
}

// localName is the name of a path of this machine, "." included.
func localName(name string) string {
	if absolute, err := filepath.Abs(name); err == nil {
		return filepath.Base(absolute)
	}
	return filepath.Base(name)
}
