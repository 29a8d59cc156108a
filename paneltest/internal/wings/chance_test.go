package wings

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// burst sends eight commands, some time apart, and returns the numbers of those
// that the game answers, in its order.
func burst(t *testing.T, c *testClient, apart time.Duration) string {
	t.Helper()
	for i := range 8 {
		c.send("send command", strconv.Itoa(i))
		time.Sleep(apart)
	}
	var echoes, answers strings.Builder
	for _, text := range c.takeText() {
		number, isAnswer := strings.CutPrefix(text, "console output: > ")
		if isAnswer {
			answers.WriteString(number)
		} else if number, isTyped := strings.CutPrefix(text, "console output: "); isTyped {
			echoes.WriteString(number)
		}
	}
	typed := echoes.String()
	if answered := answers.String(); typed != answered {
		t.Errorf("typed %s, answered %s", typed, answered)
	}
	sorted := []byte(typed)
	slices.Sort(sorted)
	if string(sorted) != "01234567" {
		t.Errorf("%s is not eight commands", typed)
	}
	return typed
}

func TestCommandsThatComeTogetherOvertakeEachOther(t *testing.T) {
	t.Parallel()
	orders := func(seed uint64) (orders []string) {
		synctest.Test(t, func(t *testing.T) {
			d := startDaemon(t, Config{Seed: seed})
			d.create(testServer, protocol.ServerConfig{Running: true})
			c := d.join()
			for range 5 {
				orders = append(orders, burst(t, c, 0))
			}
		})
		return orders
	}
	first := orders(1)
	for i, order := range first {
		if order == "01234567" || slices.Contains(first[:i], order) {
			t.Errorf("orders %v", first)
		}
	}
	if again := orders(1); !slices.Equal(again, first) {
		t.Errorf("with the same seed %v, then %v", first, again)
	}
	if other := orders(2); slices.Equal(other, first) {
		t.Errorf("with another seed %v again", other)
	}
}

func TestCommandsApartStayInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{Running: true})
		c := d.join()
		for range 5 {
			if order := burst(t, c, 5*time.Millisecond); order != "01234567" {
				t.Error(order)
			}
		}
	})
}

// An `auth` and what follows it together overtake each other too.
func TestMessagesWithAuthMayComeBeforeIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{})
		d.create(testServer, protocol.ServerConfig{Running: true})
		early := 0
		for range 20 {
			c := d.dial()
			c.send("auth", sign(claims()))
			c.send("send stats")
			if c.takeText()[0] == "jwt error: jwt: no jwt present" {
				early++
			}
		}
		if early == 0 || early == 20 {
			t.Errorf("%d of 20 came too early", early)
		}
	})
}

// What comes when a server that prints a line every millisecond is asked for the
// log, as a list of runs of lines.
func logAmongLive(t *testing.T, seed uint64) (runs [][2]int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := startDaemon(t, Config{Seed: seed})
		srv := d.create(testServer, protocol.ServerConfig{Running: true})
		for n := range 400 {
			srv.print("line " + strconv.Itoa(n))
		}
		c := d.join()
		c.send("send logs")
		for n := 400; n < 430; n++ {
			srv.print("line " + strconv.Itoa(n))
			time.Sleep(time.Millisecond)
		}
		for _, text := range c.takeText() {
			n, err := strconv.Atoi(strings.TrimPrefix(text, "console output: line "))
			must(t, err)
			if last := len(runs) - 1; last >= 0 && runs[last][1]+1 == n {
				runs[last][1] = n
			} else {
				runs = append(runs, [2]int{n, n})
			}
		}
	})
	return runs
}

func TestLogStandsAmongLiveLines(t *testing.T) {
	t.Parallel()
	var before, among, overlaps, endsEarlier int
	for seed := range uint64(20) {
		runs := logAmongLive(t, seed)
		var live, log []int
		next := 400
		for _, run := range runs {
			for n := run[0]; n <= run[1]; n++ {
				if n == next && (len(log) == 0 || n != log[len(log)-1]+1 || len(log) == 150) {
					live = append(live, n)
					next++
				} else {
					log = append(log, n)
				}
			}
		}
		if len(live) != 30 || len(log) != 150 || !slices.IsSorted(log) || log[149]-log[0] != 149 {
			t.Fatalf("seed %d: live %v, log %v", seed, live, log)
		}
		if runs[0][0] == 400 {
			before++
		}
		if len(runs) > 3 {
			among++
		}
		if log[149] >= 400 {
			overlaps++
		}
		if at := slices.IndexFunc(runs, func(run [2]int) bool { return run[1] == log[149] }); at > 0 && runs[0][1] > log[149] {
			endsEarlier++
		}
	}
	t.Logf("live lines before the log %d, among it %d, in it too %d, it ends before lines sent %d", before, among, overlaps, endsEarlier)
	if before == 0 || among == 0 || overlaps == 0 || endsEarlier == 0 {
		t.Error("not all that was recorded comes")
	}
	if first, again := logAmongLive(t, 3), logAmongLive(t, 3); !slices.Equal(first, again) {
		t.Errorf("with the same seed %v, then %v", first, again)
	}
}
