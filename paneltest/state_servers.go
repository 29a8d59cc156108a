package paneltest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// What a server's status can be; "" means that it is ready.
const (
	statusInstalling      = "installing"
	statusInstallFailed   = "install_failed"
	statusReinstallFailed = "reinstall_failed"
	statusSuspended       = "suspended"
	statusRestoring       = "restoring_backup"
)

var statuses = []string{"", statusInstalling, statusInstallFailed, statusReinstallFailed, statusSuspended, statusRestoring}

type server struct {
	id               int
	externalID       *string
	uuid             string
	name             string
	description      *string
	owner            *user
	node             *node
	egg              *egg
	status           string
	installed        bool // an installation was completed once
	transferring     bool
	limits           limits
	databaseLimit    *int
	allocationLimit  *int
	backupLimit      int
	image, command   string
	values           map[int]*string // of variables, by their ids
	allocation       *allocation     // the primary one
	allocations      []*allocation   // by id
	subusers         []*subuser
	databases        []*database
	schedules        []*schedule
	backups          []*backup
	created, updated time.Time

	files        map[string]string // that the seed gave, until its machine exists
	running      bool              // as the seed has it
	startAfter   bool              // when the installation is done
	hadContainer bool              // it was started once
	stats        *protocol.Stats   // what the Panel keeps for a while
	statsTime    time.Time
}

// identifier is the short id.
func (s *server) identifier() string { return s.uuid[:8] }

type limits struct {
	memory, swap, disk, io, cpu int
	threads                     *string
	oomDisabled                 bool
}

// value is the value of a variable on this server, nil if there is none.
func (s *server) value(v *variable) *string { return s.values[v.id] }

// subuser returns the part that a user has in the server, nil for none.
func (s *server) subuser(u *user) *subuser {
	for _, sub := range s.subusers {
		if sub.user == u {
			return sub
		}
	}
	return nil
}

// invocation is the start command with values in it, hidden ones masked for
// those who may not see any.
func (s *server) invocation(masked bool) string {
	replacements := []string{
		"{{SERVER_MEMORY}}", strconv.Itoa(s.limits.memory),
		"{{SERVER_IP}}", s.allocation.ip,
		"{{SERVER_PORT}}", strconv.Itoa(s.allocation.port),
	}
	for _, v := range s.egg.variables {
		text := "[hidden]"
		if v.viewable && !masked {
			text = deref(s.value(v))
		}
		replacements = append(replacements, "{{"+v.env+"}}", text)
	}
	return strings.NewReplacer(replacements...).Replace(s.command)
}

type subuser struct {
	id               int
	user             *user
	server           *server
	permissions      []string
	created, updated time.Time
}

// addServer puts a server with its allocations into the tables.
func (s *state) addServer(srv *server) {
	s.servers.add(srv.id, srv)
	s.serversByUUID[srv.uuid] = srv
	s.serversByUUID[srv.identifier()] = srv
}

// removeServer takes a server and all that hangs on it out of the tables.
func (s *state) removeServer(srv *server) {
	s.servers.remove(srv.id)
	delete(s.serversByUUID, srv.uuid)
	delete(s.serversByUUID, srv.identifier())
	for _, a := range srv.allocations {
		a.server, a.notes = nil, nil
	}
	for _, sub := range srv.subusers {
		s.subusers.remove(sub.id)
	}
	for _, d := range srv.databases {
		s.databases.remove(d.id)
	}
	for _, schedule := range srv.schedules {
		s.removeSchedule(schedule)
	}
}

// assign gives an allocation to a server.
func (s *server) assign(a *allocation) {
	a.server = s
	s.allocations = append(s.allocations, a)
	slices.SortFunc(s.allocations, func(a, b *allocation) int { return a.id - b.id })
}

// release takes an allocation from a server.
func (s *server) release(a *allocation) {
	a.server, a.notes = nil, nil
	s.allocations = slices.DeleteFunc(s.allocations, func(b *allocation) bool { return b == a })
}

// visibleVariables are those that users may see.
func (s *server) visibleVariables() []*variable {
	var visible []*variable
	for _, v := range s.egg.variables {
		if v.viewable {
			visible = append(visible, v)
		}
	}
	return visible
}

// shortID is the length of the part of a UUID that names a server too.
const shortID = 8
