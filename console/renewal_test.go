package console

import (
	"errors"
	"testing"
	"time"
)

// fetches returns how often the Panel has been asked for credentials.
func (p *player) fetches() int {
	n := 0
	for _, at := range p.core.fetch.pace.asked {
		if !at.IsZero() {
			n++
		}
	}
	return n
}

// One refusal leads to one new token, however many messages say it.
func TestRefusalsOfOneToken(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	if p.fetches() != 1 {
		t.Fatalf("asked %d times", p.fetches())
	}
	for range 5 {
		p.bring(id, `{"event":"jwt error","args":["jwt: exp claim is invalid"]}`)
		p.bring(id, `{"event":"token expired"}`)
	}
	if p.fetches() != 2 || p.core.state != StateRenewing {
		t.Errorf("asked %d times, it is %s", p.fetches(), p.core.state)
	}
	p.bring(id, `{"event":"auth success"}`)
	if p.core.state != StateLive || p.core.token.barred || p.core.token.refused != 0 {
		t.Errorf("it is %s, %+v", p.core.state, p.core.token)
	}
	// An answer to a token that was given up already changes nothing.
	p.bring(id, `{"event":"jwt error","args":["Error Event [x]: jwt: exp claim is invalid"]}`)
	if p.fetches() != 2 || p.core.state != StateLive {
		t.Errorf("asked %d times, it is %s", p.fetches(), p.core.state)
	}
}

// A new token that is refused is replaced after a pause, which a revocation makes
// at least as long as the second whose tokens are refused.
func TestNewTokenIsRefused(t *testing.T) {
	t.Parallel()
	for text, least := range map[string]time.Duration{
		"Error Event [x]: jwt: exp claim is invalid":               renewPause / 2,
		"Error Event [x]: jwt: created too far in past (denylist)": revokedPause,
	} {
		p, id := opened(t, "running")
		p.bring(id, `{"event":"token expiring"}`)
		if p.fetches() != 2 {
			t.Fatalf("asked %d times", p.fetches())
		}
		p.bring(id, `{"event":"jwt error","args":["`+text+`"]}`)
		if p.core.token.barred {
			t.Error("the old token is in force still")
		}
		for i := 0; p.core.token.sent.IsZero(); i++ { // until the next one was sent
			if i == 100 {
				t.Fatal("it is not sent")
			}
			p.wait(100 * time.Millisecond)
		}
		before := p.fetches()
		if before != 3 {
			t.Fatalf("%s: asked %d times", text, before)
		}
		p.bring(id, `{"event":"jwt error","args":["`+text+`"]}`)
		p.wait(least - time.Millisecond)
		if p.fetches() != before {
			t.Errorf("%s: asked after less than %v", text, least)
		}
		p.wait(renewPause)
		if p.fetches() != before+1 {
			t.Errorf("%s: asked %d times", text, p.fetches())
		}
	}
}

// A token that the daemon cannot read is replaced once. If the next is no better,
// the connection is given up, with a hint at the cause.
func TestTokenThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := newPlayer(t)
	id := p.open()
	for range 2 {
		p.bring(id, `{"event":"daemon error","args":["an error"]}`)
		p.bring(id, `{"event":"daemon error","args":["an error"]}`) // of nothing
	}
	if p.core.state == StateAuthenticating || !errors.Is(p.core.cause, ErrToken) || p.fetches() < 2 {
		t.Errorf("it is %s after %v, asked %d times", p.core.state, p.core.cause, p.fetches())
	}
}

// Power signals are as doubtful as commands; other requests are not told of.
func TestSignalsMayBeLost(t *testing.T) {
	t.Parallel()
	p, id := opened(t, "running")
	p.core.creds.permissions = []string{"*"}
	for _, out := range []*outgoing{
		{kind: kindPower, event: "set state", args: []string{"stop"}},
		{kind: kindStats, event: "send stats"},
		newCommand("list"),
	} {
		out.done = make(chan error, 1)
		p.core.request(p.now, out)
		p.serve()
	}
	p.wait(time.Second)
	p.take()
	p.cut(id)
	for _, e := range p.take() {
		if e, is := e.(CommandsLost); is && len(e.Commands) == 2 && e.Commands[0] == "stop" && e.Commands[1] == "list" {
			return
		}
	}
	t.Error("nothing is told of the signal and the command")
}

// What is remembered of commands is bounded.
func TestDoubtfulCommandsAreBounded(t *testing.T) {
	t.Parallel()
	p, _ := opened(t, "running")
	for range 2 * mostDoubtful {
		p.core.remark(&outgoing{kind: kindCommand, args: []string{"list"}, written: p.now})
	}
	if n := len(p.core.recent); n != mostDoubtful {
		t.Errorf("%d are remembered", n)
	}
	p.core.main.good = p.now.Add(doubtful + time.Second)
	p.core.remark(&outgoing{kind: kindCommand, args: []string{"last"}, written: p.now.Add(doubtful)})
	if n := len(p.core.recent); n != 1 {
		t.Errorf("%d are remembered although they have arrived", n)
	}
}
