package paneltest

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
)

// backupFolder is where a daemon with a folder keeps the backups.
const backupFolder = ".backups"

// storedBackup is an archive of a machine's files, in memory or in a file.
type storedBackup struct {
	data []byte
	file string
}

// open returns the archive and its size.
func (b storedBackup) open() (volumeFile, int64, error) {
	if b.file == "" {
		return newReader(b.data), int64(len(b.data)), nil
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
func (m *machine) Backup(uuid string, ignored []string) {
	m.daemon.spawn(func() {
		result := protocol.BackupResult{UUID: uuid, ChecksumType: "sha1"}
		if backup, err := m.pack(uuid, ignored, &result); err == nil {
			result.Successful = true
			m.mu.Lock()
			if m.backups == nil {
				m.backups = make(map[string]storedBackup)
			}
			m.backups[uuid] = backup
			m.mu.Unlock()
		}
		m.daemon.cfg.Remote.BackupFinished(m.uuid, result)
		event, err := json.Marshal(struct {
			Checksum     string `json:"checksum"`
			ChecksumType string `json:"checksum_type"`
			Size         int64  `json:"file_size"`
			Successful   bool   `json:"is_successful"`
			UUID         string `json:"uuid"`
		}{result.Checksum, result.ChecksumType, result.Size, result.Successful, uuid})
		if err == nil {
			m.tell(eventBackupCompleted, string(event))
		}
	})
}

// pack writes the archive of a backup.
func (m *machine) pack(uuid string, ignored []string, result *protocol.BackupResult) (backup storedBackup, err error) {
	if len(ignored) == 0 {
		ignored = m.store.ignoreFile()
	}
	sum, size := sha1.New(), new(countingWriter) //nolint:gosec // as above
	write := func(w io.Writer) error {
		return m.store.pack(io.MultiWriter(w, sum, size), ignored)
	}
	if folder := m.daemon.folder(backupFolder, m.uuid); folder != "" {
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
func (m *machine) Restore(uuid string, truncate bool) {
	m.mu.Lock()
	backup, ok := m.backups[uuid]
	m.restoring = true
	m.mu.Unlock()
	m.daemon.spawn(func() {
		m.halt()
		if ok && truncate {
			m.store.clear()
		}
		ok = ok && m.unpackBackup(backup) == nil
		m.mu.Lock()
		m.restoring = false
		m.mu.Unlock()
		m.daemon.cfg.Remote.RestoreFinished(m.uuid, uuid, ok)
		m.tell(eventDaemonMessage, "Completed server restoration from local backup.")
		m.tell(eventRestoreCompleted, "")
	})
}

func (m *machine) unpackBackup(backup storedBackup) error {
	archive, _, err := backup.open()
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	return m.store.unpack(archive, "backup.tar.gz", func(name string) {
		m.tell(eventDaemonMessage, "(restoring): "+name)
	})
}

// DeleteBackup deletes a backup. It may not exist.
func (m *machine) DeleteBackup(uuid string) {
	m.mu.Lock()
	backup := m.backups[uuid]
	delete(m.backups, uuid)
	m.mu.Unlock()
	discard(backup.file)
}
