package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

func filesGetCommand(a *app) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "get SERVER:PATH... [LOCAL]", Aliases: []string{"download"}, Short: "Download files and folders",
		Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, true),
		Example: "  ptero files get lobby:/server.properties\n  ptero files get lobby:/world lobby:/plugins backup/\n  ptero files get lobby:/world.zip - | sha256sum",
		RunE: runE(func(ctx context.Context, args []string) error {
			local := "."
			if last := args[len(args)-1]; len(args) > 1 && parsePlace(last).server == "" {
				local, args = last, args[:len(args)-1]
			}
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			if local == "-" {
				for _, t := range targets {
					download, err := t.download(ctx, t.path)
					if err == nil {
						err = a.stream(download)
					}
					if err != nil {
						return err
					}
				}
				return nil
			}
			info, err := os.Stat(local)
			into := err == nil && info.IsDir() || strings.HasSuffix(local, "/") || strings.HasSuffix(local, string(os.PathSeparator))
			if !into && len(targets) > 1 {
				return usagef("%s is no folder, so it cannot take %s", local, ui.Count(len(targets), "file"))
			}
			if into {
				if err := os.MkdirAll(local, 0o777); err != nil { //nolint:gosec // the umask decides
					return err
				}
			}
			to := make(map[target]string)
			for _, t := range targets {
				name := local
				if into {
					name = filepath.Join(local, filepath.Base(filepath.FromSlash(t.path)))
				}
				for other, taken := range to {
					if taken == name {
						return usagef("%s and %s would both be saved as %s", other, t, name)
					}
				}
				to[t] = name
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, progress *ui.Progress) (string, error) {
				return a.get(ctx, t, to[t], force, progress)
			})
		}),
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace local files that exist")
	return cmd
}

// transfer does something with one target after the other, with progress.
func (a *app) transfer(ctx context.Context, targets []target, act func(context.Context, target, *ui.Progress) (string, error)) error {
	problems := make([]error, len(targets))
	for i, t := range targets {
		if ctx.Err() != nil {
			problems[i] = ctx.Err()
			continue
		}
		progress := a.Progress(t.String())
		result, err := act(ctx, t, progress)
		progress.Done()
		if problems[i] = err; err == nil {
			a.Messagef("%s", result)
		} else if len(targets) > 1 && ctx.Err() == nil {
			text, _ := explain(err)
			a.problem(t.String(), text)
		}
	}
	return summary(ctx, problems)
}

// get downloads a file or folder.
func (a *app) get(ctx context.Context, t target, to string, force bool, progress *ui.Progress) (string, error) {
	info, err := t.stat(ctx, t.path)
	if err != nil {
		return "", err
	}
	if !info.IsFile {
		return a.getFolder(ctx, t, to, force)
	}
	var size int64
	err = t.files.DownloadFile(ctx, t.uuid(), t.path, to, client.SaveOptions{Overwrite: force, Progress: func(done, total int64) {
		size = done
		progress.Bytes(done, total)
	}})
	if err != nil {
		return "", existsHint(t.missing(ctx, err, t.path))
	}
	return fmt.Sprintf("Saved %s as %s (%s).", t, to, ui.Bytes(size)), nil
}

func existsHint(err error) error {
	if errors.Is(err, os.ErrExist) {
		return &failure{err: err, hint: "Add --force to replace it."}
	}
	return err
}

func filesPutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "put LOCAL... SERVER:PATH", Aliases: []string{"upload"}, Short: "Upload files and folders; those that exist are replaced",
		Args:              args("LOCAL...", "SERVER:PATH"),
		ValidArgsFunction: completePlaces(a, true),
		Example:           "  ptero files put server.properties lobby:/\n  ptero files put plugins/*.jar lobby:/plugins\n  echo 'eula=true' | ptero files put - lobby:/eula.txt",
		RunE: runE(func(ctx context.Context, args []string) error {
			locals := args[:len(args)-1]
			t, err := a.target(ctx, args[len(args)-1])
			if err != nil {
				return err
			}
			into := strings.HasSuffix(args[len(args)-1], "/") || len(locals) > 1
			if !into {
				if into, err = t.isDir(ctx, t.path); err != nil {
					return err
				}
			}
			var targets []target
			from := make(map[string]string)
			for _, local := range locals {
				to := target{t.volume, t.path}
				if into && local == "-" {
					return usagef("name the file that standard input is written to")
				}
				if into {
					to.path = path.Join(t.path, localName(local))
				}
				if other, ok := from[to.path]; ok {
					return usagef("%s and %s would both be stored as %s", other, local, to)
				}
				targets = append(targets, to)
				from[to.path] = local
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, progress *ui.Progress) (string, error) {
				return a.put(ctx, from[t.path], t, progress)
			})
		}),
	}
}

