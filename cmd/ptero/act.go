package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// mostListed is how many names a question shows. --dry-run shows all.
const mostListed = 30

// confirm asks before something is destroyed: for the name of a single thing,
// for the number of several. Where nobody can be asked, --yes must be given.
func (a *app) confirm(ctx context.Context, verb, kind string, names []string) error {
	if a.yes {
		return nil
	}
	answer := strings.TrimSpace(ui.Clean(names[0]))
	what := kind + " " + answer
	if len(names) > 1 {
		what = ui.Count(len(names), kind)
		answer = strconv.Itoa(len(names))
	}
	if !a.Interactive() {
		return &failure{
			code: exitUsage, err: fmt.Errorf("refusing to %s %s without being asked to", verb, what),
			hint: "Add --yes to do it.",
		}
	}
	if len(names) > 1 {
		a.Errorln("This will " + verb + ":")
		for _, name := range names[:min(len(names), mostListed)] {
			a.Errorln("  " + ui.Clean(name))
		}
		if more := len(names) - mostListed; more > 0 {
			a.Errorln(fmt.Sprintf("  and %d more", more))
		}
	}
	if answer == "" { // a name that cannot be typed
		answer = "yes"
	}
	got, err := a.Ask(ctx, fmt.Sprintf("Type %s to %s %s", answer, verb, what), "")
	if err != nil {
		return err
	}
	if got != answer {
		return &failure{code: exitUsage, err: errors.New("not confirmed"), hint: "Nothing was done."}
	}
	return nil
}

// wouldDo prints what a command without --dry-run would do.
func (a *app) wouldDo(verb, kind string, things []outcome) error {
	if a.format == ui.JSON || a.format == ui.YAML {
		for i := range things {
			things[i].Result = "would " + verb
		}
		return ui.Value(a.Terminal, a.format, things)
	}
	for _, thing := range things {
		if a.listFormat() == ui.Name {
			a.Printf("%s\n", ui.Clean(cmp.Or(thing.ID, thing.Name)))
		} else {
			a.Printf("Would %s.\n", use(verb, kind)+" "+ui.Clean(thing.Name))
		}
	}
	return nil
}

// outcomes returns the items as things that nothing was done with yet.
func outcomes[T any](items []T, id, label func(T) string) []outcome {
	things := make([]outcome, len(items))
	for i, item := range items {
		things[i] = outcome{ID: id(item), Name: label(item)}
	}
	return things
}

// noID is the identifier of what has none but its name.
func noID[T any](T) string { return "" }

// problem says what went wrong with one of several things.
func (a *app) problem(name, problem string) {
	a.Errorln(ui.Clean(name) + ": " + a.PaintErr(ui.Bad, "Error:") + " " + ui.Clean(problem))
}

// labels returns what the items are called.
func labels[T any](items []T, label func(T) string) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = label(item)
	}
	return names
}

// atOnce is how many things are done at the same time.
const atOnce = 8

// outcome is how it went with one of several things.
type outcome struct {
	ID     string `json:"id,omitempty"` // "" where the name is one
	Name   string `json:"name"`
	Result string `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

// each does something to all items, several at a time, and says how each went.
// When only some fail, the error has the code for that.
func each[T any](ctx context.Context, a *app, items []T, id, label func(T) string, act func(context.Context, T) (string, error)) error {
	outcomes := outcomes(items, id, label)
	problems := make([]error, len(items))
	done := make([]bool, len(items))
	reported := 0
	// report prints the outcomes in the order of the items.
	report := func() {
		for ; reported < len(items) && done[reported]; reported++ {
			o := outcomes[reported]
			switch {
			case o.Error == "":
				a.Messagef("%s: %s", ui.Clean(o.Name), o.Result)
			case len(items) > 1 && !errors.Is(ctx.Err(), context.Canceled):
				a.problem(o.Name, o.Error)
			}
		}
	}
	slots := make(chan struct{}, atOnce)
	var mu sync.Mutex // guards done and reported
	var running sync.WaitGroup
	for i, item := range items {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			result, err := "", ctx.Err()
			if err == nil {
				result, err = act(ctx, item)
			}
			if problems[i] = err; err != nil {
				outcomes[i].Error, _ = explain(err)
			} else {
				outcomes[i].Result = result
			}
			mu.Lock()
			defer mu.Unlock()
			done[i] = true
			report()
		})
	}
	running.Wait()
	if a.format == ui.JSON || a.format == ui.YAML {
		if err := ui.Value(a.Terminal, a.format, outcomes); err != nil {
			return err
		}
	}
	return summary(ctx, problems)
}

// summary returns the error of several things that were done.
func summary(ctx context.Context, problems []error) error {
	failed := 0
	var first error
	for _, err := range problems {
		if err != nil {
			failed++
			if first == nil {
				first = err
			}
		}
	}
	done := len(problems) - failed
	switch {
	case failed == 0:
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // a time limit is an error like others
		return &failure{err: ctx.Err(), hint: fmt.Sprintf("Done: %d of %d.", done, len(problems))}
	case len(problems) == 1:
		return first
	case done == 0:
		return &failure{code: exitCode(first), err: fmt.Errorf("all %d failed: %w", len(problems), first)}
	}
	return &failure{code: exitPartly, err: fmt.Errorf("%d of %d failed", failed, len(problems)), hint: fmt.Sprintf("Done: %d of %d.", done, len(problems))}
}

// waiting shows for how long something is being waited for, until the function
// that it returns is called.
func (a *app) waiting(label string) (stop func()) {
	const pause = time.Second / 4
	progress := a.Progress(label)
	begun := a.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	ticker := time.NewTicker(pause)
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				progress.Text(ui.Uptime(a.Now().Sub(begun)))
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
		progress.Done()
	}
}

// goesOn adds to the error of a wait that was interrupted what happens without it.
func goesOn(ctx context.Context, err error, text string) error {
	if err != nil && ctx.Err() != nil {
		return &failure{err: err, hint: text}
	}
	return err
}
