package paneltest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/panel"
)

// Option changes how [New] sets up a [Panel].
type Option func(*config) error

// config is what the options say.
type config struct {
	seed                *Seed
	version             panel.Version
	wings               *panel.Version // nil for one that fits
	chance              uint64
	inMemory            bool
	address, url        string // where the Panel listens, and where it is reached
	nodeAddress         string
	filesDir            string
	control             bool
	client, application int // requests in a window
	window              time.Duration
	unlimited           bool
	allowOrigins        []string
	wrap                func(*Panel) http.Handler
}

// WithSeed fills the Panel with a seed other than [DefaultSeed].
func WithSeed(seed Seed) Option {
	return func(cfg *config) error {
		cfg.seed = &seed
		return nil
	}
}

// WithSeedFile is [WithSeed] with a Seed from a JSON file.
func WithSeedFile(path string) Option {
	return func(cfg *config) error {
		seed, err := ReadSeed(path)
		cfg.seed = &seed
		return err
	}
}

// WithPelican runs Pelican, the fork of the Panel, with its Wings, as
// WithVersion("pelican") does. A seed's locations and nests are passed over: its
// nodes have tags, and its eggs stand alone.
func WithPelican() Option { return WithVersion(panel.Pelican.String()) }

// WithVersion chooses the version of the Panel: "0.7", "1.11", "1.12.0", "1.12.3",
// which is the default and what "1.12" stands for, or "pelican". The package
// documentation lists the differences.
func WithVersion(version string) Option {
	return func(cfg *config) error {
		chosen, known := panel.ParseVersion(version)
		if !known {
			return fmt.Errorf("paneltest: version %q of the Panel is none of %s", version, strings.Join(panel.VersionNames(), ", "))
		}
		cfg.version = chosen
		return nil
	}
}

// WithWings chooses the version of the nodes' Wings, from "1.11" on, instead of
// one that fits the Panel. With "1.12.3" or "pelican" and a Panel before 1.12.3 no
// console opens, and signed URLs answer 404, as with the real ones.
func WithWings(version string) Option {
	return func(cfg *config) error {
		chosen, known := panel.ParseVersion(version)
		if !known || chosen < panel.Version111 {
			return fmt.Errorf("paneltest: version %q of Wings is none of %s", version, strings.Join(panel.VersionNames()[1:], ", "))
		}
		cfg.wings = &chosen
		return nil
	}
}

// WithChance seeds what a real Wings leaves to chance: the order of commands that
// come together, and where live lines stand among those of the log. The same seed
// gives the same behaviour. The default is 0.
func WithChance(seed uint64) Option {
	return func(cfg *config) error {
		cfg.chance = seed
		return nil
	}
}

// WithRateLimits sets how many requests an account may make to each API in a
// window. The default is what the version ships with, see the package
// documentation.
func WithRateLimits(client, application int, window time.Duration) Option {
	return func(cfg *config) error {
		if client < 1 || application < 1 || window <= 0 {
			return errors.New("paneltest: rate limits must be above 0")
		}
		cfg.client, cfg.application, cfg.window = client, application, window
		return nil
	}
}

// WithoutRateLimits removes all rate limits, including those on backups and on
// pulled files.
func WithoutRateLimits() Option {
	return func(cfg *config) error {
		cfg.unlimited = true
		return nil
	}
}

// WithFilesDir keeps the files of servers in a folder, each server's in one of
// its own by its UUID. Without it they are kept in memory.
func WithFilesDir(dir string) Option {
	return func(cfg *config) error {
		cfg.filesDir = dir
		return nil
	}
}

// InMemory keeps the network in memory too, so that all of it runs inside a
// bubble of testing/synctest. Only [Panel.HTTPClient] reaches such a Panel and
// its nodes.
func InMemory() Option {
	return func(cfg *config) error {
		cfg.inMemory = true
		return nil
	}
}

// WithAddress makes the Panel listen on an address, such as "127.0.0.1:8080". By
// default it takes any free port on the loopback interface. With "0.0.0.0:8080"
// other machines can reach the Panel and its nodes too; [Panel.URL] then holds an
// address of this machine that works from there.
func WithAddress(address string) Option {
	return func(cfg *config) error {
		cfg.address = address
		return nil
	}
}

// WithControl serves the control endpoints below /control/, which cause faults
// and report what happened. They need no key: anyone who can reach the Panel can
// use them. GET /control/ lists them.
func WithControl() Option {
	return func(cfg *config) error {
		cfg.control = true
		return nil
	}
}

// WithOrigins accepts WebSocket connections from further origins besides the
// Panel's own; "*" accepts any.
func WithOrigins(origins ...string) Option {
	return func(cfg *config) error {
		cfg.allowOrigins = origins
		return nil
	}
}

// WithMiddleware puts a handler before the Panel, to look at every exchange or to
// serve something beside it. What it passes on goes to [Panel.ServeHTTP].
func WithMiddleware(wrap func(*Panel) http.Handler) Option {
	return func(cfg *config) error {
		cfg.wrap = wrap
		return nil
	}
}
