package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

var backups = resource[client.Backup]{
	one: "backup", path: "backups", owner: ofServer,
	columns: []ui.Column[*client.Backup]{
		{Title: "ID", Value: func(b *client.Backup) any { return short(b.UUID) }},
		{Title: "NAME", Value: func(b *client.Backup) any { return b.Name }},
		{Title: "STATE", Value: func(b *client.Backup) any { return backupState(b) }},
		{Title: "SIZE", Value: func(b *client.Backup) any { return ui.Bytes(b.Bytes) }},
		{Title: "CREATED", Value: func(b *client.Backup) any { return b.CreatedAt }},
		{Title: "LOCKED", Value: func(b *client.Backup) any { return b.IsLocked }},
		{Title: "COMPLETED", Value: func(b *client.Backup) any { return b.CompletedAt }, Level: ui.Wide},
		{Title: "UUID", Value: func(b *client.Backup) any { return b.UUID }, Level: ui.Wide},
		{Title: "CHECKSUM", Value: func(b *client.Backup) any { return b.Checksum }, Level: ui.Detail},
		{Title: "IGNORED FILES", Value: func(b *client.Backup) any { return b.IgnoredFiles }, Level: ui.Detail},
	},
	keys: func(b *client.Backup) []string { return []string{b.UUID, b.Name} },
	list: func(ctx context.Context, s scope) ([]*client.Backup, error) {
		s.app.demoPanel.settle(ctx)
		return collect(s.client.Backups.All(ctx, s.server.UUID, client.BackupListOptions{}))
	},
	remove: func(ctx context.Context, s scope, b *client.Backup) error {
		return s.client.Backups.Delete(ctx, s.server.UUID, b.UUID)
	},
}

// short returns the beginning of a UUID, which is enough to name one of a few.
func short(uuid string) string { return uuid[:min(8, len(uuid))] }

func backupState(b *client.Backup) ui.State {
	switch {
	case b.CompletedAt == nil:
		return "in progress"
	case b.IsSuccessful:
		return "ok"
	}
	return "failed"
}

func backupsCommand(a *app) *cobra.Command {
	cmd := group("backups", "Make, get and restore backups",
		backups.listCommand(a), backups.showCommand(a), backupCreateCommand(a), backupDownloadCommand(a), backupRestoreCommand(a),
		backupLockCommand(a, "lock", "Protect backups from deletion", true),
		backupLockCommand(a, "unlock", "Let backups be deleted", false),
		backups.deleteCommand(a), backupPruneCommand(a))
	cmd.Aliases = []string{"backup"}
	return cmd
}

func backupCreateCommand(a *app) *cobra.Command {
	var req client.CreateBackupRequest
	var ignore []string
	var wait bool
	cmd := &cobra.Command{
		Use: "create SERVER", Short: "Make a backup", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		Example: "  ptero backups create lobby --name before-update --wait",
		RunE: runE(func(ctx context.Context, args []string) error {
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			req.Ignored = strings.Join(ignore, "\n")
			b, err := s.client.Backups.Create(ctx, s.server.UUID, req)
			if err != nil {
				return backupError(err)
			}
			if wait {
				if b, err = waitForBackup(ctx, s, b); err != nil {
					return err
				}
				a.Messagef("Backup %s of %s is complete: %s.", b.Name, s.label, ui.Bytes(b.Bytes))
			} else {
				a.Messagef("Backup %s of %s has begun. See how it goes with: ptero backups show %s %s", b.Name, s.label, quote(s.label), short(b.UUID))
			}
			if a.format == ui.Table || a.format == ui.WideList {
				a.Printf("%s\n", b.UUID)
				return nil
			}
			return backups.print(a, b)
		}),
	}
	cmd.Flags().StringVar(&req.Name, "name", "", "`name` of the backup; by default the date")
	cmd.Flags().BoolVar(&req.IsLocked, "lock", false, "protect it from deletion")
	cmd.Flags().StringArrayVar(&ignore, "ignore", nil, "`pattern` of files to leave out, as in .gitignore")
	cmd.Flags().BoolVar(&wait, "wait", false, "return when it is complete")
	return cmd
}

