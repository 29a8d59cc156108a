package paneltest

import (
	"crypto/md5" //nolint:gosec // the Panel names its tokens by it, nothing is secured
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// machine returns the machine of a server on its node, which it makes if there
// is none yet. It is nil if the node never had Wings.
func (p *Panel) machine(s *server) *machine {
	d := s.node.daemon
	if d == nil {
		return nil
	}
	if m := d.machine(s.uuid); m != nil {
		return m
	}
	m := d.create(s.uuid, machineSpec{
		Memory: int64(s.limits.memory) << 20, Disk: int64(s.limits.disk) << 20, Denied: s.egg.denylist,
		Running: s.running && s.status == "", Game: s.egg.game.spec(),
	})
	for name, content := range s.files {
		_ = m.files().write(name, []byte(content)) // what does not fit is not there
	}
	s.files = nil
	for _, b := range s.backups {
		p.runBackup(s, m, b)
	}
	if s.status == statusSuspended {
		m.setSuspended(true)
	}
	return m
}

// spec turns a pretend game into one for a machine.
func (g SeedGame) spec() gameSpec {
	spec := gameSpec{
		Boot: g.Boot, Done: g.Done, Stop: g.Stop, BootTime: g.BootTime, StopTime: g.StopTime,
		Rate: g.Rate, Line: g.Line, Answer: g.Answer,
	}
	if spec.Line == nil && len(g.Lines) > 0 {
		spec.Line = func(n int) string { return g.Lines[(n-1)%len(g.Lines)] }
	}
	if spec.Answer == nil && len(g.Answers) > 0 {
		spec.Answer = func(command string) []string {
			if lines, known := g.Answers[command]; known {
				return lines
			}
			return []string{"> " + command}
		}
	}
	return spec
}

// onDaemon runs something on the machine of a server, without the Panel's lock.
// Its errors become those that the Panel answers with.
func (c *call) onDaemon(s *server, act func(*machine) error) error {
	if !s.node.up() {
		return errNodeDown
	}
	m := c.p.machine(s)
	var err error
	c.unlocked(func() { err = act(m) })
	if err == nil {
		return nil
	}
	return daemonRefusal(err)
}

// errNodeDown is what the Panel says if it cannot reach a node.
var errNodeDown = refuse(http.StatusGatewayTimeout, "DaemonConnectionException",
	"Could not establish a connection to the machine running this server. Please try again.")

// daemonRefusal passes an error of Wings on.
func daemonRefusal(err error) error {
	status, detail := http.StatusInternalServerError, ""
	var known *daemonError
	if errors.As(err, &known) {
		status = known.status
	}
	if status < http.StatusInternalServerError {
		detail = "An error occurred on the remote host: " + known.message + ". (request id: " + randomID() + ")"
	} else {
		detail = "There was an error while communicating with the machine running this server. This error has been logged, please try again. (code: " +
			strconv.Itoa(status) + ") (request_id: " + randomID() + ")"
	}
	return refuse(status, "DaemonConnectionException", detail)
}

// install runs the installation of a server in the background.
func (p *Panel) install(s *server, m *machine, startAfter bool) {
	again := s.installed
	s.status = statusInstalling
	m.install(func(done bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		done = done && !s.egg.game.CannotStart
		if s.status == statusInstalling {
			switch {
			case done:
				s.status, s.installed = "", true
			case again:
				s.status = statusReinstallFailed
			default:
				s.status = statusInstallFailed
			}
		}
		if done && startAfter {
			_ = p.power(s, m, "start") // which may be refused, as that of anybody
		}
	})
}

// power sends a signal to a server's machine.
func (p *Panel) power(s *server, m *machine, signal string) error {
	if signal == "start" || signal == "restart" {
		if s.egg.game.CannotStart {
			return nil
		}
		s.hadContainer = true
	}
	return m.power(signal)
}

// runBackup lets a machine make a backup in the background.
func (p *Panel) runBackup(s *server, m *machine, b *backup) {
	m.backup(b.uuid, b.ignored, func(result backupResult) {
		p.mu.Lock()
		defer p.mu.Unlock()
		now := time.Now()
		if b.completed == nil {
			b.completed = &now
			event := "server:backup.complete"
			if !result.Successful {
				event = "server:backup.fail"
			}
			p.note(nil, event, s, nil, with("name", b.name))
		}
		b.successful, b.size = result.Successful, result.Size
		if result.Successful {
			b.checksum = some(result.ChecksumType + ":" + result.Checksum)
		}
	})
}

// tokenID names the tokens of an account for the sockets of a server.
func tokenID(u *user, s *server) string {
	sum := md5.Sum([]byte(strconv.Itoa(u.id) + s.uuid)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// The life of a token for a socket.
const (
	socketTokenLife = 10 * time.Minute
	tokenLeeway     = 5 * time.Minute
)

// socketToken returns a token for the sockets of a server.
func (c *call) socketToken(s *server) string {
	now := time.Now()
	claims := map[string]any{
		"iss": c.p.URL, "aud": []string{s.node.address()}, "jti": tokenID(c.user, s),
		"iat": now.Unix(), "nbf": now.Add(-tokenLeeway).Unix(), "exp": now.Add(socketTokenLife).Unix(),
		"server_uuid": s.uuid, "permissions": c.permissionsOn(s), "user_uuid": c.user.uuid, "user_id": c.user.id,
		"unique_id": randomText(16),
	}
	if c.p.version == version112 {
		claims["scope"] = "websocket"
	}
	return c.p.signer(s.node).sign(claims)
}

// signer is the daemon of a node, or one that stands in for it: the Panel signs
// tokens whether Wings runs or not.
func (p *Panel) signer(n *node) *daemon {
	if n.daemon != nil {
		return n.daemon
	}
	return newDaemon(daemonConfig{PanelURL: p.URL, TokenID: n.tokenID, Token: n.token})
}

// signedURL returns the address of a transfer, for one use.
func (c *call) signedURL(s *server, kind string, claims map[string]any) *answer {
	c.p.machine(s)
	if c.p.version == version112 {
		if claims == nil {
			claims = make(map[string]any)
		}
		claims["scope"] = scopes[kind]
	}
	url := s.node.address() + c.p.signer(s.node).signedURL(kind, s.uuid, c.user.uuid, claims)
	return ok(item("signed_url", object{"url": url}))
}

// scopes are what Panel 1.12 lets a token be used for.
var scopes = map[string]string{signedFile: "file-download", signedBackup: "backup-download", signedUpload: "file-upload"}

// revoke makes Wings refuse the tokens that an account has for a server.
func (p *Panel) revoke(u *user, s *server) {
	if s.node.daemon != nil {
		s.node.daemon.revoke(tokenID(u, s))
	}
}
