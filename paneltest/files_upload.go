package paneltest

import "mime/multipart"

// upload writes one of the files of an upload. The form has cut its name
// to the base.
func (s *fileStore) upload(folder string, header *multipart.FileHeader) error {
	f, err := header.Open()
	if err != nil {
		return fileError(err)
	}
	defer func() { _ = f.Close() }()
	return s.writeFrom(fileName(folder, header.Filename), f, header.Size)
}
