package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/console"
)

func runCommandOf(a *app) *cobra.Command {
	var pattern string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "run SERVER COMMAND", Short: "Send a command to a console and print the answer",
		Long: `Send a command to a console and print the answer: the lines that follow, until one
matches --expect, or without it until half a second of silence. Lines that the
server prints for other reasons cannot be told apart.

With --expect the exit code is 1 if no line matches in time.`,
		Example: "  ptero run lobby list\n  ptero run lobby 'save-all flush' --expect 'Saved the game' --timeout 1m",
		Args:    args("SERVER", "COMMAND"), ValidArgsFunction: completeArgs(a, 1),
		RunE: runE(func(ctx context.Context, args []string) error {
			var expect *regexp.Regexp
			if pattern != "" {
				var err error
				if expect, err = regexp.Compile(pattern); err != nil {
					return usagef("--expect: %v", err)
				}
			}
			switch {
			case timeout <= 0:
				return usagef("--timeout must be above 0")
			case strings.ContainsAny(args[1], "\r\n"):
				return usagef("the command has a line break; run each line by itself, or only the last answer would be waited for")
			case strings.TrimSpace(args[1]) == "":
				return usagef("the command is empty")
			}
			c, s, err := a.server(ctx, args[0])
			if err != nil {
				return err
			}
			limited, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			con, err := console.Dial(limited, a.console(c, s), console.WithPatientCommands())
			if err != nil {
				return withAdvice(err)
			}
			defer con.Close()
			var until func(console.Output) bool
			printed := 0
			if expect != nil {
				until = func(line console.Output) bool {
					printed++
					a.Printf("%s\n", a.ConsoleLine(line.Line))
					return expect.MatchString(line.Text())
				}
			}
			lines, err := con.Run(limited, args[1], until)
			for _, line := range lines[min(printed, len(lines)):] {
				a.Printf("%s\n", a.ConsoleLine(line.Line))
			}
			switch {
			case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && expect != nil:
				return fmt.Errorf("no line matched %q within %s", pattern, timeout)
			case errors.Is(err, console.ErrIncomplete):
				a.Messagef("Note: lines of the answer may be missing.")
				return nil
			case err != nil:
				return withAdvice(err)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&pattern, "expect", "", "wait for a line that matches a regular `expression`")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait at most")
	return cmd
}
