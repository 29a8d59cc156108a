package client

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// onFiles runs something on the files of a server.
func (c *serverCall) onFiles(act func(protocol.Files) error) error {
	return c.AskNode(c.server, func(srv protocol.Server) error { return act(srv.Files()) })
}

// ClientListFiles implements the operation.
func (a API) ClientListFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.read", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "directory", Rules: "sometimes|nullable|string"}); err != nil {
			return nil, err
		}
		var files []protocol.File
		if err := c.onFiles(func(s protocol.Files) (err error) {
			files, err = s.List(c.Input.Text("directory"))
			return err
		}); err != nil {
			return nil, err
		}
		return laravel.OK(laravel.ListOf(files, showFile)), nil
	})
}

// fileField is the parameter that names a file.
var fileField = laravel.Field{Name: "file", Rules: "required|string"}

// ClientGetFileContents implements the operation.
func (a API) ClientGetFileContents(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.read-content", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(fileField); err != nil {
			return nil, err
		}
		var content []byte
		if err := c.onFiles(func(s protocol.Files) (err error) {
			content, err = s.Read(c.Input.Text("file"))
			return c.unread(err)
		}); err != nil {
			return nil, err
		}
		if int64(len(content)) > c.State.Settings.MaxEditSize {
			return nil, laravel.Refuse(http.StatusBadRequest, "FileSizeTooLargeException", "The file requested is too large to be opened.")
		}
		c.note("server:file.read", model.With("file", c.Input.Text("file")))
		content = append([]byte{}, content...)
		if c.Traits.Reencodes {
			content = bytes.ToValidUTF8(content, []byte("?"))
		}
		return &laravel.Answer{Status: http.StatusOK, Text: content}, nil
	})
}

// unread is the failure to read a file.
func (c *serverCall) unread(err error) error {
	switch {
	case err == nil, !c.Traits.BareFailures:
		return err
	case errors.Is(err, protocol.ErrUnexpected):
		return laravel.Crashed("FileNotFoundException")
	default:
		return laravel.Crashed("FileNotEditableException")
	}
}

// ClientGetFileDownload implements the operation.
func (a API) ClientGetFileDownload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.read-content", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(fileField); err != nil {
			return nil, err
		}
		name := c.Input.Text("file")
		c.note("server:file.download", model.With("file", name))
		// The Panel decodes the name once more than it should.
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		return c.signedURL(c.server, protocol.DownloadFile, map[string]any{"file_path": name}), nil
	})
}

// ClientGetFileUpload implements the operation.
func (a API) ClientGetFileUpload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		return c.signedURL(c.server, protocol.UploadFile, nil), nil
	})
}

// ClientWriteFile implements the operation.
func (a API) ClientWriteFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(fileField); err != nil {
			return nil, err
		}
		name := c.Input.Text("file")
		if err := c.onFiles(func(s protocol.Files) error {
			err := s.Write(name, c.Body)
			if c.Traits.BareFailures && errors.Is(err, protocol.ErrIsFolder) {
				return laravel.Crashed("FileExistsException")
			}
			return err
		}); err != nil {
			return nil, err
		}
		c.note("server:file.write", model.With("file", name))
		return laravel.NoContent, nil
	})
}

// ClientCreateFolder implements the operation.
func (a API) ClientCreateFolder(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "root", Rules: "sometimes|nullable|string"},
			laravel.Field{Name: "name", Rules: "required|string"},
		); err != nil {
			return nil, err
		}
		root, name := c.root(), c.Input.Text("name")
		if err := c.onFiles(func(s protocol.Files) error { return s.Mkdir(root, name) }); err != nil {
			return nil, err
		}
		c.note("server:file.create-directory", model.With("name", name), model.With("directory", root))
		return laravel.NoContent, nil
	})
}

// root is the folder that the names of a request are in.
func (c *serverCall) root() string {
	if root := c.Input.Text("root"); root != "" {
		return root
	}
	return "/"
}

// ClientRenameFiles implements the operation.
func (a API) ClientRenameFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.update", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "root", Rules: "required|nullable|string"},
			laravel.Field{Name: "files", Rules: "required|array"},
			laravel.Field{Name: "files.*", Rules: "array"},
			laravel.Field{Name: "files.*.to", Rules: "required|string"},
			laravel.Field{Name: "files.*.from", Rules: "required|string"},
		); err != nil {
			return nil, err
		}
		var renames []protocol.Rename
		var noted []any
		for i := range c.Input.List("files") {
			each := "files." + strconv.Itoa(i)
			rename := protocol.Rename{From: c.Input.Text(each + ".from"), To: c.Input.Text(each + ".to")}
			renames = append(renames, rename)
			noted = append(noted, laravel.Object{"from": rename.From, "to": rename.To})
		}
		if err := c.onFiles(func(s protocol.Files) error { return s.Rename(c.root(), renames) }); err != nil {
			return nil, err
		}
		c.note("server:file.rename", model.With("directory", c.root()), model.With("files", noted))
		return laravel.NoContent, nil
	})
}

