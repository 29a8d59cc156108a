package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes is a number of bytes, shown in the largest unit that fits.
type Bytes int64

// String returns a text such as "1.5 GiB".
func (b Bytes) String() string {
	const units = "KMGTPE"
	if b < 0 {
		return "-"
	}
	value, unit := float64(b), -1
	for value >= 1024 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	value = math.Round(value*10) / 10
	switch {
	case unit < 0:
		return strconv.FormatInt(int64(b), 10) + " B"
	case value < 10 && value != math.Trunc(value):
		return fmt.Sprintf("%.1f %ciB", value, units[unit])
	}
	return fmt.Sprintf("%.0f %ciB", value, units[unit])
}

// MiB is a limit in mebibytes, where 0 means none.
type MiB int

// String returns a text such as "1 GiB".
func (m MiB) String() string {
	if m <= 0 {
		return "unlimited"
	}
	return Bytes(int64(m) << 20).String()
}

// Percent is a share of one core, and as a limit 0 means none.
type Percent float64

// String returns a text such as "12.5%".
func (p Percent) String() string {
	return strconv.FormatFloat(math.Round(float64(p)*10)/10, 'f', -1, 64) + "%"
}

// State is a word for the state of something, shown in a color that says
// whether it is good.
type State string

// Style returns the style of the state.
func (s State) Style() Style {
	switch s {
	case "running", "ready", "ok", "yes", "active", "successful":
		return Good
	case "starting", "stopping", "installing", "restoring backup", "restoring_backup", "transferring", "in progress", "maintenance", "warning":
		return Warn
	case "suspended", "failed", "install_failed", "reinstall_failed", "install failed", "reinstall failed", "crashed", "unreachable":
		return Bad
	}
	return Dim
}

// Clock is a time that is shown as a time of the day and a date, not as an age.
type Clock time.Time

// Age says in words how long ago a time was, or how soon it will be. What is
// far away is shown as a date, and what is less than recent away as now.
func Age(t, now time.Time, recent time.Duration, location *time.Location) string {
	age, form := now.Sub(t), "%s ago"
	if age < 0 {
		age, form = -age, "in %s"
	}
	const day = 24 * time.Hour
	switch {
	case age < recent:
		return "now"
	case age >= 60*day:
		return t.In(location).Format("2006-01-02")
	}
	return fmt.Sprintf(form, Duration(age))
}

// Duration returns a text such as "3 hours", in the largest unit that fits.
func Duration(d time.Duration) string {
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if d >= unit.length {
			return Count(int(d/unit.length), unit.name)
		}
	}
	return Count(int(d/time.Second), "second")
}

// Uptime returns a text such as "3d 4h", "2h 10m" or "45s", which stays narrow.
func Uptime(d time.Duration) string {
	d = d.Truncate(time.Second)
	days := int(d / (24 * time.Hour))
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, int(d.Hours())%24)
	case d >= time.Hour:
		return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// Count returns a number and what is counted, such as "1 server" or "3 servers".
func Count(n int, what string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(what, "y"); ok && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e") {
			what = stem + "ie"
		}
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
