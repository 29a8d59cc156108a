// Command panelsim runs a fake Pterodactyl Panel with its Wings, for trying a
// client, in any language, with no Panel at hand:
//
//	go run github.com/ptero-go/ptero/cmd/panelsim@latest
//
// It prints its address and keys, and runs until it is interrupted. In a browser
// its address shows what happens, and /docs/ the reference of the API with
// requests to try, all without a network. Nothing is kept. The documentation of
// package paneltest says what the Panel can do.
//
// In a container, or for other machines, name the address by which it is
// reached, and the ports of its two nodes:
//
//	panelsim -addr 0.0.0.0:8080 -nodes 0.0.0.0:8081 -url http://panel.example:8080
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ptero-go/ptero/cmd/panelsim/page"
	"github.com/ptero-go/ptero/cmd/panelsim/site"
	"github.com/ptero-go/ptero/paneltest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "panelsim:", err)
		os.Exit(1)
	}
}

// run runs a Panel until the context ends.
func run(ctx context.Context, args []string, out, problems io.Writer) error {
	options, err := parse(args, problems)
	if err != nil {
		return err
	}
	options.panel = append(options.panel, paneltest.WithMiddleware(func(panel *paneltest.Panel) http.Handler {
		w := &world{panel: panel, control: options.control}
		return page.Handler(w, site.Handler(w.Try, panel))
	}))
	panel, err := paneltest.New(options.panel...)
	if err != nil {
		return err
	}
	defer panel.Close()
	if err := introduce(out, panel, options); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// options are what the command line asks for.
type options struct {
	control bool
	panel   []paneltest.Option
}

func parse(args []string, problems io.Writer) (*options, error) {
	flags := flag.NewFlagSet("panelsim", flag.ContinueOnError)
	flags.SetOutput(problems)
	var o options
	addr := flags.String("addr", "127.0.0.1:8080", "`address` that the Panel listens on; port 0 is any free one, 0.0.0.0 lets other machines in")
	url := flags.String("url", "", "`address` by which clients reach the Panel, as in http://panel.example:8080, if not the one of -addr")
	nodes := flags.String("nodes", "", "`address` that the first node listens on, as in 0.0.0.0:8081; each further one takes the next port")
	origins := flags.String("origins", "", "further `origins` that sockets may come from, as in http://localhost:8080,http://localhost:3000, or * for any")
	version := flags.String("version", "1.12", "`version` of the Panel: 0.7, 1.11, 1.12.0 or 1.12.3, which 1.12 stands for; or pelican, its fork")
	wings := flags.String("wings", "", "`version` of Wings: 1.11, 1.12.0 or 1.12.3, if not one that fits the Panel")
	seed := flags.String("seed", "", "JSON `file` with what the Panel holds")
	files := flags.String("files", "", "`folder` for the files of servers, instead of memory")
	limits := flags.String("rate-limits", "", "requests a minute to the Client and the Application API, as in `720,240`, or off")
	flags.BoolVar(&o.control, "control", false, "let clients cause faults by requests to /control/")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag; -help lists them", flags.Arg(0))
	}
	o.panel = []paneltest.Option{paneltest.WithAddress(*addr), paneltest.WithVersion(*version)}
	if *url != "" {
		o.panel = append(o.panel, paneltest.WithURL(*url))
	}
	if *nodes != "" {
		o.panel = append(o.panel, paneltest.WithNodeAddress(*nodes))
	}
	if *origins != "" {
		o.panel = append(o.panel, paneltest.WithOrigins(strings.Split(*origins, ",")...))
	}
	if *wings != "" {
		o.panel = append(o.panel, paneltest.WithWings(*wings))
	}
	if *seed != "" {
		o.panel = append(o.panel, paneltest.WithSeedFile(*seed))
	}
	if *files != "" {
		o.panel = append(o.panel, paneltest.WithFilesDir(*files))
	}
	if o.control {
		o.panel = append(o.panel, paneltest.WithControl())
	}
	if *limits != "" {
		limit, err := parseLimits(*limits)
		if err != nil {
			return nil, err
		}
		o.panel = append(o.panel, limit)
	}
	return &o, nil
}

func parseLimits(text string) (paneltest.Option, error) {
	if text == "off" {
		return paneltest.WithoutRateLimits(), nil
	}
	first, second, _ := strings.Cut(text, ",")
	client, errClient := strconv.Atoi(first)
	application, errApplication := strconv.Atoi(second)
	if errClient != nil || errApplication != nil {
		return nil, fmt.Errorf("-rate-limits %s is neither two numbers, such as 720,240, nor off", text)
	}
	return paneltest.WithRateLimits(client, application, time.Minute), nil
}

// introduce tells how to use a Panel.
func introduce(out io.Writer, panel *paneltest.Panel, o *options) error {
	var text strings.Builder
	kind, reference := "Panel "+panel.Version(), "reference.html"
	if isPelican(panel) {
		kind, reference = "Pelican", "pelican.html"
	}
	fmt.Fprintf(&text, "%s at %s\n\n", kind, panel.URL)
	key, path := "", "/api/client"
	for _, k := range []struct{ name, key string }{
		{"user", panel.UserKey}, {"subuser", panel.SubuserKey}, {"admin", panel.AdminKey}, {"application", panel.ApplicationKey},
	} {
		if k.key == "" {
			continue
		}
		fmt.Fprintf(&text, "  %-12s %s\n", k.name, k.key)
		if key == "" {
			key = k.key
		}
	}
	if key == panel.ApplicationKey {
		path = "/api/application/servers"
	}
	if key != "" {
		fmt.Fprintf(&text, "\n  curl -H 'Accept: application/json' -H 'Authorization: Bearer %s' %s%s\n", key, panel.URL, path)
	}
	if o.control {
		fmt.Fprintf(&text, "  curl %s/control/\n", panel.URL)
	}
	fmt.Fprintf(&text, "\nThe reference, with requests to try: %s/docs/%s\n", panel.URL, reference)
	text.WriteString("\nInterrupt it to end it.\n")
	_, err := io.WriteString(out, text.String())
	return err
}
