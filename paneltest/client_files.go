package paneltest

import (
	"net/http"
	"net/url"
)

// onFiles runs something on the files of a server.
func (c *serverCall) onFiles(act func(*fileStore) error) error {
	return c.onDaemon(c.server, func(m *machine) error { return act(m.files()) })
}

// ClientListFiles implements the operation.
func (a clientAPI) ClientListFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read", func(c *serverCall) (answer, error) {
		if err := c.in.validate(field{name: "directory", rules: "sometimes|nullable|string"}); err != nil {
			return answer{}, err
		}
		var files []fileEntry
		if err := c.onFiles(func(s *fileStore) (err error) {
			files, err = s.list(c.in.text("directory"))
			return err
		}); err != nil {
			return answer{}, err
		}
		return ok(each(files, showFile)), nil
	})
}

// fileField is the parameter that names a file.
var fileField = field{name: "file", rules: "required|string"}

// ClientGetFileContents implements the operation.
func (a clientAPI) ClientGetFileContents(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read-content", func(c *serverCall) (answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return answer{}, err
		}
		var content []byte
		if err := c.onFiles(func(s *fileStore) (err error) {
			content, err = s.read(c.in.text("file"))
			return err
		}); err != nil {
			return answer{}, err
		}
		if int64(len(content)) > c.p.state.settings.maxEditSize {
			return answer{}, refuse(http.StatusBadRequest, "FileSizeTooLargeException", "The file requested is too large to be opened.")
		}
		c.note("server:file.read", property{"file", c.in.text("file")})
		return answer{status: http.StatusOK, text: append([]byte{}, content...)}, nil
	})
}

// ClientGetFileDownload implements the operation.
func (a clientAPI) ClientGetFileDownload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.read-content", func(c *serverCall) (answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return answer{}, err
		}
		name := c.in.text("file")
		c.note("server:file.download", property{"file", name})
		// The Panel decodes the name once more than it should.
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		return c.signedURL(c.server, signedFile, map[string]any{"file_path": name}), nil
	})
}

// ClientGetFileUpload implements the operation.
func (a clientAPI) ClientGetFileUpload(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		return c.signedURL(c.server, signedUpload, nil), nil
	})
}

// ClientWriteFile implements the operation.
func (a clientAPI) ClientWriteFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		if err := c.in.validate(fileField); err != nil {
			return answer{}, err
		}
		name := c.in.text("file")
		if err := c.onFiles(func(s *fileStore) error { return s.write(name, c.body) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.write", property{"file", name})
		return none, nil
	})
}

// ClientCreateFolder implements the operation.
func (a clientAPI) ClientCreateFolder(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "sometimes|nullable|string"},
			field{name: "name", rules: "required|string"},
		); err != nil {
			return answer{}, err
		}
		root, name := c.in.root(), c.in.text("name")
		if err := c.onFiles(func(s *fileStore) error { return s.mkdir(root, name) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.create-directory", property{"name", name}, property{"directory", root})
		return none, nil
	})
}

// root is the folder that the names of a request are in.
func (in input) root() string {
	if root := in.text("root"); root != "" {
		return root
	}
	return "/"
}

// ClientRenameFiles implements the operation.
func (a clientAPI) ClientRenameFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.update", func(c *serverCall) (answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "required|nullable|string"},
			field{name: "files", rules: "required|array"},
			field{name: "files.*", rules: "array"},
			field{name: "files.*.to", rules: "required|string"},
			field{name: "files.*.from", rules: "required|string"},
		); err != nil {
			return answer{}, err
		}
		var renames []fileRename
		var noted []any
		for i := range c.in.list("files") {
			each := "files." + itoa(i)
			rename := fileRename{From: c.in.text(each + ".from"), To: c.in.text(each + ".to")}
			renames = append(renames, rename)
			noted = append(noted, object{"from": rename.From, "to": rename.To})
		}
		if err := c.onFiles(func(s *fileStore) error { return s.rename(c.in.root(), renames) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.rename", property{"directory", c.in.root()}, property{"files", noted})
		return none, nil
	})
}