// put uploads a file, a folder, or standard input.
func (a *app) put(ctx context.Context, local string, t target, progress *ui.Progress) (string, error) {
	if local == "-" {
		if err := t.files.Write(ctx, t.uuid(), t.path, a.In); err != nil {
			return "", err
		}
		return fmt.Sprintf("Stored standard input as %s.", t), nil
	}
	info, err := os.Stat(local)
	if err != nil {
		return "", &failure{code: exitNotFound, err: err}
	}
	if info.IsDir() {
		if err := t.folder(ctx, client.SyncUp); err != nil {
			return "", err
		}
		return a.runSync(ctx, t, client.SyncUp, local, client.SyncOptions{})
	}
	file, err := client.LocalFile(local)
	if err != nil {
		return "", err
	}
	file.Progress = func(done int64) { progress.Bytes(done, file.Size) }
	if err := t.upload(ctx, t.path, file); err != nil {
		return "", err
	}
	return fmt.Sprintf("Stored %s as %s (%s).", local, t, ui.Bytes(file.Size)), nil
}

// destination returns the paths that sources go to: into a directory that
// exists, or to the very path.
func (a *app) destination(ctx context.Context, texts []string) (sources []target, to []target, err error) {
	last := texts[len(texts)-1]
	t, err := a.target(ctx, last)
	if err != nil {
		return nil, nil, err
	}
	if sources, err = a.targets(ctx, texts[:len(texts)-1]...); err != nil {
		return nil, nil, err
	}
	into := strings.HasSuffix(last, "/")
	if !into {
		if into, err = t.isDir(ctx, t.path); err != nil {
			return nil, nil, err
		}
	}
	if !into && len(sources) > 1 {
		return nil, nil, usagef("%s is no directory, so it cannot take %s", t, ui.Count(len(sources), "file"))
	}
	for _, source := range sources {
		goal := target{t.volume, t.path}
		if into {
			goal.path = path.Join(t.path, path.Base(source.path))
		}
		if i := slices.IndexFunc(to, func(other target) bool { return other.String() == goal.String() }); i >= 0 {
			return nil, nil, usagef("%s and %s would both become %s", sources[i], source, goal)
		}
		if goal.String() == source.String() {
			return nil, nil, &failure{code: exitUsage, err: fmt.Errorf("%s would be its own destination", source), hint: "Name another file or folder."}
		}
		to = append(to, goal)
	}
	return sources, to, nil
}

func filesCopyCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "cp SERVER:PATH... SERVER:PATH", Aliases: []string{"copy"}, Short: "Copy files on a server, or from one server to another",
		Args: args("SERVER:PATH...", "SERVER:PATH"), ValidArgsFunction: completePlaces(a, false),
		Example: "  ptero files cp lobby:/server.properties survival:/",
		RunE: runE(func(ctx context.Context, args []string) error {
			sources, to, err := a.destination(ctx, args)
			if err != nil {
				return err
			}
			next := 0
			return a.transfer(ctx, sources, func(ctx context.Context, t target, progress *ui.Progress) (string, error) {
				goal := to[next]
				next++
				download, err := t.download(ctx, t.path)
				if dir, statErr := t.isDir(ctx, t.path); err != nil && statErr == nil && dir {
					return "", &failure{code: exitUsage, err: fmt.Errorf("%s is a directory, and only files can be copied", t), hint: "Copy it by way of this machine: ptero files get, then ptero files put"}
				}
				if err != nil {
					return "", err
				}
				defer func() { _ = download.Close() }()
				file := client.FileReader("", download, download.Size)
				file.Progress = func(done int64) { progress.Bytes(done, download.Size) }
				return fmt.Sprintf("Copied %s to %s.", t, goal), goal.upload(ctx, goal.path, file)
			})
		}),
	}
}

func filesMoveCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "mv SERVER:PATH... SERVER:PATH", Aliases: []string{"move", "rename"}, Short: "Move or rename files on a server",
		Args: args("SERVER:PATH...", "SERVER:PATH"), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			sources, to, err := a.destination(ctx, args)
			if err != nil {
				return err
			}
			next := 0
			return a.transfer(ctx, sources, func(ctx context.Context, t target, _ *ui.Progress) (string, error) {
				goal := to[next]
				next++
				if goal.uuid() != t.uuid() {
					return "", &failure{code: exitUsage, err: errors.New("files cannot be moved to another server"), hint: "Copy them with ptero files cp, then delete them here."}
				}
				if _, err := t.stat(ctx, t.path); err != nil { // else a missing file is moved in silence
					return "", err
				}
				return fmt.Sprintf("Moved %s to %s.", t, goal), t.files.Rename(ctx, t.uuid(), t.path, goal.path)
			})
		}),
	}
}

// stream copies a download to standard output and closes it.
func (a *app) stream(from io.ReadCloser) error {
	_, err := io.Copy(a.Out, from)
	return errors.Join(err, from.Close())
}
