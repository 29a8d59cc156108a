package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/client/application"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// scope is where things are: in the account, on a server, or on the Panel as an
// administrator sees it.
type scope struct {
	app    *app
	client *client.Client
	admin  *application.Client
	server *client.Server // nil unless the things belong to a server
	parent int            // the number of the node, nest or server, for an administrator
	label  string         // of that which the things belong to, "" for the account and the Panel
}

// owner is a kind of scope.
type owner struct {
	arg      string // how the usage calls the argument that names it, "" for none
	enter    func(ctx context.Context, a *app, name string) (scope, error)
	complete func(ctx context.Context, a *app) []string
}

// split takes the argument that names the owner off the others.
func (o owner) split(ctx context.Context, a *app, args []string) (scope, []string, error) {
	name := ""
	if o.arg != "" {
		name, args = args[0], args[1:]
	}
	s, err := o.enter(ctx, a, name)
	return s, args, err
}

// ofAccount is for what belongs to the account.
var ofAccount = owner{enter: func(_ context.Context, a *app, _ string) (scope, error) {
	c, err := a.client()
	return scope{app: a, client: c}, err
}}

// ofServer is for what belongs to a server.
var ofServer = owner{
	arg: "SERVER",
	enter: func(ctx context.Context, a *app, name string) (scope, error) {
		c, server, err := a.server(ctx, name)
		if err != nil {
			return scope{}, err
		}
		return scope{app: a, client: c, server: server, label: server.Name}, nil
	},
	complete: completeServers,
}

// ofPanel is for what an administrator sees.
var ofPanel = owner{enter: func(_ context.Context, a *app, _ string) (scope, error) {
	c, err := a.admin()
	return scope{app: a, admin: c}, err
}}

// resource is a kind of thing that can be listed, shown and deleted: a table of
// columns and three functions.
type resource[T any] struct {
	one     string // what it is called
	path    string // the command that has the others, such as "backups"
	owner   owner
	columns []ui.Column[*T]

	// keys returns what a thing may be called, its id first.
	keys func(*T) []string

	list   func(ctx context.Context, s scope) ([]*T, error)
	get    func(ctx context.Context, s scope, item *T) (*T, error) // nil if the list has it all
	remove func(ctx context.Context, s scope, item *T) error
}

func (r resource[T]) id(item *T) string { return r.keys(item)[0] }

// label is how a thing is called in messages.
func (r resource[T]) label(item *T) string {
	keys := r.keys(item)
	if len(keys) > 1 && keys[1] != "" {
		return keys[1]
	}
	return keys[0]
}

// arg is how the usage calls a thing.
func (r resource[T]) arg() string { return strings.ToUpper(strings.ReplaceAll(r.one, " ", "-")) }

// use joins the words of a usage line.
func use(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// find returns the thing that a text names.
func (r resource[T]) find(ctx context.Context, s scope, text string) (*T, error) {
	items, err := r.list(ctx, s)
	if err != nil {
		return nil, err
	}
	return r.choose(s, items, text)
}

// named enters the owner and finds the thing that two arguments name.
func (r resource[T]) named(ctx context.Context, a *app, args []string) (scope, *T, error) {
	s, rest, err := r.owner.split(ctx, a, args)
	if err != nil {
		return s, nil, err
	}
	item, err := r.find(ctx, s, rest[0])
	return s, item, err
}

// several enters the owner and finds all things that the other arguments name.
func (r resource[T]) several(ctx context.Context, a *app, args []string) (scope, []*T, error) {
	s, rest, err := r.owner.split(ctx, a, args)
	if err != nil {
		return s, nil, err
	}
	items, err := r.list(ctx, s)
	if err != nil {
		return s, nil, err
	}
	var found []*T
	for _, text := range rest {
		item, err := r.choose(s, items, text)
		if err != nil {
			return s, nil, err
		}
		if !slices.Contains(found, item) { // named twice
			found = append(found, item)
		}
	}
	return s, found, nil
}

func (r resource[T]) choose(s scope, items []*T, text string) (*T, error) {
	command := use("ptero", r.path, "list")
	if r.owner.arg != "" {
		command += " " + quote(s.label)
	}
	return choose(r.one, text, items, r.keys, command)
}

// print writes one thing.
func (r resource[T]) print(a *app, item *T) error {
	return ui.Show(a.Terminal, a.format, r.columns, item, r.id)
}

// printAll writes a list. An empty table gets a message instead.
func (r resource[T]) printAll(a *app, items []*T, nothing string) error {
	if len(items) == 0 && (a.format == ui.Table || a.format == ui.WideList) {
		a.Messagef("%s", nothing)
		return nil
	}
	return ui.List(a.Terminal, a.listFormat(), r.columns, items, r.id)
}

// listFormat is the format for lists: --quiet leaves only identifiers of tables.
func (a *app) listFormat() ui.Format {
	if a.Quiet && (a.format == ui.Table || a.format == ui.WideList) {
		return ui.Name
	}
	return a.format
}

func (r resource[T]) listCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: use("list", r.owner.arg), Aliases: []string{"ls"}, Short: "List " + plural(r.one),
		Args: args(r.owner.arg), ValidArgsFunction: r.complete(a, 0),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := r.owner.split(ctx, a, args)
			if err != nil {
				return err
			}
			items, err := r.list(ctx, s)
			if err != nil {
				return err
			}
			return r.printAll(a, items, r.nothing(s))
		}),
	}
}

