package protocol

// Remote is the Panel, as the Wings of a node uses it. Its methods are called
// without locks, from any goroutine.
type Remote interface {
	// ServerWanted tells that a client asks for a server that the node does not
	// have. The Panel creates it now, if it has it for this node.
	ServerWanted(server string)

	// InstallFinished tells that an installation has ended.
	InstallFinished(server string, successful bool)

	// BackupFinished tells that a backup has ended.
	BackupFinished(server string, result BackupResult)

	// RestoreFinished tells that a backup was restored, or that it failed.
	RestoreFinished(server, backup string, successful bool)
}

// BackupResult is what became of a backup.
type BackupResult struct {
	UUID         string
	Checksum     string // hex
	ChecksumType string // sha1
	Size         int64
	Successful   bool
}
