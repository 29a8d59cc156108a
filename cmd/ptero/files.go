package main

import (
	"context"
	"fmt"
	"os"
	"path"
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
				return a.wouldDo("delete", "", outcomes(names, noID, func(name string) string { return name }))
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
				if t.path == "/" {
					return &failure{code: exitUsage, err: fmt.Errorf("%s is the root of the server's files", t), hint: "To pack all in it: ptero files zip " + quote(t.name("/*"))}
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
