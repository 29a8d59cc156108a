package wings

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // it is what Wings names backups' checksums
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/wings/files"
)

// backupFolder is where a daemon with a folder keeps the backups.
const backupFolder = ".backups"

// storedBackup is an archive of a server's files, in memory or in a file.
type storedBackup struct {
	data []byte
	file string
}

// open returns the archive and its size.
func (b storedBackup) open() (files.File, int64, error) {
	if b.file == "" {
		return files.NewReader(b.data), int64(len(b.data)), nil
	}
	f, err := os.Open(b.file)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // the first error is the reason
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Backup makes an archive of the files in the background, without those that
// the ignored patterns or, if there are none, the file .pteroignore name. The
// Panel hears of its end before the sockets do.
func (srv *Server) Backup(uuid string, ignored []string) {
	srv.daemon.spawn(func() {
		result := protocol.BackupResult{UUID: uuid, ChecksumType: "sha1"}
		if backup, err := srv.pack(uuid, ignored, &result); err == nil {
			result.Successful = true
			srv.mu.Lock()
			if srv.backups == nil {
				srv.backups = make(map[string]storedBackup)
			}
			srv.backups[uuid] = backup
			srv.mu.Unlock()
		}
		srv.daemon.cfg.Remote.BackupFinished(srv.uuid, result)
		event, err := json.Marshal(struct {
			Checksum     string `json:"checksum"`
			ChecksumType string `json:"checksum_type"`
			Size         int64  `json:"file_size"`
			Successful   bool   `json:"is_successful"`
			UUID         string `json:"uuid"`
		}{result.Checksum, result.ChecksumType, result.Size, result.Successful, uuid})
		if err == nil {
			srv.tell(eventBackupCompleted, string(event))
		}
	})
}

// pack writes the archive of a backup.
func (srv *Server) pack(uuid string, ignored []string, result *protocol.BackupResult) (backup storedBackup, err error) {
	if len(ignored) == 0 {
		ignored = srv.store.IgnoreFile()
	}
	sum, size := sha1.New(), new(countingWriter) //nolint:gosec // as above
	write := func(w io.Writer) error {
		return srv.store.Pack(io.MultiWriter(w, sum, size), ignored)
	}
	if folder := srv.daemon.folder(backupFolder, srv.uuid); folder != "" {
		backup.file = filepath.Join(folder, uuid+".tar.gz")
		err = writeFile(backup.file, write)
	} else {
		var memory bytes.Buffer
		err = write(&memory)
		backup.data = memory.Bytes()
	}
	result.Checksum, result.Size = hex.EncodeToString(sum.Sum(nil)), size.n
	return backup, err
}

// writeFile makes a file and the folder that it is in.
func writeFile(name string, write func(w io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.Create(name) //nolint:gosec // it is in the folder of the caller
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// countingWriter counts bytes.
type countingWriter struct{ n int64 }

// Write implements [io.Writer].
func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += int64(len(p))
	return len(p), nil
}

// Restore writes the files of a backup in the background, and first deletes all
// others if truncate is true. The game is stopped. The Panel hears of its end
// before the sockets do.
func (srv *Server) Restore(uuid string, truncate bool) {
	srv.mu.Lock()
	backup, ok := srv.backups[uuid]
	srv.restoring = true
	srv.mu.Unlock()
	srv.daemon.spawn(func() {
		srv.halt()
		if ok && truncate {
			srv.store.Clear()
		}
		ok = ok && srv.unpackBackup(backup) == nil
		srv.mu.Lock()
		srv.restoring = false
		srv.mu.Unlock()
		srv.daemon.cfg.Remote.RestoreFinished(srv.uuid, uuid, ok)
		srv.tell(eventDaemonMessage, "Completed server restoration from local backup.")
		srv.tell(eventRestoreCompleted, "")
	})
}

func (srv *Server) unpackBackup(backup storedBackup) error {
	archive, _, err := backup.open()
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	return srv.store.Unpack(archive, "backup.tar.gz", func(name string) {
		srv.tell(eventDaemonMessage, "(restoring): "+name)
	})
}

// DeleteBackup deletes a backup. It may not exist.
func (srv *Server) DeleteBackup(uuid string) {
	srv.mu.Lock()
	backup := srv.backups[uuid]
	delete(srv.backups, uuid)
	srv.mu.Unlock()
	discard(backup.file)
}
