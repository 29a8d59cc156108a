package laravel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestCron(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 30, 23, 59, 30, 0, time.UTC) // a Friday
	for _, tt := range []struct{ cron, want string }{
		{"* * * * *", "2026-01-31 00:00"},
		{"30 4 * * *", "2026-01-31 04:30"},
		{"*/20 * * * *", "2026-01-31 00:00"},
		{"5-59/20 * * * *", "2026-01-31 00:05"},
		{"0 0 29 2 *", "2028-02-29 00:00"},
		{"0 0 1 * mon", "2026-02-01 00:00"}, // cron has either day
		{"0 0 * * 7", "2026-02-01 00:00"},
		{"0 12 * MAR Sun", "2026-03-01 12:00"},
		{"59 23 30 1 *", "2027-01-30 23:59"},
		{"0 0 31 2 *", ""},
		{"60 * * * *", ""},
		{"* * * * noday", ""},
		{"*/0 * * * *", ""},
		{"9-3 * * * *", ""},
	} {
		fields := strings.Fields(tt.cron)
		next, err := laravel.Cron{Minute: fields[0], Hour: fields[1], DayOfMonth: fields[2], Month: fields[3], DayOfWeek: fields[4]}.Next(now)
		got := next.Format("2006-01-02 15:04")
		if err != nil {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.cron, got, tt.want)
		}
	}
}
