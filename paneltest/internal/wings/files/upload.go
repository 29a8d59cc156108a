package files

import "mime/multipart"

// Upload writes one of the files of an upload. The form has cut its name
// to the base.
func (s *Store) Upload(folder string, header *multipart.FileHeader) error {
	f, err := header.Open()
	if err != nil {
		return answered(err)
	}
	defer func() { _ = f.Close() }()
	return s.writeFrom(cleanName(folder, header.Filename), f, header.Size)
}