// ClientCopyFile implements the operation.
func (a API) ClientCopyFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "location", Rules: "required|string"}); err != nil {
			return nil, err
		}
		location := c.Input.Text("location")
		if err := c.onFiles(func(s protocol.Files) error { return s.Copy(location) }); err != nil {
			return nil, err
		}
		c.note("server:file.copy", model.With("file", location))
		return laravel.NoContent, nil
	})
}

// ClientChmodFiles implements the operation.
func (a API) ClientChmodFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.update", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "root", Rules: "required|nullable|string"},
			laravel.Field{Name: "files", Rules: "required|array"},
			laravel.Field{Name: "files.*.file", Rules: "required|string"},
			laravel.Field{Name: "files.*.mode", Rules: "required|numeric"},
		); err != nil {
			return nil, err
		}
		var modes []protocol.Mode
		for i := range c.Input.List("files") {
			each := "files." + strconv.Itoa(i)
			value, _ := c.Input.Get(each + ".mode")
			mode, _ := value.(string) // a number is no text to Wings
			modes = append(modes, protocol.Mode{File: c.Input.Text(each + ".file"), Mode: mode})
		}
		if err := c.onFiles(func(s protocol.Files) error { return s.Chmod(c.root(), modes) }); err != nil {
			return nil, err
		}
		return laravel.NoContent, nil
	})
}

// namesFields are what requests about several files have.
func namesFields(rootRules string) []laravel.Field {
	return []laravel.Field{
		{Name: "root", Rules: rootRules},
		{Name: "files", Rules: "required|array"},
		{Name: "files.*", Rules: "string"},
	}
}

// ClientCompressFiles implements the operation.
func (a API) ClientCompressFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.archive", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		fields := namesFields("sometimes|nullable|string")
		if c.Traits.ArchiveKinds {
			fields = append(fields,
				laravel.Field{Name: "name", Rules: "sometimes|nullable|string"},
				laravel.Field{Name: "extension", Rules: "sometimes|in:zip,tgz,tar.gz,txz,tar.xz,tbz2,tar.bz2"},
			)
		}
		if err := c.Input.Validate(fields...); err != nil {
			return nil, err
		}
		var archive protocol.File
		names, as := c.Input.Texts("files"), protocol.ArchiveName{}
		if c.Traits.ArchiveKinds {
			as = protocol.ArchiveName{Name: c.Input.Text("name"), Extension: c.Input.Text("extension")}
		}
		if err := c.onFiles(func(s protocol.Files) (err error) {
			archive, err = s.Compress(c.root(), names, as)
			return err
		}); err != nil {
			return nil, err
		}
		c.note("server:file.compress", model.With("directory", c.root()), model.With("files", names))
		return laravel.OK(showFile(archive)), nil
	})
}

// ClientDecompressFile implements the operation.
func (a API) ClientDecompressFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "root", Rules: "sometimes|nullable|string"}, fileField); err != nil {
			return nil, err
		}
		file := c.Input.Text("file")
		if err := c.onFiles(func(s protocol.Files) error { return s.Decompress(c.root(), file) }); err != nil {
			return nil, err
		}
		c.note("server:file.decompress", model.With("directory", c.root()), model.With("files", file))
		return laravel.NoContent, nil
	})
}

// ClientDeleteFiles implements the operation.
func (a API) ClientDeleteFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.delete", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(namesFields("required|nullable|string")...); err != nil {
			return nil, err
		}
		names := c.Input.Texts("files")
		if err := c.onFiles(func(s protocol.Files) error { return s.Delete(c.root(), names) }); err != nil {
			return nil, err
		}
		c.note("server:file.delete", model.With("directory", c.root()), model.With("files", names))
		return laravel.NoContent, nil
	})
}

// ClientPullFile implements the operation.
func (a API) ClientPullFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServerIn(w, r, id, "file.create", tolerateSuspension, func(c *serverCall) (*laravel.Answer, error) {
		if err := c.Input.Validate(
			laravel.Field{Name: "url", Rules: "required|string|url"},
			laravel.Field{Name: "directory", Rules: "nullable|string"},
			laravel.Field{Name: "filename", Rules: "nullable|string"},
			laravel.Field{Name: "use_header", Rules: "boolean"},
			laravel.Field{Name: "foreground", Rules: "boolean"},
		); err != nil {
			return nil, err
		}
		request := protocol.Pull{
			Directory: c.Input.Text("directory"), URL: c.Input.Text("url"), FileName: c.Input.Text("filename"),
			UseHeader: c.Input.Boolean("use_header"), Foreground: c.Input.Boolean("foreground"),
		}
		if err := c.onFiles(func(s protocol.Files) error { return s.Pull(request) }); err != nil {
			return nil, err
		}
		c.note("server:file.pull", model.With("directory", request.Directory), model.With("url", request.URL))
		return laravel.NoContent, nil
	})
}
