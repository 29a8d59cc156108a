package console

import (
	"context"
	"time"

	"github.com/coder/websocket"

	"github.com/ptero-go/ptero/client"
)

// RequestLogs returns the daemon's log of the server as it is now: the last 150
// lines at most, blank ones included, without those of the daemon itself. It is
// empty while the server is offline. The log ends early at a line longer than
// 65,536 bytes, and a line that the server prints at this very moment may be in
// it twice.
//
// As nothing marks the lines of the log among live ones, it is asked for on a
// socket of its own; the events of the console stay as they are.
func (c *Console) RequestLogs(ctx context.Context) ([]Output, error) {
	c.mu.Lock()
	creds, err := c.creds, c.err
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if !creds.usable(time.Now()) {
		if creds, err = c.fetch(ctx); err != nil {
			return nil, err
		}
	}
	conn, _, err := c.cfg.dial(ctx, creds.socket)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.CloseNow() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.CloseNow() })
	defer stop()
	log, err := readLog(conn, creds.token)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return log, err
}

// readLog asks for the log on a new socket.
func readLog(conn *websocket.Conn, token string) ([]Output, error) {
	timer := time.AfterFunc(answerLimit, func() { _ = conn.CloseNow() })
	defer timer.Stop()
	var (
		decoder decoder
		log     []Output
		asked   bool
	)
	err := send(context.Background(), conn, "auth", token)
	for err == nil {
		var text []byte
		if _, text, err = conn.Read(context.Background()); err != nil {
			break
		}
		switch e := decoder.decode(text).(type) {
		case JWTError:
			return nil, &Error{Op: "auth", Kind: ErrToken, Problem: e.Text}
		case DaemonError:
			return nil, &Error{Op: "auth", Kind: ErrToken, Problem: e.Text}
		case Status:
			if e.State == client.PowerStateOffline {
				return nil, nil
			}
			if !asked {
				asked = true
				timer.Reset(logLimit)
				err = send(context.Background(), conn, "send logs")
			}
		case Output:
			if asked && inLog(e.Line) {
				log = append(log, e)
				timer.Reset(logPause)
			}
		}
	}
	if asked && !timer.Stop() {
		return log, nil // the timer ended it: what has come is all
	}
	return nil, brokenSocket(err)
}