// ClientCopyFile implements the operation.
func (a clientAPI) ClientCopyFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		if err := c.in.validate(field{name: "location", rules: "required|string"}); err != nil {
			return answer{}, err
		}
		location := c.in.text("location")
		if err := c.onFiles(func(s *fileStore) error { return s.copy(location) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.copy", property{"file", location})
		return none, nil
	})
}

// ClientChmodFiles implements the operation.
func (a clientAPI) ClientChmodFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.update", func(c *serverCall) (answer, error) {
		if err := c.in.validate(
			field{name: "root", rules: "required|nullable|string"},
			field{name: "files", rules: "required|array"},
			field{name: "files.*.file", rules: "required|string"},
			field{name: "files.*.mode", rules: "required|numeric"},
		); err != nil {
			return answer{}, err
		}
		var modes []fileMode
		for i := range c.in.list("files") {
			each := "files." + itoa(i)
			mode, _ := c.in.get(each + ".mode")
			if _, isText := mode.(string); !isText {
				return answer{}, daemonRefusal(errFileMode) // a number is no text to Wings
			}
			modes = append(modes, fileMode{File: c.in.text(each + ".file"), Mode: textOf(mode)})
		}
		if err := c.onFiles(func(s *fileStore) error { return s.chmod(c.in.root(), modes) }); err != nil {
			return answer{}, err
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
	a.onServer(w, r, id, "file.archive", func(c *serverCall) (answer, error) {
		if err := c.in.validate(namesFields("sometimes|nullable|string")...); err != nil {
			return answer{}, err
		}
		var archive fileEntry
		names := c.in.texts("files")
		if err := c.onFiles(func(s *fileStore) (err error) {
			archive, err = s.compress(c.in.root(), names)
			return err
		}); err != nil {
			return answer{}, err
		}
		c.note("server:file.compress", property{"directory", c.in.root()}, property{"files", names})
		return ok(showFile(archive)), nil
	})
}

// ClientDecompressFile implements the operation.
func (a clientAPI) ClientDecompressFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		if err := c.in.validate(field{name: "root", rules: "sometimes|nullable|string"}, fileField); err != nil {
			return answer{}, err
		}
		file := c.in.text("file")
		if err := c.onFiles(func(s *fileStore) error { return s.decompress(c.in.root(), file) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.decompress", property{"directory", c.in.root()}, property{"files", file})
		return none, nil
	})
}

// ClientDeleteFiles implements the operation.
func (a clientAPI) ClientDeleteFiles(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.delete", func(c *serverCall) (answer, error) {
		if err := c.in.validate(namesFields("required|nullable|string")...); err != nil {
			return answer{}, err
		}
		names := c.in.texts("files")
		if err := c.onFiles(func(s *fileStore) error { return s.delete(c.in.root(), names) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.delete", property{"directory", c.in.root()}, property{"files", names})
		return none, nil
	})
}

// ClientPullFile implements the operation.
func (a clientAPI) ClientPullFile(w http.ResponseWriter, r *http.Request, id string) {
	a.onServer(w, r, id, "file.create", func(c *serverCall) (answer, error) {
		if err := c.in.validate(
			field{name: "url", rules: "required|string|url"},
			field{name: "directory", rules: "nullable|string"},
			field{name: "filename", rules: "nullable|string"},
			field{name: "use_header", rules: "boolean"},
			field{name: "foreground", rules: "boolean"},
		); err != nil {
			return answer{}, err
		}
		request := filePull{
			Directory: c.in.text("directory"), URL: c.in.text("url"), FileName: c.in.text("filename"),
			UseHeader: c.in.boolean("use_header"), Foreground: c.in.boolean("foreground"),
		}
		if err := c.onFiles(func(s *fileStore) error { return s.pull(request) }); err != nil {
			return answer{}, err
		}
		c.note("server:file.pull", property{"directory", request.Directory}, property{"url", request.URL})
		return none, nil
	})
}
