package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var fileColumns = []ui.Column[*client.File]{
	{Title: "NAME", Value: func(f *client.File) any { return fileTitle(f) }},
	{Title: "SIZE", Value: func(f *client.File) any {
		if !f.IsFile {
			return nil
		}
		return ui.Bytes(f.Size)
	}},
	{Title: "MODIFIED", Value: func(f *client.File) any { return f.ModifiedAt }},
	{Title: "MODE", Value: func(f *client.File) any { return f.Mode }, Level: ui.Wide},
	{Title: "TYPE", Value: func(f *client.File) any { return f.Mimetype }, Level: ui.Wide},
	{Title: "CREATED", Value: func(f *client.File) any { return f.CreatedAt }, Level: ui.Wide},
}

func fileTitle(f *client.File) string {
	if !f.IsFile {
		return f.Name + "/"
	}
	return f.Name
}

func filesCommand(a *app) *cobra.Command {
	cmd := group("files", "List, read, write and transfer files",
		filesListCommand(a), filesCatCommand(a), filesEditCommand(a), filesGetCommand(a), filesPutCommand(a),
		filesCopyCommand(a), filesMoveCommand(a), filesRemoveCommand(a), filesMkdirCommand(a), filesChmodCommand(a),
		filesZipCommand(a), filesUnzipCommand(a), filesUsageCommand(a), filesSyncCommand(a))
	cmd.Aliases = []string{"file", "f"}
	cmd.Long = `List, read, write and transfer files.

A file on a server is written as SERVER:PATH, e.g. lobby:/server.properties. Paths
begin at the root of the server's files. * and ? stand for any characters; quote
them, or the shell looks for local files.`
	return cmd
}

func filesListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "ls SERVER[:PATH]...", Aliases: []string{"list"}, Short: "List files", Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		Example: "  ptero files ls lobby:/plugins\n  ptero files ls 'lobby:/logs/*.gz'",
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			var files []*client.File
			for _, t := range targets {
				more, err := t.listOrStat(ctx, len(targets) > 1)
				if err != nil {
					return err
				}
				files = append(files, more...)
			}
			if len(files) == 0 && a.format == ui.Table {
				a.Messagef("%s is empty.", targets[0])
				return nil
			}
			return ui.List(a.Terminal, a.listFormat(), fileColumns, files, fileTitle)
		}),
	}
}

// listOrStat returns the files of a directory, or the file itself. Where there
// are several, they are called by their whole paths.
func (t target) listOrStat(ctx context.Context, several bool) ([]*client.File, error) {
	info, err := t.stat(ctx, t.path)
	if err != nil {
		return nil, err
	}
	if info.IsFile {
		info.Name = strings.TrimPrefix(t.path, "/")
		return []*client.File{info}, nil
	}
	files, err := t.list(ctx, t.path)
	if several {
		for _, file := range files {
			file.Name = strings.TrimPrefix(path.Join(t.path, file.Name), "/")
		}
	}
	return files, err
}

func filesCatCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "cat SERVER:PATH...", Short: "Print files", Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			for _, t := range targets {
				download, err := t.download(ctx, t.path)
				if err != nil {
					return err
				}
				if err := a.stream(download); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

// largestEdit bounds what is opened in an editor, in bytes.
const largestEdit = 16 << 20

func filesEditCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "edit SERVER:PATH", Short: "Edit a file in your editor", Args: args("SERVER:PATH"), ValidArgsFunction: completePlaces(a, false),
		Long: `Edit a file in your editor, as named by VISUAL or EDITOR, and store it again if it
was changed. If the file was changed on the server meanwhile, it is not replaced,
and your version is kept here.`,
		RunE: runE(func(ctx context.Context, args []string) error {
			t, err := a.target(ctx, args[0])
			if err != nil {
				return err
			}
			before, err := t.content(ctx)
			if exitCode(err) == exitNotFound {
				before, err = nil, nil // a new file
			}
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "ptero-edit-*")
			if err != nil {
				return err
			}
			local := filepath.Join(dir, fileName(path.Base(t.path)))
			if err := os.WriteFile(local, before, 0o600); err != nil {
				return err
			}
			if err := a.runEditor(ctx, local); err != nil {
				return &failure{err: err, hint: "Your version is in " + local}
			}
			after, err := os.ReadFile(local) //nolint:gosec // made above
			if err != nil {
				return err
			}
			if bytes.Equal(before, after) {
				a.Messagef("Nothing was changed.")
				return os.RemoveAll(dir)
			}
			now, err := t.content(ctx)
			if err != nil && exitCode(err) != exitNotFound {
				return &failure{err: err, hint: "Your version is in " + local}
			}
			if sha256.Sum256(now) != sha256.Sum256(before) {
				return &failure{err: fmt.Errorf("%s was changed on the server meanwhile, so it was not replaced", t), hint: "Your version is in " + local}
			}
			if err := t.upload(ctx, t.path, client.FileBytes("", after)); err != nil {
				return &failure{err: err, hint: "Your version is in " + local}
			}
			a.Messagef("Saved %s (%s).", t, ui.Bytes(len(after)))
			return os.RemoveAll(dir)
		}),
	}
}

