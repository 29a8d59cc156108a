package console

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ptero-go/ptero/client"
)

// scene is a server that prints lines while a client is cut off from it, comes
// back and asks for the log.
type scene struct {
	printed []string // since the server was started; blank lines among them
	joined  int      // the client saw the lines from here
	cut     int      // to here
	back    int      // and again from here
	asked   int      // it asked for the log when so many were printed
	read    int      // the daemon read the log when so many were printed
	end     int      // the client concluded when so many were printed
	history int      // lines that the log holds
	early   bool     // lines printed while the daemon read the log came before it
	mixed   int      // live lines that came among the log's last ones
}

// play returns what a console makes of the scene, and what it should have made
// of it.
func (s scene) play() (got []string, gap GapReason, want []string) {
	var l lines
	for _, line := range withoutBlank(s.printed[s.joined:s.cut]) {
		l.shown.add(line)
	}
	l.interrupt(client.PowerStateRunning)
	l.reading = &reading{}
	for _, line := range withoutBlank(s.printed[s.back:s.asked]) {
		l.reading.add(line)
	}
	l.reading.ask()
	log := s.printed[max(0, s.read-s.history):s.read]
	live := withoutBlank(s.printed[s.asked:s.end])
	if s.early {
		n := len(withoutBlank(s.printed[s.asked:s.read]))
		for _, line := range live[:n] {
			l.reading.add(line)
		}
		live = live[n:]
	}
	mixed := min(s.mixed, len(live), len(log))
	for i, line := range log {
		if left := len(log) - i; left <= mixed {
			l.reading.add(live[0])
			live = live[1:]
		}
		l.reading.add(line)
	}
	for _, line := range live {
		l.reading.add(line)
	}
	got, gap = l.conclude(client.PowerStateRunning, "")
	return got, gap, withoutBlank(s.printed[s.cut:s.end])
}

func withoutBlank(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return line == "" })
}

// newScene makes a scene up. One in noise lines comes again and again, as lines
// without a time do; 0 is for none.
func newScene(r *rand.Rand, noise int) scene {
	upTo := func(n int) int { return r.IntN(n + 1) }
	s := scene{history: logLines}
	s.joined = upTo(200)
	s.cut = s.joined + upTo([]int{3, 20, 400}[r.IntN(3)])
	s.back = s.cut + upTo([]int{0, 5, 100, 250}[r.IntN(4)])
	s.asked = s.back + upTo(r.IntN(3))
	s.read = s.asked + upTo(r.IntN(4))
	s.end = s.read + upTo([]int{0, 2, 30}[r.IntN(3)])
	for i := range s.end {
		line := fmt.Sprintf("[12:00:%d] line", i)
		if noise > 0 && r.IntN(noise) == 0 {
			line = []string{"", "Saving...", "Saved the game", ">", "Can't keep up!"}[r.IntN(5)]
		}
		s.printed = append(s.printed, line)
	}
	return s
}

// twins tells whether the server printed the same lines twice in a row, the first
// of them as the last that the daemon read for its log. Nothing tells those from
// lines that came in the log and live.
func (s scene) twins() bool {
	before, after := withoutBlank(s.printed[:s.read]), withoutBlank(s.printed[s.read:s.end])
	for n := 1; n <= min(len(before), len(after)); n++ {
		if slices.Equal(before[len(before)-n:], after[:n]) {
			return true
		}
	}
	return false
}

// check reports a scene of which the console is sure and should not be. Where
// live lines come among those of the log, nothing tells their order.
func (s scene) check(t *testing.T) GapReason {
	t.Helper()
	got, gap, want := s.play()
	if gap != "" {
		return gap
	}
	if s.twins() {
		return "twins"
	}
	if s.mixed > 0 {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		printed := s.printed
		s.printed = nil
		t.Errorf("%+v\nshown %q\n  got %q\n want %q", s, printed[s.joined:s.cut], got, want)
	}
	return ""
}

// Out of all scenes, those where the console is sure and wrong must be none.
func TestContinuity(t *testing.T) {
	t.Parallel()
	const scenes = 3000
	for _, noise := range []int{0, 20, 5, 2, 1} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("noise 1 in %d, early %t", noise, early), func(t *testing.T) {
				t.Parallel()
				sure := 0
				for seed := range uint64(scenes) {
					s := newScene(rand.New(rand.NewPCG(seed, 0)), noise)
					s.early = early
					if s.check(t) == "" {
						sure++
					}
				}
				if noise != 1 && sure < scenes/4 {
					t.Errorf("sure in %d of %d scenes only", sure, scenes)
				}
			})
		}
	}
	t.Run("mixed", func(t *testing.T) {
		t.Parallel()
		sure := 0
		for seed := range uint64(scenes) {
			s := newScene(rand.New(rand.NewPCG(seed, 0)), 0)
			s.mixed = int(seed % 5)
			if s.cut-s.joined >= logLines && s.check(t) == "" {
				sure++
			}
		}
		if sure < scenes/20 {
			t.Errorf("sure in %d of %d scenes only", sure, scenes)
		}
	})
}