func (r resource[T]) nothing(s scope) string {
	if s.label != "" {
		return s.label + " has no " + plural(r.one) + "."
	}
	return "There are no " + plural(r.one) + "."
}

func (r resource[T]) showCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: use("show", r.owner.arg, r.arg()), Aliases: []string{"get"}, Short: "Show " + article(r.one),
		Args: args(r.owner.arg, r.arg()), ValidArgsFunction: r.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, item, err := r.named(ctx, a, args)
			if err == nil && r.get != nil {
				item, err = r.get(ctx, s, item)
			}
			if err != nil {
				return err
			}
			return r.print(a, item)
		}),
	}
}

func (r resource[T]) deleteCommand(a *app) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: use("delete", r.owner.arg, r.arg()+"..."), Aliases: []string{"rm"}, Short: "Delete " + plural(r.one),
		Args: args(r.owner.arg, r.arg()+"..."), ValidArgsFunction: r.complete(a, -1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, doomed, err := r.several(ctx, a, args)
			if err != nil {
				return err
			}
			return r.delete(ctx, s, doomed, dryRun)
		}),
	}
	addDryRun(cmd, &dryRun)
	return cmd
}

// delete deletes things after asking.
func (r resource[T]) delete(ctx context.Context, s scope, items []*T, dryRun bool) error {
	if dryRun {
		return s.app.wouldDo("delete", r.one, outcomes(items, r.id, r.label))
	}
	if err := s.app.confirm(ctx, "delete", r.one, labels(items, r.label)); err != nil {
		return err
	}
	return each(ctx, s.app, items, r.id, r.label, func(ctx context.Context, item *T) (string, error) {
		return "deleted", r.remove(ctx, s, item)
	})
}

// complete offers the owner as the first argument and up to n things after it;
// n below 0 means any number.
func (r resource[T]) complete(a *app, n int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		if r.owner.arg != "" && len(args) == 0 {
			return r.owner.complete(ctx, a), cobra.ShellCompDirectiveNoFileComp
		}
		before := len(args)
		if r.owner.arg != "" {
			before--
		}
		if n >= 0 && before >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, _, err := r.owner.split(ctx, a, args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		items, err := r.list(ctx, s)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := make([]string, len(items))
		for i, item := range items {
			names[i] = cobra.CompletionWithDesc(r.id(item), ui.Clean(r.label(item)))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// collect reads all items of a walk over pages.
func collect[T any](items iter.Seq2[*T, error]) ([]*T, error) {
	var all []*T
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// plural returns the plural of a noun.
func plural(noun string) string {
	return strings.TrimPrefix(ui.Count(0, noun), "0 ")
}

// article puts the indefinite article before a noun.
func article(noun string) string {
	if strings.ContainsRune("aei", rune(noun[0])) || strings.HasPrefix(noun, "SSH") {
		return "an " + noun
	}
	return "a " + noun
}

// args checks the number of arguments. A name that ends in dots takes one or
// more, one in brackets takes one or none.
func args(names ...string) cobra.PositionalArgs {
	least, most := 0, 0
	for _, name := range names {
		switch {
		case name == "":
		case strings.HasPrefix(name, "["):
			most++
			if strings.Contains(name, "...") {
				most = 1 << 20
			}
		case strings.HasSuffix(name, "..."):
			least, most = least+1, 1<<20
		default:
			least, most = least+1, most+1
		}
	}
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usagef("%s is missing", strings.TrimSuffix(missing(names, len(args)), "..."))
		case len(args) > most:
			return usagef("%q is one argument too many", args[most])
		}
		return nil
	}
}

// missing returns the name of the argument at an index.
func missing(names []string, index int) string {
	for _, name := range names {
		if name == "" {
			continue
		}
		if index == 0 {
			return name
		}
		index--
	}
	return names[len(names)-1]
}

// group returns a command that only has others below it.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: name, Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	return cmd
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	f := &failure{code: exitUsage, err: fmt.Errorf("%s has no command %q", cmd.CommandPath(), name)}
	if near := closest(name, known); near != "" {
		f.hint = fmt.Sprintf("Did you mean %q? ", near)
	}
	f.hint += "See: " + cmd.CommandPath() + " --help"
	return f
}

func addDryRun(cmd *cobra.Command, dryRun *bool) {
	cmd.Flags().BoolVar(dryRun, "dry-run", false, "say what would be done, and do nothing")
}
