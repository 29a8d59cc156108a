package main

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// logPrinter writes lines of consoles.
type logPrinter struct {
	app        *app
	grep       *regexp.Regexp // nil for all lines
	timestamps bool

	mu sync.Mutex // several consoles write
}

// print writes a line. One from the daemon's log has no time: it was printed
// before it came.
func (p *logPrinter) print(prefix string, line console.Output) {
	if p.grep != nil && !p.grep.MatchString(line.Text()) {
		return
	}
	at := ""
	if p.timestamps {
		at = line.Time.In(p.app.Location).Format("2006-01-02 15:04:05.000") + " "
		if line.FromLog {
			at = strings.Repeat(" ", len(at))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.app.Printf("%s%s%s\n", p.app.Paint(ui.Dim, at), prefix, p.app.ConsoleLine(line.Line))
}

// note writes something that is no line of the server.
func (p *logPrinter) note(prefix, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.app.Messagef("%s%s", prefix, p.app.PaintErr(ui.Warn, "-- "+ui.Clean(text)))
}

// noteProblem writes why a server of several has no lines. That of a single one is
// the error of the command.
func (p *logPrinter) noteProblem(ctx context.Context, servers []*client.Server, prefix string, err error) {
	if len(servers) > 1 && err != nil && ctx.Err() == nil {
		text, _ := explain(err)
		p.note(prefix, text)
	}
}

func logsCommand(a *app) *cobra.Command {
	var follow, timestamps bool
	var tail int
	var pattern string
	cmd := &cobra.Command{
		Use: "logs SERVER...", Short: "Print the consoles of servers",
		Long: `Print the consoles of servers: the last lines, which Wings keeps while a server
runs, and with --follow whatever comes, for days if need be. Each line comes once;
where some may be missing after a failure of the network, a line says so.`,
		Example: "  ptero logs lobby --tail 20\n  ptero logs lobby survival -f --timestamps\n  ptero logs lobby -f --grep 'joined|left'",
		Args:    args("SERVER..."), ValidArgsFunction: completeArgs(a, -1),
		RunE: runE(func(ctx context.Context, names []string) error {
			if tail < 0 {
				return usagef("--tail cannot be less than 0")
			}
			p := &logPrinter{app: a, timestamps: timestamps}
			if pattern != "" {
				var err error
				if p.grep, err = regexp.Compile(pattern); err != nil {
					return usagef("--grep: %v", err)
				}
			}
			c, servers, err := a.servers(ctx, names, serverFilter{})
			if err != nil {
				return err
			}
			prefixes := a.prefixes(servers)
			if !follow {
				problems := make([]error, len(servers))
				for i, s := range servers {
					problems[i] = p.last(ctx, c, s, prefixes[i], tail)
					p.noteProblem(ctx, servers, prefixes[i], problems[i])
				}
				return summary(ctx, problems)
			}
			return p.followAll(ctx, c, servers, prefixes, tail)
		}),
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until interrupted")
	cmd.Flags().BoolVar(&timestamps, "timestamps", false, "print when each line came; what Wings had kept has no time")
	cmd.Flags().IntVar(&tail, "tail", console.LogLines, "how many of the last lines to print")
	cmd.Flags().StringVar(&pattern, "grep", "", "only lines that match a regular `expression`")
	return cmd
}

// prefixes returns what stands before the lines of each server: nothing for a
// single one.
func (a *app) prefixes(servers []*client.Server) []string {
	prefixes := make([]string, len(servers))
	if len(servers) == 1 {
		return prefixes
	}
	width := 0
	for _, s := range servers {
		width = max(width, ui.Width(s.Name))
	}
	colors := []ui.Style{"36", "33", "32", "35", "34", "31"}
	for i, s := range servers {
		name := ui.Clean(s.Name)
		prefixes[i] = a.Paint(colors[i%len(colors)], name+strings.Repeat(" ", width-ui.Width(name))+" |") + " "
	}
	return prefixes
}

// last prints the log that Wings keeps.
func (p *logPrinter) last(ctx context.Context, c *client.Client, s *client.Server, prefix string, tail int) error {
	con, err := console.Dial(ctx, p.app.console(c, s))
	if err != nil {
		return withAdvice(err)
	}
	defer con.Close()
	lines, err := con.RequestLogs(ctx)
	if err != nil {
		return withAdvice(err)
	}
	if len(lines) == 0 {
		p.note(prefix, s.Name+" is "+string(con.Power())+", and Wings keeps lines only while it runs")
	}
	for _, line := range lines[max(0, len(lines)-tail):] {
		p.print(prefix, line)
	}
	return nil
}

// withAdvice says what to do about an error of a console.
func withAdvice(err error) error {
	if advice := consoleAdvice(err); advice != "" {
		return &failure{err: err, hint: advice}
	}
	return err
}

// followAll prints what the consoles of servers bring, until all have ended.
func (p *logPrinter) followAll(ctx context.Context, c *client.Client, servers []*client.Server, prefixes []string, tail int) error {
	problems := make([]error, len(servers))
	var following sync.WaitGroup
	for i, s := range servers {
		following.Go(func() {
			problems[i] = p.follow(ctx, c, s, prefixes[i], tail)
			p.noteProblem(ctx, servers, prefixes[i], problems[i])
		})
	}
	following.Wait()
	if ctx.Err() != nil {
		return &failure{code: exitInterrupted, err: ctx.Err()} // that is how it is meant to end
	}
	return summary(ctx, problems)
}

func (p *logPrinter) follow(ctx context.Context, c *client.Client, s *client.Server, prefix string, tail int) error {
	var options []console.Option
	if tail > 0 {
		options = append(options, console.WithLog())
	}
	con, err := console.Dial(ctx, p.app.console(c, s), options...)
	if err != nil {
		return withAdvice(err)
	}
	defer con.Close()
	describe := newDescriber()
	log := &tailBuffer{size: tail, print: func(line console.Output) { p.print(prefix, line) }}
	for event, err := range log.events(ctx, con) {
		if err != nil {
			return withAdvice(err)
		}
		if text := describe(event); text != "" {
			p.note(prefix, text)
		}
	}
	return con.Err()
}

// tailBuffer holds the lines of the log back until it has ended, to print the
// last ones only.
type tailBuffer struct {
	size  int
	print func(console.Output)
	held  []console.Output
	open  bool // lines go out at once
}

// logPatience is how long a line of the log may be behind the one before it.
const logPatience = 300 * time.Millisecond

// events prints the lines and yields all other events. The log counts as ended
// with the first line that is not from it, or when nothing more comes of it.
func (b *tailBuffer) events(ctx context.Context, con *console.Console) func(yield func(console.Event, error) bool) {
	return func(yield func(console.Event, error) bool) {
		ticker := time.NewTicker(logPatience)
		defer ticker.Stop()
		events := con.Channel()
		for {
			select {
			case event, ok := <-events:
				if !ok {
					b.flush()
					if err := con.Err(); err != nil && !errors.Is(err, console.ErrClosed) {
						yield(nil, err)
					}
					return
				}
				line, isLine := event.(console.Output)
				switch {
				case !isLine:
					if !yield(event, nil) {
						return
					}
				case line.FromLog && !b.open:
					ticker.Reset(logPatience)
					b.held = append(b.held, line)
				default:
					b.flush()
					b.print(line)
				}
			case <-ticker.C:
				if len(b.held) > 0 {
					b.flush()
				}
			case <-ctx.Done():
				b.flush()
				return
			}
		}
	}
}

func (b *tailBuffer) flush() {
	for _, line := range b.held[max(0, len(b.held)-b.size):] {
		b.print(line)
	}
	b.held, b.open = nil, true
}
