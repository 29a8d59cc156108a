package panel

import (
	"cmp"
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
	if srv := d.Server(s.UUID); srv != nil {
		return srv
	}
	srv := d.Create(s.UUID, protocol.ServerConfig{
		Memory: int64(s.Limits.Memory) << 20, Disk: int64(s.Limits.Disk) << 20, Denied: s.Egg.Denylist, Features: featuresOf(s.Egg),
		Running: s.Running && s.Status == "", Game: s.Egg.Game,
	})
	for name, content := range s.Files {
		_ = srv.Files().Write(name, []byte(content)) // what does not fit is not there
	}
	s.Files = nil
	for _, b := range s.Backups {
		srv.Backup(b.UUID, b.Ignored)
	}
	if s.Status == model.StatusSuspended {
		srv.SetSuspended(true)
	}
	return srv
}

// featureLines are the lines that the known features of eggs wait for.
var featureLines = map[string][]string{"eula": {"you need to agree to the eula in order to run the server"}}

// featuresOf are those of an egg that wait for lines.
func featuresOf(e *model.Egg) map[string][]string {
	var features map[string][]string
	for _, name := range e.Features {
		if lines := featureLines[name]; lines != nil {
			if features == nil {
				features = make(map[string][]string)
			}
			features[name] = lines
		}
	}
	return features
}

// AskNode runs something on a server on its node, without the Panel's lock.
// Its errors become those that the Panel answers with.
func (c *Call) AskNode(s *model.Server, act func(protocol.Server) error) error {
	if !s.Node.Up() {
		return c.NodeDown()
	}
	srv := c.OnNode(s)
	var err error
	c.Unlocked(func() { err = act(srv) })
	if err == nil {
		return nil
	}
	return c.DaemonRefusal(err)
}

// DaemonRefusal passes an error of Wings on, unless it is one of the Panel's
// already.
func (p *Panel) DaemonRefusal(err error) error {
	var refusal *laravel.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case p.Traits.BareFailures:
		return laravel.Crashed("RequestException")
	}
	status, code, detail := http.StatusInternalServerError, http.StatusInternalServerError, ""
	var known *protocol.Error
	if errors.As(err, &known) {
		status, code = known.Status, cmp.Or(known.Sent, known.Status)
	}
	if status < http.StatusInternalServerError {
		detail = "An error occurred on the remote host: " + known.Message + ". (request id: " + random.UUID() + ")"
	} else {
		detail = "There was an error while communicating with the machine running this server. This error has been logged, please try again. (code: " +
			strconv.Itoa(code) + ") (request_id: " + random.UUID() + ")"
	}
	return laravel.Refuse(status, "DaemonConnectionException", detail)
}

// Conflict is the refusal that the state of a server asks for, nil for none.
func (p *Panel) Conflict(s *model.Server) error {
	detail := ""
	switch {
	case s.Status == model.StatusSuspended:
		detail = "This server is currently suspended and the functionality requested is unavailable."
	case s.Node.Maintenance:
		detail = "The node of this server is currently under maintenance and the functionality requested is unavailable."
	case !p.IsInstalled(s):
		detail = "This server has not yet completed its installation process, please try again later."
	case s.Status == model.StatusRestoring:
		detail = "This server is currently restoring from a backup, please try again later."
	case s.Transferring:
		detail = "This server is currently being transferred to a new machine, please try again later."
	default:
		return nil
	}
	return laravel.Refuse(http.StatusConflict, "ServerStateConflictException", detail)
}

// IsInstalled reports whether a server counts as installed. To Pelican it does
// not after an installation that failed, even if an earlier one did not.
func (p *Panel) IsInstalled(s *model.Server) bool {
	return s.Status != model.StatusInstalling && s.Status != model.StatusInstallFailed &&
		(s.Status != model.StatusReinstallFailed || !p.Traits.OwnStates)
}

// Install begins the installation of a server.
func (p *Panel) Install(s *model.Server, srv protocol.Server, startAfter bool) {
	if s.Status != model.StatusInstalling { // else it is installed already
		s.StartAfter = startAfter
	}
	s.Status = model.StatusInstalling
	srv.Install()
}

// Power sends a signal to a server.
func (p *Panel) Power(s *model.Server, srv protocol.Server, signal string) error {
	if signal == "start" || signal == "restart" {
		if s.Egg.CannotStart {
			return nil
		}
		s.HadContainer = true
	}
	return srv.Power(signal)
}

// NewBackup begins a backup of a server.
func (p *Panel) NewBackup(s *model.Server, name string, ignored []string, locked bool) *model.Backup {
	now := time.Now()
	if name == "" {
		name = "Backup at " + now.UTC().Format("2006-01-02 15:04:05")
	}
	b := &model.Backup{UUID: random.UUID(), Name: name, Ignored: ignored, Locked: locked, Created: now}
	srv := p.OnNode(s) // before it has one more that it would begin
	s.Backups = append(s.Backups, b)
	srv.Backup(b.UUID, b.Ignored)
	return b
}
