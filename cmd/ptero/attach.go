package main

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/cmd/ptero/internal/consoleui"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

func consoleCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "console SERVER", Short: "Attach to the console of a server",
		Long: `Attach to the console of a server: what it prints stays on your terminal, and what
you type is sent to it. The last line shows its state.

  enter        sends the line
  up, down     go through the lines that you sent
  ctrl-c       clears the line; on an empty one it leaves, as ctrl-d does

Leaving never stops the server.`,
		Args: args("SERVER"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			if !a.InTTY || !a.OutTTY || a.Dumb {
				return &failure{code: exitUsage, err: errors.New("a console needs a terminal"), hint: "For scripts there are: ptero run, and ptero logs --follow"}
			}
			c, s, err := a.server(ctx, args[0])
			if err != nil {
				return err
			}
			con, err := console.Dial(ctx, a.console(c, s), console.WithLog(), console.WithPatientCommands())
			if err != nil {
				return withAdvice(err)
			}
			model := &consoleProgram{model: consoleui.NewInline(a.Terminal, s.Name, nil, newDescriber())}
			program := tea.NewProgram(model, a.programOptions(ctx)...)
			session := consoleui.Open(con, program.Send)
			model.model.SetSession(session)
			_, err = program.Run()
			session.Close()
			switch {
			case model.ended != nil:
				return withAdvice(model.ended)
			case err != nil && ctx.Err() == nil:
				return err
			}
			a.Messagef("Left the console of %s, which goes on.", ui.Clean(s.Name))
			if ctx.Err() != nil {
				return &failure{code: exitInterrupted, err: ctx.Err()}
			}
			return nil
		}),
	}
}

// programOptions are those of all programs that fill the terminal.
func (a *app) programOptions(ctx context.Context) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler()}
	if !a.OutColor {
		options = append(options, tea.WithColorProfile(colorprofile.Ascii))
	}
	return options
}

// consoleProgram is a program that is a console and nothing else.
type consoleProgram struct {
	model consoleui.Model
	left  bool
	ended error
}

func (p *consoleProgram) Init() tea.Cmd { return nil }

func (p *consoleProgram) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.model.SetSize(msg.Width, msg.Height)
		return p, nil
	case consoleui.Detached:
		p.left = true
		return p, tea.Quit
	case consoleui.Ended:
		p.left, p.ended = true, msg.Err
		return p, tea.Quit
	}
	var cmd tea.Cmd
	p.model, cmd = p.model.Update(msg)
	return p, cmd
}

// View implements [tea.Model]. Of the last one nothing stays on the terminal.
func (p *consoleProgram) View() tea.View {
	if p.left {
		return tea.NewView("")
	}
	return p.model.View()
}
