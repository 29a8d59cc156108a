package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func filesSyncCommand(a *app) *cobra.Command {
	var options client.SyncOptions
	var dryRun bool
	cmd := &cobra.Command{
		Use: "sync SOURCE DESTINATION", Short: "Make a folder on a server like a local one, or a local one like the server's",
		Long: `Make a folder on a server like a local one, or a local one like the server's. What
is unchanged is not transferred again. Files that are on neither the source's side
nor excluded stay, unless --delete is given.

Many small files travel in one archive, packed and unpacked on the node.`,
		Example: `  ptero files sync ./plugins lobby:/plugins --dry-run
  ptero files sync lobby:/world ./backup/world --delete --exclude '*.tmp'`,
		Args: args("SOURCE", "DESTINATION"), ValidArgsFunction: completePlaces(a, true),
		RunE: runE(func(ctx context.Context, args []string) error {
			direction, remote, local := client.SyncUp, args[1], args[0]
			switch up, down := parsePlace(args[1]).server != "", parsePlace(args[0]).server != ""; {
			case up && down:
				return &failure{code: exitUsage, err: errors.New("both folders are on servers"), hint: "Sync the first to a local folder, then that to the second."}
			case !up && !down:
				return &failure{code: exitUsage, err: errors.New("neither folder is on a server"), hint: "Write one of them as SERVER:PATH"}
			case down:
				direction, remote, local = client.SyncDown, args[0], args[1]
			}
			t, err := a.target(ctx, remote)
			if err != nil {
				return err
			}
			if info, err := os.Stat(local); direction == client.SyncUp && (err != nil || !info.IsDir()) {
				return &failure{code: exitNotFound, err: fmt.Errorf("there is no folder %s", local)}
			}
			if err := t.folder(ctx, direction); err != nil {
				return err
			}
			return a.sync(ctx, t, direction, local, options, dryRun)
		}),
	}
	cmd.Flags().BoolVar(&options.Delete, "delete", false, "delete what the source does not have")
	cmd.Flags().StringArrayVar(&options.Exclude, "exclude", nil, "leave what fits a `pattern` alone on both sides; a slash at its end is for folders")
	addDryRun(cmd, &dryRun)
	return cmd
}

// folder returns an error unless a target can be one side of a sync: a folder, or
// for an upload nothing yet.
func (t target) folder(ctx context.Context, direction client.SyncDirection) error {
	info, err := t.stat(ctx, t.path)
	switch {
	case err == nil && info.IsFile:
		return &failure{code: exitUsage, err: fmt.Errorf("%s is a file, not a folder", t), hint: "Single files are for: ptero files get, and ptero files put"}
	case direction == client.SyncUp && exitCode(err) == exitNotFound:
		return nil
	}
	return err
}

// sync syncs a folder. What would be deleted is found out first, to ask.
func (a *app) sync(ctx context.Context, t target, direction client.SyncDirection, local string, options client.SyncOptions, dryRun bool) error {
	if dryRun || options.Delete && !a.yes {
		plan, err := planSync(ctx, t, direction, local, options)
		impossible := new(client.SyncError)
		if err != nil && (!errors.As(err, &impossible) || impossible.Stopped != nil) {
			return err
		}
		if dryRun {
			return a.printPlan(plan, impossible.Failures)
		}
		var doomed []string
		for _, change := range plan {
			if change.Action == client.SyncDelete {
				doomed = append(doomed, change.Path)
			}
		}
		if len(doomed) > 0 {
			if err := a.confirm(ctx, "delete", "file", doomed); err != nil {
				return err
			}
			// Nothing is deleted that came up since.
			known := make(map[string]bool, len(doomed))
			for _, name := range doomed {
				known[name] = true
			}
			options.Before = func(change client.SyncChange) error {
				if change.Action == client.SyncDelete && !known[change.Path] {
					return client.ErrSkip
				}
				return nil
			}
		}
	}
	result, err := a.runSync(ctx, t, direction, local, options)
	if err != nil {
		return err
	}
	a.Messagef("%s", result)
	return nil
}

