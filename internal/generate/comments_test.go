package main

import (
	"slices"
	"testing"
)

func TestContinued(t *testing.T) {
	t.Parallel()
	tests := []struct {
		of       subject
		sentence string
		want     string
	}{
		{subject{name: "Server"}, "A server as its users see it.", "is a server as its users see it."},
		{subject{name: "Memory"}, "The memory limit in MiB; 0 means no limit.", "is the memory limit in MiB; 0 means no limit."},
		{subject{name: "Allocations"}, "The allocations of the server.", "are the allocations of the server."},
		{subject{name: "Limits"}, "The resource limits of the server.", "are the resource limits of the server."},
		{subject{name: "UpdateUserRequest"}, "The new settings of a user.", "holds the new settings of a user."},
		{subject{name: "Root"}, "The directory that the names are relative to.", "is the directory that the names are relative to."},
		{subject{name: "SFTPDetails"}, "The address of a node's SFTP server.", "is the address of a node's SFTP server."},
		{subject{name: "IsSuspended"}, "Whether the server is suspended.", "reports whether the server is suspended."},
		{subject{name: "Truncate", request: true}, "Whether to delete all files.", "specifies whether to delete all files."},
		{subject{name: "Status"}, "What keeps the server from being used.", "is what keeps the server from being used."},
		{subject{name: "FilterName"}, "Limits the list to servers of this name.", "limits the list to servers of this name."},
		{subject{name: "Tokens"}, "Ten tokens, each of which works once.", "are ten tokens, each of which works once."},
		{subject{name: "ClientListServers"}, "List servers", "lists servers."},
		{subject{name: "ClientToggleBackupLock"}, "Lock or unlock a backup", "locks or unlocks a backup."},
		{subject{name: "Old"}, "is what it was.", "is what it was."},
	}
	for _, tt := range tests {
		if got := continued(tt.sentence, tt.of); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.of.name, got, tt.want)
		}
	}
}

func TestComment(t *testing.T) {
	t.Parallel()
	c := &commenter{names: names{operations: map[string]string{"clientgetserver": "ClientGetServer"}}}
	of := subject{name: "Name", fields: map[string]string{"external_id": "ExternalID"}, nilable: true}
	got := comment(of, []string{
		"Name The name; `null` for none. See `external_id`,",
		"`clientGetServer`, `config.yml` and `a b`.",
		"Deprecated: Use `external_id`.",
	}, c.translator(of), 60)
	want := []string{
		"Name is the name; nil for none. See ExternalID,",
		`ClientGetServer, config.yml and "a b".`,
		"",
		"Deprecated: Use ExternalID.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the comment is\n%q, want\n%q", got, want)
	}
}

func TestBriefCommentsKeepTheRoute(t *testing.T) {
	t.Parallel()
	c := &commenter{}
	got := comment(subject{name: "X", brief: true}, []string{"X List servers", "(GET /api/client)"}, c.translator(subject{}), 60)
	if want := []string{"X lists servers.", "(GET /api/client)"}; !slices.Equal(got, want) {
		t.Errorf("the comment is %q, want %q", got, want)
	}
}
