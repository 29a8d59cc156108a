package model

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// What a server's status can be; "" means that it is ready.
const (
	StatusInstalling      = "installing"
	StatusInstallFailed   = "install_failed"
	StatusReinstallFailed = "reinstall_failed"
	StatusSuspended       = "suspended"
	StatusRestoring       = "restoring_backup"
)

// Statuses are all of them.
var Statuses = []string{"", StatusInstalling, StatusInstallFailed, StatusReinstallFailed, StatusSuspended, StatusRestoring}

// Server is a server.
type Server struct {
	ID               int
	ExternalID       *string
	UUID             string
	Name             string
	Description      *string
	Owner            *User
	Node             *Node
	Egg              *Egg
	Status           string
	Installed        bool // an installation was completed once
	Transferring     bool
	Limits           Limits
	DatabaseLimit    *int
	AllocationLimit  *int
	BackupLimit      int
	Image, Command   string
	Values           map[int]*string // of variables, by their ids
	Allocation       *Allocation     // the primary one
	Allocations      []*Allocation   // by id
	Subusers         []*Subuser
	Databases        []*Database
	Schedules        []*Schedule
	Backups          []*Backup
	Created, Updated time.Time

	Files        map[string]string // that the seed gave, until its machine exists
	Running      bool              // as the seed has it
	Transfer     *time.Timer       // that ends the transfer
	Incoming     []*Allocation     // where it is to be after that
	StartAfter   bool              // when the installation is done
	HadContainer bool              // it was started once
	Stats        *protocol.Stats   // what the Panel keeps for a while
	StatsTime    time.Time
}

// Identifier is the short id.
func (s *Server) Identifier() string { return s.UUID[:8] }

// Limits are what a server may use.
type Limits struct {
	Memory, Swap, Disk, IO, CPU int
	Threads                     *string
	OOMDisabled                 bool
}

// Value is the value of a variable on this server, nil if there is none.
func (s *Server) Value(v *Variable) *string { return s.Values[v.ID] }

// Subuser returns the part that a user has in the server, nil for none.
func (s *Server) Subuser(u *User) *Subuser {
	for _, sub := range s.Subusers {
		if sub.User == u {
			return sub
		}
	}
	return nil
}

// Invocation is the start command with values in it, hidden ones masked for
// those who may not see any.
func (s *Server) Invocation(masked bool) string {
	replacements := []string{
		"{{SERVER_MEMORY}}", strconv.Itoa(s.Limits.Memory),
		"{{SERVER_IP}}", s.Allocation.IP,
		"{{SERVER_PORT}}", strconv.Itoa(s.Allocation.Port),
	}
	for _, v := range s.Egg.Variables {
		text := "[hidden]"
		if v.Viewable && !masked {
			text = Deref(s.Value(v))
		}
		replacements = append(replacements, "{{"+v.Env+"}}", text)
	}
	return strings.NewReplacer(replacements...).Replace(s.Command)
}

// Subuser is the part that a user has in a server of another.
type Subuser struct {
	ID               int
	User             *User
	Server           *Server
	Permissions      []string
	Created, Updated time.Time
}

// Assign gives an allocation to a server.
func (s *Server) Assign(a *Allocation) {
	a.Server = s
	s.Allocations = append(s.Allocations, a)
	slices.SortFunc(s.Allocations, func(a, b *Allocation) int { return a.ID - b.ID })
}

// Release takes an allocation from a server.
func (s *Server) Release(a *Allocation) {
	a.Server, a.Notes = nil, nil
	s.Allocations = slices.DeleteFunc(s.Allocations, func(b *Allocation) bool { return b == a })
}

// VisibleVariables are those that users may see.
func (s *Server) VisibleVariables() []*Variable {
	var visible []*Variable
	for _, v := range s.Egg.Variables {
		if v.Viewable {
			visible = append(visible, v)
		}
	}
	return visible
}

// NamedVariables are variables in the order of their names.
func NamedVariables(all []*Variable) []*Variable {
	return slices.SortedStableFunc(slices.Values(all), func(a, b *Variable) int { return strings.Compare(a.Name, b.Name) })
}

// ShortID is the length of the part of a UUID that names a server too.
const ShortID = 8
