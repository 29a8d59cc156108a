package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/ptero-go/ptero/client"
)

// volume is the files of a server. All that the commands do with files goes
// through it.
type volume struct {
	files  *client.FilesService
	server *client.Server
}

func (v *volume) uuid() string { return v.server.UUID }

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
			return &failure{code: exitUsage, err: fmt.Errorf("%s is a directory", v.name(name)), hint: "List it with: ptero files ls " + v.name(name)}
		}
	}
	return err
}

// name is how a command line calls a path.
func (v *volume) name(file string) string { return v.server.Name + ":" + file }

// stat returns what is known of a path.
func (v *volume) stat(ctx context.Context, name string) (*client.File, error) {
	if name == "/" {
		return &client.File{Name: "/"}, nil
	}
	files, err := v.files.List(ctx, v.uuid(), path.Dir(name))
	if err != nil && !isStatus(err, 404, 500) {
		return nil, err
	}
	names := make([]string, 0, len(files))
	for _, file := range files {
		if file.Name == path.Base(name) {
			return file, nil
		}
		names = append(names, file.Name)
	}
	seen := path.Dir(name)
	if err != nil {
		seen = "/"
	}
	f := &failure{code: exitNotFound, err: fmt.Errorf("%s does not exist", v.name(name)), hint: "See what there is with: ptero files ls " + v.name(seen)}
	if near := closest(path.Base(name), names); near != "" {
		f.hint = fmt.Sprintf("Did you mean %s?", v.name(path.Join(path.Dir(name), near)))
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

func (v *volume) remove(ctx context.Context, names ...string) error {
	return inFolders(names, func(dir string, names []string) error { return v.files.Delete(ctx, v.uuid(), dir, names...) })
}

func (v *volume) rename(ctx context.Context, from, to string) error {
	return v.files.Rename(ctx, v.uuid(), "/", client.FileRename{From: strings.TrimPrefix(from, "/"), To: strings.TrimPrefix(to, "/")})
}

func (v *volume) mkdir(ctx context.Context, name string) error {
	return v.files.CreateFolder(ctx, v.uuid(), path.Dir(name), path.Base(name))
}

func (v *volume) chmod(ctx context.Context, mode os.FileMode, names ...string) error {
	return inFolders(names, func(dir string, names []string) error {
		for _, name := range names {
			if err := v.files.Chmod(ctx, v.uuid(), dir, name, mode); err != nil {
				return err
			}
		}
		return nil
	})
}

// zip packs paths of one directory and returns the path of the archive.
func (v *volume) zip(ctx context.Context, names ...string) (string, error) {
	var archive string
	err := inFolders(names, func(dir string, names []string) error {
		file, err := v.files.Compress(ctx, v.uuid(), dir, names...)
		if err == nil {
			archive = path.Join(dir, file.Name)
		}
		return err
	})
	return archive, err
}

func (v *volume) unzip(ctx context.Context, name string) error {
	return v.files.Decompress(ctx, v.uuid(), path.Dir(name), path.Base(name))
}

func (v *volume) download(ctx context.Context, name string) (*client.Download, error) {
	download, err := v.files.Download(ctx, v.uuid(), name)
	if err != nil {
		return nil, v.missing(ctx, err, name)
	}
	return download, nil
}

func (v *volume) downloadFile(ctx context.Context, name, local string, options client.SaveOptions) error {
	if err := v.files.DownloadFile(ctx, v.uuid(), name, local, options); err != nil {
		return v.missing(ctx, err, name)
	}
	return nil
}

// upload stores one file under a path.
func (v *volume) upload(ctx context.Context, name string, file client.UploadFile) error {
	file.Name = path.Base(name)
	return v.files.Upload(ctx, v.uuid(), path.Dir(name), file)
}

// inFolders calls f for each directory with the names in it.
func inFolders(names []string, f func(dir string, names []string) error) error {
	var dirs []string
	in := make(map[string][]string)
	for _, name := range names {
		dir := path.Dir(name)
		if in[dir] == nil {
			dirs = append(dirs, dir)
		}
		in[dir] = append(in[dir], path.Base(name))
	}
	for _, dir := range dirs {
		if err := f(dir, in[dir]); err != nil {
			return err
		}
	}
	return nil
}
