// Package protocol is all that the Panel and Wings know of each other: what the
// Panel asks of a node is a [Daemon], what Wings reports to the Panel goes to
// its [Remote].
package protocol

import "time"

// Daemon is the Wings of a node, as the Panel uses it. It is safe for concurrent
// use.
type Daemon interface {
	// Create makes a server. If there is one with the UUID it returns that.
	Create(uuid string, config ServerConfig) Server

	// Server returns a server, nil if the node does not have it.
	Server(uuid string) Server

	// Delete removes a server with its files and backups. It may not exist.
	Delete(uuid string)

	// Leave is Delete for a server that has moved to another node.
	Leave(uuid string)

	// Revoke refuses the tokens with an ID ("jti") that were issued so far.
	Revoke(tokenID string)

	// Close ends the node for good, and waits for all that runs on it.
	Close()
}

// Server is a server on its node.
type Server interface {
	// State returns one of the states, such as [StateRunning].
	State() string

	// Stats returns what the server uses.
	Stats() Stats

	// Power begins to start, stop, restart or kill the game, and returns before
	// that is done.
	Power(signal string) error

	// Command types a line into the terminal of the game. It may have to wait
	// for clients of the console that are slow to read.
	Command(text string) error

	// SetSuspended suspends the server, or lifts its suspension.
	SetSuspended(suspended bool)

	// Install begins to run the install script. [Remote.InstallFinished] tells
	// of its end. While one runs, others do not begin.
	Install()

	// Backup begins a backup without the ignored files, which are patterns as
	// in .gitignore. [Remote.BackupFinished] tells of its end.
	Backup(uuid string, ignored []string)

	// Restore begins to write the files of a backup, and first deletes all
	// others if truncate is true. [Remote.RestoreFinished] tells of its end.
	Restore(uuid string, truncate bool)

	// DeleteBackup removes a backup. It may not exist.
	DeleteBackup(uuid string)

	// Files returns the files of the server.
	Files() Files
}

// Files are the files of a server. Names are absolute or not, and never lead out
// of its folder. Errors are *[Error].
type Files interface {
	// List returns what is in a folder.
	List(folder string) ([]File, error)

	// Read returns the contents of a file, which must not be changed.
	Read(name string) ([]byte, error)

	// Write makes or replaces a file, and the folders that it is in. The
	// content is not kept.
	Write(name string, content []byte) error

	// Rename moves files and folders. It passes over those that do not exist.
	Rename(root string, files []Rename) error

	// Copy makes "name copy.ext" of a file, or "name copy 1.ext" and so on.
	Copy(location string) error

	// Delete removes files and folders. It passes over those that do not exist.
	Delete(root string, names []string) error

	// Mkdir makes a folder, and those that it is in. It may exist.
	Mkdir(root, name string) error

	// Chmod gives files modes. It passes over those that do not exist.
	Chmod(root string, modes []Mode) error

	// Compress makes an archive of files and folders, in the folder that they
	// are in. It passes over those that do not exist.
	Compress(root string, names []string, as ArchiveName) (File, error)

	// Decompress unpacks an archive into a folder.
	Decompress(root, name string) error

	// Pull downloads a remote file. Errors in the background are lost.
	Pull(request Pull) error
}

// ServerConfig is what a server on a node is made of.
type ServerConfig struct {
	Memory, Disk int64    // bytes, 0 for no limit
	Denied       []string // files that may not be touched, as .gitignore has them
	Running      bool     // the game has been started before the server is created
	Game         Game

	// Features are what lines the features of the game wait for, by their names.
	// Only the Wings of Pelican looks for them.
	Features map[string][]string
}

// Game is how the sample game of a server behaves. Its functions are called from
// several goroutines.
type Game struct {
	Boot               []string                      // what it prints when it starts
	Done               string                        // what it prints last then, and what Wings takes for a start that is done
	Stop               string                        // the command that stops it, "stop" by default
	BootTime, StopTime time.Duration                 // 0 is at once
	Rate               float64                       // lines a second while it runs
	Line               func(n int) string            // the nth of them, from 1
	Answer             func(command string) []string // to a command
}

// The states of a server.
const (
	StateOffline  = "offline"
	StateStarting = "starting"
	StateRunning  = "running"
	StateStopping = "stopping"
)

// Stats is a sample of what a server uses.
type Stats struct {
	MemoryBytes, MemoryLimitBytes int64
	CPU                           float64 // percent of one core
	Rx, Tx                        int64   // bytes
	Uptime                        int64   // milliseconds
	DiskBytes                     int64
	State                         string
}

// File is a file in a list.
type File struct {
	Name              string
	Mode              string // -rw-r--r--
	ModeBits          string // 644
	Size              int64
	IsFile, IsSymlink bool
	MIMEType          string
	Created, Modified time.Time
}

// Rename moves a file or folder to another name.
type Rename struct{ From, To string }

// Mode gives a file a mode.
type Mode struct {
	File string
	Mode string // octal digits
}

// ArchiveName is what an archive is called. An empty name stands for one with the
// time, an empty extension for tar.gz.
type ArchiveName struct{ Name, Extension string }

// Pull asks for the download of a remote file.
type Pull struct {
	Directory, URL string
	FileName       string // "" takes the one of the URL
	UseHeader      bool   // the answer names the file, if FileName does not
	Foreground     bool   // and the end is waited for
}

// Error is an error as Wings answers it.
type Error struct {
	Status  int
	Message string

	// Sent is the status that Wings sends, where the Panel makes another one of
	// it.
	Sent int
}

// Error implements [error].
func (e *Error) Error() string { return e.Message }

// ErrUnexpected stands for all that Wings does not explain.
var ErrUnexpected = &Error{Status: 500, Message: "An unexpected error was encountered while processing this request"}

// ErrIsFolder is for a file that would have the name of a folder.
var ErrIsFolder = &Error{Status: 400, Message: "Cannot write file, name conflicts with an existing directory by the same name."}

// The paths of signed URLs, each with the claims that its token needs.
const (
	DownloadFile   = "/download/file"   // file_path
	DownloadBackup = "/download/backup" // backup_uuid
	UploadFile     = "/upload/file"
)

// SocketScope is the scope of tokens for sockets. Panel 1.12.3 names it, and Wings
// 1.12.2 and later refuse tokens without one.
const SocketScope = "websocket"

// Scopes has the scopes of tokens for signed URLs, by their paths.
var Scopes = map[string]string{DownloadFile: "file-download", DownloadBackup: "backup-download", UploadFile: "file-upload"}

// The permissions that Wings itself looks at.
const (
	PermitConnect  = "websocket.connect"
	PermitCommand  = "control.console"
	PermitStart    = "control.start"
	PermitStop     = "control.stop" // and to kill
	PermitRestart  = "control.restart"
	PermitBackups  = "backup.read"
	PermitErrors   = "admin.websocket.errors"
	PermitInstall  = "admin.websocket.install"
	PermitTransfer = "admin.websocket.transfer"
	PermitAll      = "*" // but those that begin with "admin"
)