func FuzzContinuity(f *testing.F) {
	for noise := range 4 {
		f.Add(uint64(noise), uint64(7), uint8(noise), noise > 1)
	}
	f.Fuzz(func(t *testing.T, a, b uint64, noise uint8, early bool) {
		s := newScene(rand.New(rand.NewPCG(a, b)), int(noise))
		s.early = early
		s.check(t)
	})
}

// numbered returns lines that occur but once.
func numbered(from, to int) []string {
	var lines []string
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf("[12:00:%d] line", i))
	}
	return lines
}

// What happens to a console that saw the lines 0 to 9 of a server.
func TestConclude(t *testing.T) {
	t.Parallel()
	const running, offline = client.PowerStateRunning, client.PowerStateOffline
	type call struct {
		seen           []string // before the interruption
		before, log    []string // live lines before the log is asked for; what comes then
		powerBefore    client.PowerState
		power          client.PowerState
		forced         GapReason
		uptimeBefore   time.Duration
		uptimeNow      time.Duration
		fromStart      bool
		first          bool
		wantFrom, want int // numbered lines handed out
		wantGap        GapReason
	}
	for name, c := range map[string]call{
		"nothing missed":       {seen: numbered(0, 10), log: numbered(0, 10)},
		"two missed":           {seen: numbered(0, 10), log: numbered(0, 12), wantFrom: 10, want: 12},
		"older log":            {seen: numbered(5, 10), log: numbered(0, 12), wantFrom: 10, want: 12},
		"one line seen":        {seen: numbered(9, 10), log: numbered(0, 12), wantFrom: 10, want: 12},
		"live before the log":  {seen: numbered(0, 10), before: numbered(11, 12), log: numbered(0, 13), wantFrom: 10, want: 13},
		"the log lags":         {seen: numbered(0, 10), before: numbered(10, 11), log: numbered(0, 10), wantFrom: 10, want: 11},
		"too many missed":      {seen: numbered(0, 10), log: numbered(11, 161), wantFrom: 11, want: 161, wantGap: GapLost},
		"log stopped early":    {seen: numbered(0, 10), log: numbered(0, 6), wantFrom: 0, want: 6, wantGap: GapLost},
		"offline":              {seen: numbered(0, 10), power: offline, forced: GapOffline, wantGap: GapOffline},
		"no log":               {seen: numbered(0, 10), before: numbered(12, 13), forced: GapNoLog, wantFrom: 12, want: 13, wantGap: GapNoLog},
		"nothing seen":         {log: numbered(0, 10), wantGap: GapUnknown},
		"nothing seen, new":    {fromStart: true, log: numbered(0, 10), wantFrom: 0, want: 10},
		"nothing seen, full":   {fromStart: true, log: numbered(3, 153), wantFrom: 3, want: 153, wantGap: GapLost},
		"first log":            {first: true, log: numbered(0, 10), wantFrom: 0, want: 10},
		"was offline":          {seen: numbered(0, 10), powerBefore: offline, log: numbered(0, 10), wantFrom: 0, want: 10, wantGap: GapRestarted},
		"uptime tells":         {seen: numbered(0, 10), uptimeBefore: time.Hour, uptimeNow: time.Minute, log: numbered(0, 10), wantFrom: 0, want: 10, wantGap: GapRestarted},
		"uptime goes on":       {seen: numbered(0, 10), uptimeBefore: time.Hour, uptimeNow: time.Hour + time.Second, log: numbered(0, 11), wantFrom: 10, want: 11},
		"uptime a second back": {seen: numbered(0, 10), uptimeBefore: time.Hour, uptimeNow: time.Hour - time.Second, log: numbered(0, 11), wantFrom: 10, want: 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l lines
			for _, line := range c.seen {
				l.shown.add(line)
			}
			l.fromStart, l.first = c.fromStart, c.first
			l.sample(c.uptimeBefore)
			if c.powerBefore == "" {
				c.powerBefore = running
			}
			if c.power == "" {
				c.power = running
			}
			l.interrupt(c.powerBefore)
			l.interrupt("") // a second one changes nothing
			l.reading = &reading{}
			for _, line := range c.before {
				l.reading.add(line)
			}
			l.reading.ask()
			for _, line := range c.log {
				l.reading.add(line)
			}
			l.sample(c.uptimeNow)
			got, gap := l.conclude(c.power, c.forced)
			if want := numbered(c.wantFrom, c.want); gap != c.wantGap || !slices.Equal(got, want) {
				t.Errorf("got %q (%q)\nwant %q (%q)", got, gap, want, c.wantGap)
			}
			if l.interrupted || l.reading != nil || l.first || l.withheld {
				t.Errorf("left behind: %+v", l)
			}
		})
	}
}