// content reads a file that is not too large to edit.
func (t target) content(ctx context.Context) ([]byte, error) {
	info, err := t.stat(ctx, t.path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsFile:
		return nil, usagef("%s is a directory", t)
	case info.Size > largestEdit:
		return nil, &failure{err: fmt.Errorf("%s has %s, which is too large to edit", t, ui.Bytes(info.Size)), hint: "Get it with: ptero files get " + quote(t.String())}
	}
	download, err := t.download(ctx, t.path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(download)
	return text, errors.Join(err, download.Close())
}

// runEditor opens a file in the user's editor and waits for its end.
func (a *app) runEditor(ctx context.Context, file string) error {
	editor := a.getenv("VISUAL")
	if editor == "" {
		editor = a.getenv("EDITOR")
	}
	switch {
	case editor != "":
	case runtime.GOOS == "windows":
		editor = "notepad"
	default:
		editor = "vi"
	}
	words := strings.Fields(editor)                                       // EDITOR="code --wait"
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], file)...) //nolint:gosec // the user's own editor
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the editor %s: %w", words[0], err)
	}
	return nil
}

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
			return a.transfer(ctx, targets, func(ctx context.Context, t target, progress *ui.Progress) (string, error) {
				to := local
				if into {
					to = filepath.Join(local, filepath.Base(filepath.FromSlash(t.path)))
				}
				return a.get(ctx, t, to, force, progress)
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
			a.tellProblem(t.String(), text)
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
		target := target{t.volume, t.path}
		if into {
			target.path = path.Join(t.path, path.Base(source.path))
		}
		to = append(to, target)
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

func filesRemoveCommand(a *app) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "rm SERVER:PATH...", Aliases: []string{"delete"}, Short: "Delete files and folders",
		Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			names := make([]string, len(targets))
			for i, t := range targets {
				if t.path == "/" {
					return &failure{code: exitUsage, err: fmt.Errorf("%s is the root of the server's files", t), hint: "To delete all in it: ptero files rm " + quote(t.name("/*"))}
				}
				if _, err := t.stat(ctx, t.path); err != nil { // else a missing file is deleted in silence
					return err
				}
				names[i] = t.String()
			}
			if dryRun {
				return a.wouldDo("delete", "", names)
			}
			if err := a.confirm(ctx, "delete", "file", names); err != nil {
				return err
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, _ *ui.Progress) (string, error) {
				return fmt.Sprintf("Deleted %s.", t), t.files.Delete(ctx, t.uuid(), t.path)
			})
		}),
	}
	addDryRun(cmd, &dryRun)
	return cmd
}

func filesMkdirCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "mkdir SERVER:PATH...", Short: "Make directories, with those above them", Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, _ *ui.Progress) (string, error) {
				return fmt.Sprintf("Made %s.", t), t.files.CreateFolder(ctx, t.uuid(), t.path)
			})
		}),
	}
}

func filesChmodCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "chmod MODE SERVER:PATH...", Short: "Set the permissions of files", Args: args("MODE", "SERVER:PATH..."),
		Example: "  ptero files chmod 755 lobby:/start.sh",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return []string{"644", "755", "600"}, cobra.ShellCompDirectiveNoFileComp
			}
			return completePlaces(a, false)(cmd, args, typed)
		},
		RunE: runE(func(ctx context.Context, args []string) error {
			mode, err := strconv.ParseUint(args[0], 8, 9)
			if err != nil {
				return usagef("%q is no mode; use three octal digits, e.g. 644", args[0])
			}
			targets, err := a.targets(ctx, args[1:]...)
			if err != nil {
				return err
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, _ *ui.Progress) (string, error) {
				if _, err := t.stat(ctx, t.path); err != nil { // else a missing file is passed over in silence
					return "", err
				}
				return fmt.Sprintf("Set %s to %03o.", t, mode), t.files.Chmod(ctx, t.uuid(), os.FileMode(mode), t.path) //nolint:gosec // nine bits fit
			})
		}),
	}
}

func filesZipCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "zip SERVER:PATH...", Aliases: []string{"compress"}, Short: "Pack files into a .tar.gz in the folder that they share, and print its path",
		Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			first := targets[0]
			var names []string
			for _, t := range targets {
				if t.uuid() != first.uuid() {
					return usagef("%s and %s are on different servers, and cannot be packed together", first, t)
				}
				if _, err := t.stat(ctx, t.path); err != nil {
					return err
				}
				names = append(names, t.path)
			}
			progress := a.Progress("Packing " + ui.Count(len(names), "file"))
			progress.Text("")
			archive, err := first.files.Compress(ctx, first.uuid(), names...)
			progress.Done()
			if err != nil {
				return err
			}
			a.Messagef("Packed %s.", ui.Count(len(names), "file"))
			a.Printf("%s\n", ui.Clean(first.name(archive.Path)))
			return nil
		}),
	}
}

func filesUnzipCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "unzip SERVER:PATH...", Aliases: []string{"decompress"}, Short: "Unpack archives where they are: zip, tar.gz, rar, 7z and others",
		Args: args("SERVER:PATH..."), ValidArgsFunction: completePlaces(a, false),
		RunE: runE(func(ctx context.Context, args []string) error {
			targets, err := a.targets(ctx, args...)
			if err != nil {
				return err
			}
			return a.transfer(ctx, targets, func(ctx context.Context, t target, progress *ui.Progress) (string, error) {
				if _, err := t.stat(ctx, t.path); err != nil {
					return "", err
				}
				progress.Text("unpacking")
				return fmt.Sprintf("Unpacked %s.", t), t.files.Decompress(ctx, t.uuid(), t.path)
			})
		}),
	}
}