func backupError(err error) error {
	var e *client.Error
	if errors.As(err, &e) {
		switch {
		case e.HasCode("TooManyBackupsException"):
			return &failure{err: err, hint: "Delete some with: ptero backups prune"}
		case e.HasCode("TooManyRequestsHttpException"):
			return &failure{err: err, hint: "The Panel allows few backups in a row. Try again in ten minutes."}
		}
	}
	return err
}

// waitForBackup returns when a backup is complete.
func waitForBackup(ctx context.Context, s scope, b *client.Backup) (*client.Backup, error) {
	defer s.app.waiting("Backing up " + s.label)()
	done, err := s.client.Backups.Wait(ctx, s.server.UUID, b.UUID, client.WaitOptions{})
	return done, goesOn(ctx, err, fmt.Sprintf("The backup %s goes on without ptero.", short(b.UUID)))
}

func backupDownloadCommand(a *app) *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use: "download SERVER BACKUP", Aliases: []string{"get"}, Short: "Download a backup", Args: args("SERVER", "BACKUP"), ValidArgsFunction: backups.complete(a, 1),
		Example: "  ptero backups download lobby nightly\n  ptero backups download lobby nightly --to - | tar -tz",
		RunE: runE(func(ctx context.Context, args []string) error {
			s, b, err := backups.named(ctx, a, args)
			if err != nil {
				return err
			}
			target := output
			if target == "" {
				target = fileName(s.label + "-" + b.CreatedAt.UTC().Format("20060102-150405") + ".tar.gz")
			} else if info, err := os.Stat(target); err == nil && info.IsDir() {
				target = filepath.Join(target, fileName(s.label+"-"+b.CreatedAt.UTC().Format("20060102-150405")+".tar.gz"))
			}
			if target == "-" {
				download, err := s.client.Backups.Download(ctx, s.server.UUID, b.UUID)
				if err != nil {
					return err
				}
				return a.stream(download)
			}
			progress := a.Progress(target)
			defer progress.Done()
			err = s.client.Backups.DownloadFile(ctx, s.server.UUID, b.UUID, target, client.SaveOptions{Overwrite: force, Progress: progress.Bytes})
			if errors.Is(err, os.ErrExist) {
				return &failure{err: err, hint: "Add --force to replace it, or name another file with --to."}
			}
			if err != nil {
				return err
			}
			progress.Done()
			a.Messagef("Saved %s (%s).", target, ui.Bytes(b.Bytes))
			return nil
		}),
	}
	cmd.Flags().StringVar(&output, "to", "", "`file` or folder to save it to; - is standard output")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that exists")
	return cmd
}

