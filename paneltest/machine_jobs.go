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
)

// install runs the install script, in the time that the game takes to boot. It
// calls done before it tells the sockets, and never if the daemon closes.
func (m *machine) install(done func(ok bool)) {
	m.mu.Lock()
	busy := m.installing
	m.installing = true
	m.mu.Unlock()
	if busy {
		return
	}
	m.daemon.spawn(func() {
		m.halt()
		m.tell(eventInstallStarted, "")
		length := m.spec.Game.BootTime
		if !wait(m.daemon.ctx, length/2) {
			return
		}
		m.tell(eventDaemonMessage, "Starting installation process, this could take a few minutes...")
		m.tell(eventInstallOutput, "Installing the game")
		if !wait(m.daemon.ctx, length-length/2) {
			return
		}
		m.tell(eventInstallOutput, "The game is installed")
		m.mu.Lock()
		m.installing = false
		m.mu.Unlock()
		done(true)
		m.tell(eventInstallCompleted, "")
	})
}

// tell is publish for those who do not hold acting.
func (m *machine) tell(event string, args ...string) {
	m.acting.Lock()
	defer m.acting.Unlock()
	m.publish(event, args...)
}

// backupResult is what became of a backup.
type backupResult struct {
	UUID         string
	Checksum     string // hex
	ChecksumType string // sha1
	Size         int64
	Successful   bool
}

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
		return memoryReader{bytes.NewReader(b.data)}, int64(len(b.data)), nil
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

// backup makes an archive of the files in the background, without those that
// the ignored patterns or, if there are none, the file .pteroignore name. It
// calls done before it tells the sockets.
func (m *machine) backup(uuid string, ignored []string, done func(backupResult)) {
	m.daemon.spawn(func() {
		result := backupResult{UUID: uuid, ChecksumType: "sha1"}
		if backup, err := m.pack(uuid, ignored, &result); err == nil {
			result.Successful = true
			m.mu.Lock()
			if m.backups == nil {
				m.backups = make(map[string]storedBackup)
			}
			m.backups[uuid] = backup
			m.mu.Unlock()
		}
		done(result)
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
func (m *machine) pack(uuid string, ignored []string, result *backupResult) (backup storedBackup, err error) {
	if len(ignored) == 0 {
		ignored = m.store.ignoreFile()
	}
	sum, size := sha1.New(), new(countingWriter) //nolint:gosec // as above
	write := func(w io.Writer) error {
		return m.store.pack(io.MultiWriter(w, sum, size), ".", nil, newIgnoreRules(ignored))
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

// restore writes the files of a backup in the background, and first deletes all
// others if truncate is true. The game is stopped. It calls done before it tells
// the sockets of the end.
func (m *machine) restore(uuid string, truncate bool, done func(ok bool)) {
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
		done(ok)
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
	return m.store.unpack(archive, "backup.tar.gz", ".", func(name string) {
		m.tell(eventDaemonMessage, "(restoring): "+name)
	})
}

// removeBackup deletes a backup. It may not exist.
func (m *machine) removeBackup(uuid string) {
	m.mu.Lock()
	backup := m.backups[uuid]
	delete(m.backups, uuid)
	m.mu.Unlock()
	discard(backup.file)
}
