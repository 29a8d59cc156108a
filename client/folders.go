package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// FolderProgress tells how far the transfer of a folder is.
type FolderProgress struct {
	// File is the path of the present file within the folder, with slashes.
	File string

	// Files and Bytes count what has been transferred so far.
	Files int
	Bytes int64
}

// FolderOptions tells how to transfer a folder.
type FolderOptions struct {
	// Overwrite replaces local files that exist, on a download. Without it such
	// a file ends the download with an error matching [os.ErrExist]. An upload
	// always replaces files.
	Overwrite bool

	// Progress is called after each file. It may be nil.
	Progress func(FolderProgress)
}

// Bounds of one request of a folder's upload.
const (
	filesPerUpload = 50
	bytesPerUpload = 64 << 20
)

// UploadFolder stores a local folder, with all that is in it, in a directory of
// the server; files that exist there are replaced, others stay. Symbolic links
// to files are followed. Anything that is neither file nor folder, and a link
// to a folder, ends the upload with an error.
func (s *FilesService) UploadFolder(ctx context.Context, server, localDir, directory string, opts FolderOptions) error {
	upload := folderUpload{files: s, server: server, options: opts}
	return upload.folder(ctx, localDir, path.Join("/", directory), "")
}

type folderUpload struct {
	files    *FilesService
	server   string
	options  FolderOptions
	progress FolderProgress
}

// folder uploads one folder; within is its path within the whole.
func (u *folderUpload) folder(ctx context.Context, local, remote, within string) error {
	entries, err := os.ReadDir(local)
	if err != nil {
		return err
	}
	if len(entries) == 0 && remote != "/" {
		return u.files.CreateFolder(ctx, u.server, path.Dir(remote), path.Base(remote))
	}
	var batch []UploadFile
	var bytes int64
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := u.files.Upload(ctx, u.server, remote, batch...); err != nil {
			return fmt.Errorf("upload to %s: %w", remote, err)
		}
		for _, file := range batch {
			u.progress.File = path.Join(within, file.Name)
			u.progress.Files++
			u.progress.Bytes += file.Size
			if u.options.Progress != nil {
				u.options.Progress(u.progress)
			}
		}
		batch, bytes = nil, 0
		return nil
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		file, err := LocalFile(filepath.Join(local, entry.Name()))
		if err != nil {
			return err
		}
		if len(batch) == filesPerUpload || len(batch) > 0 && bytes+file.Size > bytesPerUpload {
			if err := send(); err != nil {
				return err
			}
		}
		batch = append(batch, file)
		bytes += file.Size
	}
	if err := send(); err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			name := entry.Name()
			if err := u.folder(ctx, filepath.Join(local, name), path.Join(remote, name), path.Join(within, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxDepth bounds the folders in folders of a download: a link to a folder
// above itself looks like endlessly many.
const maxDepth = 64

// DownloadFolder gets a directory of the server, with all that is in it, into a
// local folder, which is made if need be. A name that would lead out of that
// folder ends the download with an error.
func (s *FilesService) DownloadFolder(ctx context.Context, server, directory, localDir string, opts FolderOptions) error {
	if err := os.MkdirAll(localDir, 0o777); err != nil { //nolint:gosec // the umask decides
		return err
	}
	// Nothing can be written outside of the root, links included.
	root, err := os.OpenRoot(localDir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	download := folderDownload{files: s, server: server, root: root, options: opts}
	return download.folder(ctx, path.Join("/", directory), ".", 0)
}

type folderDownload struct {
	files    *FilesService
	server   string
	root     *os.Root
	options  FolderOptions
	progress FolderProgress
}

func (d *folderDownload) folder(ctx context.Context, remote, within string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("download %s: folders lie in each other %d deep; a link may lead back", remote, maxDepth)
	}
	entries, err := d.files.List(ctx, d.server, remote)
	if err != nil {
		return fmt.Errorf("list %s: %w", remote, err)
	}
	for _, entry := range entries {
		name := entry.Name
		if name != path.Base(name) || !filepath.IsLocal(name) || name == "." {
			return fmt.Errorf("download %s: the node lists a file called %q, which is no file name", remote, name)
		}
		from, to := path.Join(remote, name), path.Join(within, name)
		if entry.IsFile {
			err = d.file(ctx, from, to)
		} else if err = d.root.Mkdir(to, 0o777); err == nil || errors.Is(err, fs.ErrExist) {
			err = d.folder(ctx, from, to, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *folderDownload) file(ctx context.Context, from, to string) error {
	download, err := d.files.Download(ctx, d.server, from)
	if err != nil {
		return fmt.Errorf("download %s: %w", from, err)
	}
	var bytes int64
	err = download.save(d.root, to, SaveOptions{
		Overwrite: d.options.Overwrite,
		Progress:  func(done, _ int64) { bytes = done },
	})
	if err != nil {
		return fmt.Errorf("download %s: %w", from, err)
	}
	d.progress.File = to
	d.progress.Files++
	d.progress.Bytes += bytes
	if d.options.Progress != nil {
		d.options.Progress(d.progress)
	}
	return nil
}