// fileName makes a name fit for a file of any system.
func fileName(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>| `, r) {
			return '-'
		}
		return r
	}, text)
}

func backupRestoreCommand(a *app) *cobra.Command {
	var truncate, wait bool
	cmd := &cobra.Command{
		Use: "restore SERVER BACKUP", Short: "Put the files of a backup back onto the server",
		Long: `Put the files of a backup back onto the server. Files that are in the backup are
replaced, others stay; with --truncate all files of the server are deleted first.`,
		Args: args("SERVER", "BACKUP"), ValidArgsFunction: backups.complete(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, b, err := backups.named(ctx, a, args)
			if err != nil {
				return err
			}
			mode, verb := client.RestoreOver, "replace files of"
			if truncate {
				mode, verb = client.RestoreTruncate, "delete all files of"
			}
			if err := a.confirm(ctx, verb, "server", []string{s.label}); err != nil {
				return err
			}
			if err := s.client.Backups.Restore(ctx, s.server.UUID, b.UUID, mode); err != nil {
				return err
			}
			if !wait {
				a.Messagef("Restoring %s from the backup %s. See how it goes with: ptero servers show %s", s.label, b.Name, quote(s.label))
				return nil
			}
			stop := a.waiting("Restoring " + s.label)
			_, err = s.client.Servers.WaitReady(ctx, s.server.UUID, client.WaitOptions{})
			if stop(); err != nil {
				return goesOn(ctx, err, "Restoring goes on without ptero.")
			}
			a.Messagef("Restored %s from the backup %s.", s.label, b.Name)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&truncate, "truncate", false, "delete all files of the server first")
	cmd.Flags().BoolVar(&wait, "wait", false, "return when it is done")
	return cmd
}

func backupLockCommand(a *app, verb, shortText string, locked bool) *cobra.Command {
	return &cobra.Command{
		Use: verb + " SERVER BACKUP...", Short: shortText, Args: args("SERVER", "BACKUP..."), ValidArgsFunction: backups.complete(a, -1),
		RunE: runE(func(ctx context.Context, args []string) error {
			s, chosen, err := backups.several(ctx, a, args)
			if err != nil {
				return err
			}
			return each(ctx, a, chosen, backups.id, backups.label, func(ctx context.Context, b *client.Backup) (string, error) {
				set := s.client.Backups.Unlock
				if locked {
					set = s.client.Backups.Lock
				}
				_, err := set(ctx, s.server.UUID, b.UUID)
				return verb + "ed", err
			})
		}),
	}
}

func backupPruneCommand(a *app) *cobra.Command {
	var keep retention
	var dryRun bool
	cmd := &cobra.Command{
		Use: "prune SERVER", Short: "Delete old backups", Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		Long: `Delete old backups. A backup stays if any of the rules keeps it. Locked backups
and those in progress always stay; failed ones never count.`,
		Example: "  ptero backups prune lobby --keep-last 7 --keep-daily 14 --dry-run",
		RunE: runE(func(ctx context.Context, args []string) error {
			switch {
			case keep.last < 0 || keep.daily < 0 || keep.weekly < 0:
				return usagef("what is kept cannot be less than 0")
			case keep == retention{}:
				return usagef("say what to keep with --keep-last, --keep-daily or --keep-weekly")
			}
			s, _, err := ofServer.split(ctx, a, args)
			if err != nil {
				return err
			}
			all, err := backups.list(ctx, s)
			if err != nil {
				return err
			}
			doomed := keep.prune(all, a.Location)
			if len(doomed) == 0 {
				a.Messagef("Nothing to delete: all %s stay.", ui.Count(len(all), "backup"))
				return nil
			}
			a.Messagef("%s of %d stay.", ui.Count(len(all)-len(doomed), "backup"), len(all))
			return backups.delete(ctx, s, doomed, dryRun)
		}),
	}
	cmd.Flags().IntVar(&keep.last, "keep-last", 0, "keep the last `n` backups")
	cmd.Flags().IntVar(&keep.daily, "keep-daily", 0, "keep the last backup of each of the last `n` days that have one")
	cmd.Flags().IntVar(&keep.weekly, "keep-weekly", 0, "keep the last backup of each of the last `n` weeks that have one")
	addDryRun(cmd, &dryRun)
	return cmd
}

// retention says which backups to keep.
type retention struct{ last, daily, weekly int }

// prune returns the backups that no rule keeps, the oldest first.
func (r retention) prune(all []*client.Backup, location *time.Location) []*client.Backup {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b *client.Backup) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.UUID, b.UUID)) // the same ones each time
	})
	day := func(t time.Time) string { return t.In(location).Format(time.DateOnly) }
	week := func(t time.Time) string {
		year, week := t.In(location).ISOWeek()
		return fmt.Sprint(year, week)
	}
	days, weeks := make(map[string]bool), make(map[string]bool)
	good := 0
	var doomed []*client.Backup
	for _, b := range sorted {
		if b.CompletedAt == nil {
			continue
		}
		keep := b.IsLocked
		if b.IsSuccessful {
			good++
			keep = keep || good <= r.last
			for _, rule := range []struct {
				n      int
				seen   map[string]bool
				period string
			}{{r.daily, days, day(b.CreatedAt)}, {r.weekly, weeks, week(b.CreatedAt)}} {
				if !rule.seen[rule.period] && len(rule.seen) < rule.n {
					rule.seen[rule.period] = true
					keep = true
				}
			}
		}
		if !keep {
			doomed = append(doomed, b)
		}
	}
	slices.Reverse(doomed)
	return doomed
}
