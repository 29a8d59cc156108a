package console_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// The power functions return when it has happened, and say what was printed if it
// did not.
func TestPowerFunctions(t *testing.T) {
	t.Parallel()
	type script func(p *peer)
	states := func(each time.Duration, states ...string) script {
		return func(p *peer) {
			for _, state := range states {
				time.Sleep(each)
				p.send("status", state)
			}
		}
	}
	signals := 0
	busyOnce := func(p *peer) {
		if signals++; signals == 1 {
			p.send("daemon error", "Error Event [d3b8b4a5]: another power action is currently being processed for this server, please try again later")
			return
		}
		states(time.Second, "starting", "running")(p)
	}
	for name, c := range map[string]struct {
		do    func(context.Context, console.Source, ...console.Option) error
		state string
		then  script
		took  time.Duration
		ok    bool
		last  string
	}{
		"start":                 {console.Start, "offline", states(time.Second, "starting", "running"), 2 * time.Second, true, ""},
		"start, runs already":   {console.Start, "running", nil, 0, true, ""},
		"start, starts already": {console.Start, "starting", states(time.Second, "running"), time.Second, true, ""},
		"stop":                  {console.Stop, "running", states(time.Second, "stopping", "offline"), 2 * time.Second, true, ""},
		"stop, is offline":      {console.Stop, "offline", nil, 0, true, ""},
		"restart":               {console.Restart, "running", states(time.Second, "stopping", "offline", "starting", "running"), 4 * time.Second, true, ""},
		"restart, is offline":   {console.Restart, "offline", states(time.Second, "starting", "running"), 2 * time.Second, true, ""},
		"restart, missed states": {console.Restart, "running", func(p *peer) {
			time.Sleep(10 * time.Second)
			p.send("stats", `{"uptime":2000,"memory_bytes":1,"state":"running"}`)
		}, 10 * time.Second, true, ""},
		"start fails": {console.Start, "offline", func(p *peer) {
			states(time.Second, "starting")(p)
			p.print("cannot bind to port")
			p.send("status", "offline")
		}, time.Second, false, "cannot bind to port"},
		"busy for a moment": {console.Start, "offline", busyOnce, 2300 * time.Millisecond, true, ""},
		"refused":           {console.Start, "offline", func(p *peer) { p.send("daemon error", "another power action is being processed") }, 0, false, ""},
		"never there":       {console.Start, "offline", states(time.Second, "starting"), time.Minute, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWings(t, func(p *peer) {
					p.admit(c.state)
					done := make(chan struct{})
					close(done)
					if c.state == "starting" {
						c.then(p)
					}
					for {
						switch event, _ := p.read(); event {
						case "":
							<-done
							return
						case "set state":
							done = make(chan struct{})
							go func() {
								defer close(done)
								if c.then != nil {
									c.then(p)
								}
							}()
						}
					}
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begin := time.Now()
				err := c.do(ctx, w)
				if took := time.Since(begin); took < c.took || took > c.took+time.Second {
					t.Errorf("took %v", took)
				}
				if c.ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				var e *console.PowerError
				if !errors.Is(err, console.ErrPower) || !errors.As(err, &e) {
					t.Fatalf("err = %v", err)
				}
				if c.last != "" && (len(e.Output) == 0 || e.Output[len(e.Output)-1].Line != c.last || e.State != client.PowerStateOffline) {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}
