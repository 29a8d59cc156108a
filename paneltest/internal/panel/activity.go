package panel

import (
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// Note writes a line of the activity log, about a server or an account. A nil
// call stands for the system itself.
func (p *Panel) Note(c *Call, event string, s *model.Server, account *model.User, properties ...model.Property) {
	line := &model.Activity{
		ID: len(p.State.Activity) + 1, Event: event, Server: s, Account: account,
		Properties: properties, At: time.Now(), IP: "127.0.0.1",
	}
	if c != nil {
		line.Actor, line.IsAPI, line.IP = c.User, true, c.ip()
	}
	p.State.Activity = append(p.State.Activity, line)
}
