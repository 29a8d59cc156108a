package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/client"
)

// volume is the files of a server.
type volume struct {
	files  *client.FilesService
	server *client.Server
}

func (v *volume) uuid() string { return v.server.UUID }

// name is how a command line calls a path.
func (v *volume) name(file string) string { return v.server.Name + ":" + file }

// list returns the files of a directory, directories first.
func (v *volume) list(ctx context.Context, dir string) ([]*client.File, error) {
	files, err := v.files.List(ctx, v.uuid(), dir)
	if err != nil {
		return nil, v.missing(ctx, err, dir)
	}
	slices.SortFunc(files, func(a, b *client.File) int {
		if a.IsFile != b.IsFile {
			if b.IsFile {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return files, nil
}

// missing explains the error for a path that does not exist, which Wings reports
// as an error of its own.
func (v *volume) missing(ctx context.Context, err error, name string) error {
	if isStatus(err, 404, 500, 502) {
		info, statErr := v.stat(ctx, name)
		switch {
		case exitCode(statErr) == exitNotFound:
			return statErr
		case statErr == nil && !info.IsFile:
			return &failure{code: exitUsage, err: fmt.Errorf("%s is a directory", v.name(name)), hint: "List it with: ptero files ls " + quote(v.name(name))}
		}
	}
	return err
}

// stat returns what is known of a path.
func (v *volume) stat(ctx context.Context, name string) (*client.File, error) {
	if name == "/" {
		return &client.File{Name: "/"}, nil // has no entry of its own
	}
	info, err := v.files.Stat(ctx, v.uuid(), name)
	if !errors.Is(err, client.ErrNotFound) {
		return info, err
	}
	f := &failure{code: exitNotFound, err: fmt.Errorf("%s does not exist", v.name(name)), hint: "See what there is with: ptero files ls " + quote(v.name("/"))}
	if around, err := v.files.List(ctx, v.uuid(), path.Dir(name)); err == nil {
		names := make([]string, len(around))
		for i, file := range around {
			names[i] = file.Name
		}
		f.hint = "See what there is with: ptero files ls " + quote(v.name(path.Dir(name)))
		if near := closest(path.Base(name), names); near != "" {
			f.hint = fmt.Sprintf("Did you mean %s?", v.name(path.Join(path.Dir(name), near)))
		}
	}
	return nil, f
}

// isDir reports whether a path is a directory; one that does not exist is none.
func (v *volume) isDir(ctx context.Context, name string) (bool, error) {
	info, err := v.stat(ctx, name)
	if exitCode(err) == exitNotFound {
		return false, nil
	}
	return err == nil && !info.IsFile, err
}

func (v *volume) download(ctx context.Context, name string) (*client.Download, error) {
	download, err := v.files.Download(ctx, v.uuid(), name)
	if err != nil {
		return nil, v.missing(ctx, err, name)
	}
	return download, nil
}

// upload stores one file under a path.
func (v *volume) upload(ctx context.Context, name string, file client.UploadFile) error {
	file.Name = path.Base(name)
	return v.files.Upload(ctx, v.uuid(), path.Dir(name), file)
}
