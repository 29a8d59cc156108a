package paneltest

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// machine returns a server on its node, where it is created if it is not there
// yet. It is nil if the node never had Wings.
func (p *core) machine(s *server) protocol.Server {
	d := s.node.daemon
	if d == nil {
		return nil
	}
	if m := d.Server(s.uuid); m != nil {
		return m
	}
	m := d.Create(s.uuid, protocol.ServerConfig{
		Memory: int64(s.limits.memory) << 20, Disk: int64(s.limits.disk) << 20, Denied: s.egg.denylist,
		Running: s.running && s.status == "", Game: s.egg.game,
	})
	for name, content := range s.files {
		_ = m.Files().Write(name, []byte(content)) // what does not fit is not there
	}
	s.files = nil
	for _, b := range s.backups {
		m.Backup(b.uuid, b.ignored)
	}
	if s.status == statusSuspended {
		m.SetSuspended(true)
	}
	return m
}

// onDaemon runs something on the machine of a server, without the Panel's lock.
// Its errors become those that the Panel answers with.
func (c *call) onDaemon(s *server, act func(protocol.Server) error) error {
	if !s.node.up() {
		return errNodeDown
	}
	m := c.machine(s)
	var err error
	c.unlocked(func() { err = act(m) })
	if err == nil {
		return nil
	}
	return daemonRefusal(err)
}

// daemonRefusal passes an error of Wings on.
func daemonRefusal(err error) error {
	status, detail := http.StatusInternalServerError, ""
	var known *protocol.Error
	if errors.As(err, &known) {
		status = known.Status
	}
	if status < http.StatusInternalServerError {
		detail = "An error occurred on the remote host: " + known.Message + ". (request id: " + random.UUID() + ")"
	} else {
		detail = "There was an error while communicating with the machine running this server. This error has been logged, please try again. (code: " +
			strconv.Itoa(status) + ") (request_id: " + random.UUID() + ")"
	}
	return laravel.Refuse(status, "DaemonConnectionException", detail)
}

// install begins the installation of a server.
func (p *core) install(s *server, m protocol.Server, startAfter bool) {
	if s.status != statusInstalling { // else it is installed already
		s.startAfter = startAfter
	}
	s.status = statusInstalling
	m.Install()
}

// power sends a signal to a server's machine.
func (p *core) power(s *server, m protocol.Server, signal string) error {
	if signal == "start" || signal == "restart" {
		if s.egg.cannotStart {
			return nil
		}
		s.hadContainer = true
	}
	return m.Power(signal)
}

// newBackup begins a backup of a server.
func (p *core) newBackup(s *server, name string, ignored []string, locked bool) *backup {
	now := time.Now()
	if name == "" {
		name = "Backup at " + now.UTC().Format("2006-01-02 15:04:05")
	}
	b := &backup{uuid: random.UUID(), name: name, ignored: ignored, locked: locked, created: now}
	m := p.machine(s) // before it has one more that it would begin
	s.backups = append(s.backups, b)
	m.Backup(b.uuid, b.ignored)
	return b
}
