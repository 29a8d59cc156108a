package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ptero-go/ptero/client"
)

// tourOwn takes the tour of somebody's Panel: it looks, and does to the first
// server that runs what does no harm.
func tourOwn(ctx context.Context, out io.Writer, panelURL, key string) error {
	c, err := client.New(panelURL, key, client.WithUserAgent("tour/1.0"))
	if err != nil {
		return err
	}
	running, err := showServers(ctx, out, c)
	if err != nil {
		return err
	}
	if running != nil {
		if err := act(ctx, out, c, running); err != nil {
			return err
		}
	} else {
		heading(out, "No server is running, so nothing is sent to one")
	}
	return showRefusal(ctx, out, c)
}

func heading(out io.Writer, format string, args ...any) {
	title := fmt.Sprintf(format, args...)
	fmt.Fprintf(out, "\n%s\n%s\n", title, strings.Repeat("-", len(title)))
}

// running is a server that runs and what it uses.
type running struct {
	*client.Server
	stats *client.Stats
}

// maxServers bounds the table, and the calls for power states with it.
const maxServers = 20

// showServers prints the servers as a table and returns one that runs, if any.
func showServers(ctx context.Context, out io.Writer, c *client.Client) (*running, error) {
	var found *running
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  ID\tNAME\tSTATE\tMEMORY\tDISK\tCPU\tADDRESSES")
	rows := 0
	for server, err := range c.Servers.All(ctx, client.ServerListOptions{PerPage: maxServers}) {
		if err != nil {
			return nil, err
		}
		state, stats := stateOf(ctx, c, server)
		if found == nil && stats != nil && stats.CurrentState == client.PowerStateRunning {
			found = &running{server, stats}
		}
		limits := server.Limits
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", server.Identifier, server.Name, state,
			limit(limits.Memory, "MiB"), limit(limits.Disk, "MiB"), limit(limits.CPU, "%"), addresses(server))
		if rows++; rows == maxServers {
			break
		}
	}
	if rows == 0 {
		fmt.Fprintln(table, "  (none)")
	}
	heading(out, "Servers")
	return found, table.Flush()
}

// stateOf says in a word how a server is. The power state takes a call of its
// own, which cannot succeed in every state of the server and of its node.
func stateOf(ctx context.Context, c *client.Client, server *client.Server) (string, *client.Stats) {
	if server.Status != nil {
		return strings.ReplaceAll(string(*server.Status), "_", " "), nil
	}
	stats, err := c.Servers.Resources(ctx, server.Identifier)
	switch {
	case errors.Is(err, client.ErrDaemon):
		return "node is down", nil
	case err != nil:
		return "unknown", nil
	}
	return string(stats.CurrentState), stats
}

func limit(n int, unit string) string {
	if n == 0 {
		return "unlimited"
	}
	return strconv.Itoa(n) + " " + unit
}

func addresses(server *client.Server) string {
	if server.Relationships == nil {
		return ""
	}
	var all []string
	for _, a := range server.Relationships.Allocations.All() {
		host := a.IP
		if a.IPAlias != nil {
			host = cmp.Or(*a.IPAlias, host)
		}
		all = append(all, host+":"+strconv.Itoa(a.Port))
	}
	return strings.Join(all, " ")
}

// act shows what a running server uses, and sends it a command and a signal that
// do no harm.
func act(ctx context.Context, out io.Writer, c *client.Client, server *running) error {
	heading(out, "%s, live", server.Name)
	used := server.stats.Resources
	fmt.Fprintf(out, "  up for   %s\n", inWords(time.Duration(used.Uptime)*time.Millisecond))
	fmt.Fprintf(out, "  memory   %s of %s\n", mebibytes(used.MemoryBytes), limit(server.Limits.Memory, "MiB"))
	fmt.Fprintf(out, "  disk     %s of %s\n", mebibytes(used.DiskBytes), limit(server.Limits.Disk, "MiB"))
	fmt.Fprintf(out, "  cpu      %.1f %% of %s\n", used.CPUAbsolute, limit(server.Limits.CPU, "%"))
	fmt.Fprintf(out, "  network  %s in, %s out\n", mebibytes(used.NetworkRxBytes), mebibytes(used.NetworkTxBytes))

	const command = "hello"
	if err := c.Servers.Command(ctx, server.Identifier, command); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n  The command %q was typed into its console.\n", command)
	if err := c.Servers.Signal(ctx, server.Identifier, client.PowerSignalStart); err != nil {
		return err
	}
	fmt.Fprintf(out, "  The signal %q was sent; it runs already, so nothing changes.\n", client.PowerSignalStart)
	return nil
}

func mebibytes(bytes int64) string {
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

// inWords says a duration as people do, in its two largest units.
func inWords(d time.Duration) string {
	var words []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := int(d / unit.length)
		d -= time.Duration(n) * unit.length
		if n == 0 {
			continue
		}
		word := strconv.Itoa(n) + " " + unit.name
		if n > 1 {
			word += "s"
		}
		if words = append(words, word); len(words) == 2 {
			break
		}
	}
	return cmp.Or(strings.Join(words, " "), "less than a second")
}

// showRefusal asks for something impossible and takes the error apart.
func showRefusal(ctx context.Context, out io.Writer, c *client.Client) error {
	heading(out, "A refusal: an SSH key that is none")
	_, err := c.SSHKeys.Create(ctx, client.CreateSSHKeyRequest{Name: "", PublicKey: "nonsense"})
	var refused *client.Error
	if !errors.Is(err, client.ErrValidation) || !errors.As(err, &refused) {
		return fmt.Errorf("expected a validation error, got: %w", err)
	}
	fmt.Fprintf(out, "  status %d of %s\n", refused.StatusCode, refused.Operation)
	for _, entry := range refused.Entries {
		fmt.Fprintf(out, "  field %q, rule %q: %s\n", entry.Field(), entry.Rule(), entry.Detail)
	}
	return nil
}
