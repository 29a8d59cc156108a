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
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

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
			editorErr := a.runEditor(ctx, local)
			after, err := os.ReadFile(local) //nolint:gosec // made above
			switch {
			case err != nil:
				return err
			case bytes.Equal(before, after):
				if editorErr == nil {
					a.Messagef("Nothing was changed.")
				}
				return errors.Join(editorErr, os.RemoveAll(dir))
			case editorErr != nil:
				return &failure{err: editorErr, hint: "Your version is in " + local}
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
