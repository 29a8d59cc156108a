package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
	"github.com/ptero-go/ptero/console"
)

// The exit codes. They are documented in README.md.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitNotAllowed  = 4
	exitRateLimited = 5
	exitPartly      = 6
	exitInterrupted = 130
)

// failure is an error with what to do about it.
type failure struct {
	code int // 0 for that of the error
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usagef returns an error about the command line.
func usagef(format string, args ...any) error {
	return &failure{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// notFound returns an error about a name that nothing has. command lists what
// there is.
func notFound(kind, name string, known []string, command string) error {
	f := &failure{code: exitNotFound, err: fmt.Errorf("no %s %q", kind, name)}
	if near := closest(name, known); near != "" {
		f.hint = fmt.Sprintf("Did you mean %q? ", near)
	}
	if command != "" {
		f.hint += "See: " + command
	}
	return f
}

// exitCode returns the code that says what kind of error it is.
func exitCode(err error) int {
	var f *failure
	var argument *client.ArgumentError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f) && f.code != 0:
		return f.code
	case errors.As(err, &argument):
		return exitUsage
	case errors.Is(err, client.ErrNotFound), errors.Is(err, console.ErrDeleted):
		return exitNotFound
	case errors.Is(err, client.ErrUnauthorized), errors.Is(err, client.ErrForbidden), errors.Is(err, console.ErrPermission):
		return exitNotAllowed
	case errors.Is(err, client.ErrRateLimited):
		return exitRateLimited
	}
	return exitError
}

// report prints how a command ended and returns its exit code.
func (a *app) report(ctx context.Context, cmd *cobra.Command, err error) int {
	if err == nil {
		if err = a.OutErr(); err == nil {
			return exitOK
		}
		err = fmt.Errorf("not all of the output could be written: %w", err)
	}
	if ctx.Err() != nil || errors.Is(err, ui.ErrInterrupted) {
		text := "Interrupted."
		var f *failure
		if errors.As(err, &f) && f.code == exitInterrupted {
			return exitInterrupted // as expected
		}
		if f != nil && f.hint != "" {
			text += " " + f.hint // what was done
		}
		a.Errorln(a.PaintErr(ui.Warn, text))
		return exitInterrupted
	}
	code := exitCode(err)
	if code == exitError && isUsage(err) {
		code = exitUsage
	}
	text, hint := explain(err)
	text = missingFlags.ReplaceAllString(text, "--$1 is missing")
	a.Errorln(a.PaintErr(ui.Bad, "Error:") + " " + ui.Clean(text))
	if code == exitUsage && hint == "" && cmd != nil {
		hint = "Usage: " + cmd.UseLine() + "\nMore: " + cmd.CommandPath() + " --help"
	}
	if hint != "" {
		a.Errorln(hint)
	}
	return code
}

// flagError explains an error about a flag, with the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	f := &failure{code: exitUsage, err: err}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var known []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { known = append(known, flag.Name) })
		if near := closest(unknown.GetSpecifiedName(), known); near != "" {
			f.hint = fmt.Sprintf("Did you mean --%s? See: %s --help", near, cmd.CommandPath())
		}
	}
	return f
}

// missingFlags matches how cobra says that flags are missing.
var missingFlags = regexp.MustCompile(`^required flag\(s\) "(.*)" not set$`)

// isUsage recognizes the errors that cobra and pflag make, which have no types.
func isUsage(err error) bool {
	text := err.Error()
	return slices.ContainsFunc([]string{
		"unknown command", "required flag", "if any flags in the group", "at least one of the flags",
	}, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// explain returns an error in words for people, and what to do about it.
func explain(err error) (text, hint string) {
	text = err.Error()
	var e *client.Error
	if errors.As(err, &e) {
		// The operation is a name for programmers.
		text = strings.Replace(text, e.Operation+": ", "", 1)
		hint = advice(err, e)
	}
	var c *console.Error
	if errors.As(err, &c) {
		text = strings.Replace(text, "console: "+c.Op+": ", "", 1)
	}
	text = stages.ReplaceAllString(strings.TrimPrefix(text, "console: "), "")
	var argument *client.ArgumentError
	if errors.As(err, &argument) {
		// So are these.
		text = strings.Replace(text, argument.Error(), "the "+strings.ToLower(argument.Argument)+" "+argument.Problem, 1)
	}
	if m := unsupported.FindStringSubmatch(text); m != nil && errors.Is(err, client.ErrUnsupported) {
		// What to call instead is for programmers, too.
		text = strings.TrimSpace(cmp.Or(m[1], "this")) + " is not supported by " + m[2]
	}
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		hint = f.hint
	}
	return text, hint
}

// unsupported matches the error for what the other kind of Panel has.
var unsupported = regexp.MustCompile(`^\w*: (?:argument (\w+ )is )?not supported by (\w+)`)

// stages matches what libraries say before the cause for which a connection to a
// console cannot be made, or ended.
var stages = regexp.MustCompile(`failed to (WebSocket dial|send handshake request|get reader|read frame header): (Get "[^"]*": )?`)

// advice says what to do about what a Panel answered.
func advice(err error, e *client.Error) string {
	admin := strings.HasPrefix(e.Path, "/api/application") || strings.Contains(e.Path, "/api/application/")
	switch {
	case errors.Is(err, client.ErrUnauthorized):
		return "The Panel does not know this key. Store a new one with: ptero auth login"
	case errors.Is(err, client.ErrForbidden) && admin:
		return "This needs an application key with the right for it, or a client key of a root administrator. See: ptero doctor"
	case errors.Is(err, client.ErrForbidden):
		return "The account lacks the permission for this. See: ptero doctor"
	case errors.Is(err, client.ErrRateLimited):
		if e.RetryAfter > 0 {
			return "Try again in " + ui.Duration(e.RetryAfter) + "."
		}
		return "Try again in a minute."
	case errors.Is(err, client.ErrConflict):
		return "The server is suspended, being installed, restored or moved. See: ptero servers show"
	case errors.Is(err, client.ErrDaemon):
		return "The node of the server does not answer, or refused. Its administrator can see why in the log of Wings."
	case errors.Is(err, context.DeadlineExceeded):
		return "Nothing came in time. Check the address and the network with: ptero doctor"
	case e.StatusCode == 0:
		return "Check the address and the network with: ptero doctor"
	case e.StatusCode == http.StatusBadGateway || e.StatusCode == http.StatusServiceUnavailable || e.StatusCode == http.StatusGatewayTimeout:
		return "The Panel is busy or in maintenance. Try again later."
	}
	return ""
}

// isStatus reports whether an error is an answer with one of the statuses.
func isStatus(err error, statuses ...int) bool {
	var e *client.Error
	return errors.As(err, &e) && slices.Contains(statuses, e.StatusCode)
}
