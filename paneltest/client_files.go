package paneltest

import (
	"net/http"
	"net/url"
	"strconv"
)

// onFiles runs something on the files of a server.
func (c *serverCall) onFiles(act func(*fileStore) error) error {
	return c.onDaemon(c.server, func(m *machine) error { return act(m.files()) })
}

// ClientListFiles implements the operation.
func (a clientAPI) ClientListFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(field{name: "directory", rules: "sometimes|nullable|string"}); err != nil {
			return nil, err
		}
		var files []fileEntry
		if err := c.onFiles(func(s *fileStore) (err error) {
			files, err = s.list(c.in.text("directory"))
			return err
		}); err != nil {
			return nil, err
		}
		return ok(each(files, showFile)), nil
	})
}

// fileField is the parameter that names a file.
var fileField = field{name: "file", rules: "required|string"}

// ClientGetFileContents implements the operation.
func (a clientAPI) ClientGetFileContents(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read-content", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return nil, err
		}
		var content []byte
		if err := c.onFiles(func(s *fileStore) (err error) {
			content, err = s.read(c.in.text("file"))
			return err
		}); err != nil {
			return nil, err
		}
		if int64(len(content)) > c.p.state.settings.maxEditSize {
			return nil, refuse(http.StatusBadRequest, "FileSizeTooLargeException", "The file requested is too large to be opened.")
		}
		c.note("server:file.read", with("file", c.in.text("file")))
		return &answer{status: http.StatusOK, text: append([]byte{}, content...)}, nil
	})
}

// ClientGetFileDownload implements the operation.
func (a clientAPI) ClientGetFileDownload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read-content", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return nil, err
		}
		name := c.in.text("file")
		c.note("server:file.download", with("file", name))
		// The Panel decodes the name once more than it should.
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		return c.signedURL(c.server, signedFile, map[string]any{"file_path": name}), nil
	})
}

// ClientGetFileUpload implements the operation.
func (a clientAPI) ClientGetFileUpload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		return c.signedURL(c.server, signedUpload, nil), nil
	})
}

// ClientWriteFile implements the operation.
func (a clientAPI) ClientWriteFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return nil, err
		}
		name := c.in.text("file")
		if err := c.onFiles(func(s *fileStore) error { return s.write(name, c.body) }); err != nil {
			return nil, err
		}
		c.note("server:file.write", with("file", name))
		return none, nil
	})
}

// ClientCreateFolder implements the operation.
func (a clientAPI) ClientCreateFolder(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "sometimes|nullable|string"},
			field{name: "name", rules: "required|string"},
		); err != nil {
			return nil, err
		}
		root, name := c.root(), c.in.text("name")
		if err := c.onFiles(func(s *fileStore) error { return s.mkdir(root, name) }); err != nil {
			return nil, err
		}
		c.note("server:file.create-directory", with("name", name), with("directory", root))
		return none, nil
	})
}

// root is the folder that the names of a request are in.
func (c *serverCall) root() string {
	if root := c.in.text("root"); root != "" {
		return root
	}
	return "/"
}

// ClientRenameFiles implements the operation.
func (a clientAPI) ClientRenameFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.update", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "required|nullable|string"},
			field{name: "files", rules: "required|array"},
			field{name: "files.*", rules: "array"},
			field{name: "files.*.to", rules: "required|string"},
			field{name: "files.*.from", rules: "required|string"},
		); err != nil {
			return nil, err
		}
		var renames []fileRename
		var noted []any
		for i := range c.in.list("files") {
			each := "files." + strconv.Itoa(i)
			rename := fileRename{From: c.in.text(each + ".from"), To: c.in.text(each + ".to")}
			renames = append(renames, rename)
			noted = append(noted, object{"from": rename.From, "to": rename.To})
		}
		if err := c.onFiles(func(s *fileStore) error { return s.rename(c.root(), renames) }); err != nil {
			return nil, err
		}
		c.note("server:file.rename", with("directory", c.root()), with("files", noted))
		return none, nil
	})
}