// plannedChange is a change as a dry run prints it.
type plannedChange struct {
	Action client.SyncAction `json:"action"`
	Path   string            `json:"path"`
	Bytes  int64             `json:"bytes,omitempty"`
}

// printPlan prints what a sync would do, and what it could not.
func (a *app) printPlan(plan []client.SyncChange, failures []client.SyncFailure) error {
	a.syncFailures(failures, nil)
	if a.format == ui.JSON || a.format == ui.YAML {
		rows := make([]plannedChange, len(plan))
		for i, change := range plan {
			rows[i] = plannedChange{change.Action, change.Path, change.Size}
		}
		if err := ui.Value(a.Terminal, a.format, rows); err != nil {
			return err
		}
	} else {
		for _, change := range plan {
			a.Printf("Would %s%s.\n", ui.Clean(change.String()), sizeOf(change))
		}
		a.Messagef("%s.", ui.Count(len(plan), "change"))
	}
	if len(failures) > 0 {
		return &failure{code: exitPartly, err: fmt.Errorf("%s would fail", ui.Count(len(failures), "change"))}
	}
	return nil
}

// syncFailures prints the failures that were not printed before.
func (a *app) syncFailures(failures []client.SyncFailure, printed map[string]bool) {
	for _, f := range failures {
		if printed[f.Change.Path] {
			continue
		}
		text, _ := explain(f.Err)
		var argument *client.ArgumentError
		if errors.As(f.Err, &argument) {
			text = "no file on a server can have this name"
		}
		a.problem(f.Change.Path, text)
	}
}

func sizeOf(change client.SyncChange) string {
	if change.Action != client.SyncTransfer {
		return ""
	}
	return " (" + ui.Bytes(change.Size).String() + ")"
}

// planSync returns the changes that a sync would make.
func planSync(ctx context.Context, t target, direction client.SyncDirection, local string, options client.SyncOptions) ([]client.SyncChange, error) {
	var plan []client.SyncChange
	options.Before = func(change client.SyncChange) error {
		plan = append(plan, change)
		return client.ErrSkip
	}
	_, err := t.files.SyncFolder(ctx, t.uuid(), direction, local, t.path, options)
	return plan, err
}

// runSync syncs a folder with progress, and returns in words what was done.
func (a *app) runSync(ctx context.Context, t target, direction client.SyncDirection, local string, options client.SyncOptions) (string, error) {
	progress := a.Progress(t.String())
	defer progress.Done()
	options.Progress = func(p client.SyncProgress) { progress.Bytes(p.Bytes, p.TotalBytes) }
	printed := make(map[string]bool)
	options.OnError = func(change client.SyncChange, err error) error {
		if ctx.Err() == nil {
			progress.Done()
			a.syncFailures([]client.SyncFailure{{Change: change, Err: err}}, nil)
			printed[change.Path] = true
		}
		return nil
	}
	result, err := t.files.SyncFolder(ctx, t.uuid(), direction, local, t.path, options)
	progress.Done()
	var failed *client.SyncError
	if errors.As(err, &failed) && ctx.Err() == nil {
		a.syncFailures(failed.Failures, printed)
	}
	if result.ArchiveError != nil && ctx.Err() == nil {
		text, _ := explain(result.ArchiveError)
		a.Messagef("Note: the files went one by one, as no archive could be used: %s", ui.Clean(text))
	}
	for _, name := range result.LeftOut {
		a.Messagef("Left out %s, which is a link or a device.", ui.Clean(name))
	}
	done := fmt.Sprintf("%s (%s)", ui.Count(result.Files, "file"), ui.Bytes(result.Bytes))
	if result.Deleted > 0 {
		done += fmt.Sprintf(", %d deleted", result.Deleted)
	}
	if result.Unchanged > 0 {
		done += fmt.Sprintf(", %d unchanged", result.Unchanged)
	}
	if err != nil {
		return "", syncFailure(ctx, err, done)
	}
	if direction == client.SyncUp {
		return fmt.Sprintf("Stored %s as %s: %s.", local, t, done), nil
	}
	return fmt.Sprintf("Saved %s as %s: %s.", t, local, done), nil
}

