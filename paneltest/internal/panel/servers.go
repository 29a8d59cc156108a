package panel

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// OnNode returns a server on its node, where it is created if it is not there
// yet. It is nil if the node never had Wings.
func (p *Panel) OnNode(s *model.Server) protocol.Server {
	d := s.Node.Daemon
	if d == nil {
		return nil
	}
	if m := d.Server(s.UUID); m != nil {
		return m
	}
	m := d.Create(s.UUID, protocol.ServerConfig{
		Memory: int64(s.Limits.Memory) << 20, Disk: int64(s.Limits.Disk) << 20, Denied: s.Egg.Denylist,
		Running: s.Running && s.Status == "", Game: s.Egg.Game,
	})
	for name, content := range s.Files {
		_ = m.Files().Write(name, []byte(content)) // what does not fit is not there
	}
	s.Files = nil
	for _, b := range s.Backups {
		m.Backup(b.UUID, b.Ignored)
	}
	if s.Status == model.StatusSuspended {
		m.SetSuspended(true)
	}
	return m
}

// OnDaemon runs something on the machine of a server, without the Panel's lock.
// Its errors become those that the Panel answers with.
func (c *Call) OnDaemon(s *model.Server, act func(protocol.Server) error) error {
	if !s.Node.Up() {
		return ErrNodeDown
	}
	m := c.OnNode(s)
	var err error
	c.Unlocked(func() { err = act(m) })
	if err == nil {
		return nil
	}
	return DaemonRefusal(err)
}

// DaemonRefusal passes an error of Wings on.
func DaemonRefusal(err error) error {
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

// Install begins the installation of a server.
func (p *Panel) Install(s *model.Server, m protocol.Server, startAfter bool) {
	if s.Status != model.StatusInstalling { // else it is installed already
		s.StartAfter = startAfter
	}
	s.Status = model.StatusInstalling
	m.Install()
}

// Power sends a signal to a server's machine.
func (p *Panel) Power(s *model.Server, m protocol.Server, signal string) error {
	if signal == "start" || signal == "restart" {
		if s.Egg.CannotStart {
			return nil
		}
		s.HadContainer = true
	}
	return m.Power(signal)
}

// NewBackup begins a backup of a server.
func (p *Panel) NewBackup(s *model.Server, name string, ignored []string, locked bool) *model.Backup {
	now := time.Now()
	if name == "" {
		name = "Backup at " + now.UTC().Format("2006-01-02 15:04:05")
	}
	b := &model.Backup{UUID: random.UUID(), Name: name, Ignored: ignored, Locked: locked, Created: now}
	m := p.OnNode(s) // before it has one more that it would begin
	s.Backups = append(s.Backups, b)
	m.Backup(b.UUID, b.Ignored)
	return b
}