// ClientCopyFile implements the operation.
func (a clientAPI) ClientCopyFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(field{name: "location", rules: "required|string"}); err != nil {
			return nil, err
		}
		location := c.in.text("location")
		if err := c.onFiles(func(s *fileStore) error { return s.copy(location) }); err != nil {
			return nil, err
		}
		c.note("server:file.copy", with("file", location))
		return none, nil
	})
}

// ClientChmodFiles implements the operation.
func (a clientAPI) ClientChmodFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.update", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "required|nullable|string"},
			field{name: "files", rules: "required|array"},
			field{name: "files.*.file", rules: "required|string"},
			field{name: "files.*.mode", rules: "required|numeric"},
		); err != nil {
			return nil, err
		}
		var modes []fileMode
		for i := range c.in.list("files") {
			each := "files." + strconv.Itoa(i)
			mode, _ := c.in.get(each + ".mode")
			if _, isText := mode.(string); !isText {
				return nil, daemonRefusal(errFileMode) // a number is no text to Wings
			}
			modes = append(modes, fileMode{File: c.in.text(each + ".file"), Mode: textOf(mode)})
		}
		if err := c.onFiles(func(s *fileStore) error { return s.chmod(c.root(), modes) }); err != nil {
			return nil, err
		}
		return none, nil
	})
}

// namesFields are what requests about several files have.
func namesFields(rootRules string) []field {
	return []field{
		{name: "root", rules: rootRules},
		{name: "files", rules: "required|array"},
		{name: "files.*", rules: "string"},
	}
}

// ClientCompressFiles implements the operation.
func (a clientAPI) ClientCompressFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.archive", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(namesFields("sometimes|nullable|string")...); err != nil {
			return nil, err
		}
		var archive fileEntry
		names := c.in.texts("files")
		if err := c.onFiles(func(s *fileStore) (err error) {
			archive, err = s.compress(c.root(), names)
			return err
		}); err != nil {
			return nil, err
		}
		c.note("server:file.compress", with("directory", c.root()), with("files", names))
		return ok(showFile(archive)), nil
	})
}

// ClientDecompressFile implements the operation.
func (a clientAPI) ClientDecompressFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(field{name: "root", rules: "sometimes|nullable|string"}, fileField); err != nil {
			return nil, err
		}
		file := c.in.text("file")
		if err := c.onFiles(func(s *fileStore) error { return s.decompress(c.root(), file) }); err != nil {
			return nil, err
		}
		c.note("server:file.decompress", with("directory", c.root()), with("files", file))
		return none, nil
	})
}

// ClientDeleteFiles implements the operation.
func (a clientAPI) ClientDeleteFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.delete", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(namesFields("required|nullable|string")...); err != nil {
			return nil, err
		}
		names := c.in.texts("files")
		if err := c.onFiles(func(s *fileStore) error { return s.delete(c.root(), names) }); err != nil {
			return nil, err
		}
		c.note("server:file.delete", with("directory", c.root()), with("files", names))
		return none, nil
	})
}

// ClientPullFile implements the operation.
func (a clientAPI) ClientPullFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (*answer, error) {
		if err := c.in.validate(
			field{name: "url", rules: "required|string|url"},
			field{name: "directory", rules: "nullable|string"},
			field{name: "filename", rules: "nullable|string"},
			field{name: "use_header", rules: "boolean"},
			field{name: "foreground", rules: "boolean"},
		); err != nil {
			return nil, err
		}
		request := filePull{
			Directory: c.in.text("directory"), URL: c.in.text("url"), FileName: c.in.text("filename"),
			UseHeader: c.in.boolean("use_header"), Foreground: c.in.boolean("foreground"),
		}
		if err := c.onFiles(func(s *fileStore) error { return s.pull(request) }); err != nil {
			return nil, err
		}
		c.note("server:file.pull", with("directory", request.Directory), with("url", request.URL))
		return none, nil
	})
}