// syncFailure says what was done before a sync failed.
func syncFailure(ctx context.Context, err error, done string) error {
	var failed *client.SyncError
	switch {
	case ctx.Err() != nil:
		return &failure{err: err, hint: "Done: " + done + ". Run it again to go on."}
	case errors.As(err, &failed) && failed.Stopped == nil:
		return &failure{code: exitPartly, err: fmt.Errorf("%s failed", ui.Count(len(failed.Failures), "change")), hint: "Done: " + done + ". Run it again to go on."}
	case failed != nil:
		return failed.Stopped
	}
	return err
}

// getFolder downloads a folder. Files that exist are replaced with force only.
func (a *app) getFolder(ctx context.Context, t target, to string, force bool) (string, error) {
	options := client.SyncOptions{Before: func(change client.SyncChange) error {
		name := filepath.Join(to, filepath.FromSlash(change.Path))
		if _, err := os.Lstat(name); err == nil && !force && change.Action == client.SyncTransfer {
			return existsHint(&os.PathError{Op: "save", Path: name, Err: os.ErrExist})
		}
		return nil
	}}
	return a.runSync(ctx, t, client.SyncDown, to, options)
}

// usageRow is how much is below a path.
type usageRow struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	Files int    `json:"files"`
}

var usageRows = []ui.Column[usageRow]{
	{Title: "SIZE", Value: func(r usageRow) any { return ui.Bytes(r.Bytes) }},
	{Title: "FILES", Value: func(r usageRow) any { return r.Files }},
	{Title: "PATH", Value: func(r usageRow) any { return r.Path }},
}

func filesUsageCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "du SERVER[:PATH]...", Short: "Show how much the files and folders of a directory hold, the largest first", Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		Long: `Show how much the files and folders of a directory hold, the largest first. It asks
for each folder, so a deep tree takes a while.`,
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			var rows []usageRow
			for _, t := range targets {
				more, err := a.measure(ctx, t)
				if err != nil {
					return err
				}
				rows = append(rows, more...)
			}
			return ui.List(a.Terminal, a.listFormat(), usageRows, rows, func(r usageRow) string { return r.Path })
		}),
	}
}

// measure adds up what is below a path, by what is right below it.
func (a *app) measure(ctx context.Context, t target) ([]usageRow, error) {
	if info, err := t.stat(ctx, t.path); err != nil || info.IsFile {
		if err != nil {
			return nil, err
		}
		return []usageRow{{t.path, info.Size, 1}}, nil
	}
	progress := a.Progress("Measuring " + t.String())
	defer progress.Done()
	sums := make(map[string]*usageRow)
	total := usageRow{Path: t.path}
	for entry, err := range t.files.Walk(ctx, t.uuid(), t.path) {
		if err != nil {
			return nil, err
		}
		below := strings.TrimPrefix(strings.TrimPrefix(entry.Path, t.path), "/")
		top, _, _ := strings.Cut(below, "/")
		name := path.Join(t.path, top)
		if sums[name] == nil {
			sums[name] = &usageRow{Path: name}
		}
		if entry.IsFile {
			sums[name].Bytes += entry.Size
			sums[name].Files++
			total.Bytes += entry.Size
			total.Files++
		}
		progress.Text(ui.Count(total.Files, "file") + ", " + ui.Bytes(total.Bytes).String())
	}
	rows := make([]usageRow, 0, len(sums)+1)
	for _, row := range sums {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b usageRow) int {
		if a.Bytes != b.Bytes {
			return int(min(max(b.Bytes-a.Bytes, -1), 1))
		}
		return strings.Compare(a.Path, b.Path)
	})
	return append(rows, total), nil
}
