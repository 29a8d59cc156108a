package laravel

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Cron says when something runs, by five fields as crontab(5) has them, in UTC.
type Cron struct {
	Minute, Hour, DayOfMonth, Month, DayOfWeek string
}

// errCron is for schedules that mean no time at all.
var errCron = errors.New("paneltest: no valid cron expression")

// cronField is one of the five fields of a schedule.
type cronField struct {
	min, max int
	names    string // of the values from min on, three letters each
}

var cronFields = [...]cronField{
	{0, 59, ""},
	{0, 23, ""},
	{1, 31, ""},
	{1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
	{0, 7, "sunmontuewedthufrisat"}, // 7 is Sunday too
}

// parse returns the values that a field allows.
func (f cronField) parse(text string) (map[int]bool, error) {
	values := make(map[int]bool)
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return nil, errCron
			}
			step = n
		}
		from, to := f.min, f.max
		if span != "*" && span != "?" {
			first, last, ranged := strings.Cut(span, "-")
			var err error
			if from, err = f.value(first); err != nil {
				return nil, err
			}
			switch {
			case ranged:
				if to, err = f.value(last); err != nil {
					return nil, err
				}
			case !stepped:
				to = from
			}
		}
		if from > to {
			return nil, errCron
		}
		for n := from; n <= to; n += step {
			values[n] = true
		}
	}
	return values, nil
}

// value reads a number, or a name that stands for one.
func (f cronField) value(text string) (int, error) {
	if i := strings.Index(f.names, strings.ToLower(text)); len(text) == 3 && i >= 0 && i%3 == 0 {
		return f.min + i/3, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.min || n > f.max {
		return 0, errCron
	}
	return n, nil
}

// cronHorizon is how far ahead a time is looked for.
const cronHorizon = 5 * 366 * 24 * time.Hour

// Next returns the first time after another that the schedule means.
func (c Cron) Next(now time.Time) (time.Time, error) {
	var allowed [len(cronFields)]map[int]bool
	for i, text := range [...]string{c.Minute, c.Hour, c.DayOfMonth, c.Month, c.DayOfWeek} {
		values, err := cronFields[i].parse(text)
		if err != nil {
			return time.Time{}, err
		}
		allowed[i] = values
	}
	if allowed[4][7] {
		allowed[4][0] = true
	}
	anyDay, anyWeekday := strings.HasPrefix(c.DayOfMonth, "*"), strings.HasPrefix(c.DayOfWeek, "*")
	t := now.UTC().Truncate(time.Minute).Add(time.Minute)
	for end := t.Add(cronHorizon); t.Before(end); {
		day, weekday := allowed[2][t.Day()], allowed[4][int(t.Weekday())]
		fits := day && weekday
		if !anyDay && !anyWeekday {
			fits = day || weekday // as cron has it
		}
		switch {
		case !allowed[3][int(t.Month())]:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !fits:
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !allowed[1][t.Hour()]:
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !allowed[0][t.Minute()]:
			t = t.Add(time.Minute)
		default:
			return t, nil
		}
	}
	return time.Time{}, errCron
}
