package paneltest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// The addresses of what is in memory. The names are never looked up.
const (
	memoryPanel = "panel.test:80"
	memoryWings = ".node.test:8080"
)

// anyPort is where a Panel or a node listens that is told nothing else.
const anyPort = "127.0.0.1:0"

// errAddresses is for options that contradict each other.
var errAddresses = errors.New("paneltest: a Panel that is InMemory has addresses of its own")

// listenAddress is where the Panel listens.
func (cfg *config) listenAddress() (string, error) {
	switch {
	case cfg.inMemory && (cfg.address != "" || cfg.url != "" || cfg.nodeAddress != ""):
		return "", errAddresses
	case cfg.inMemory:
		return memoryPanel, nil
	case cfg.address == "":
		return anyPort, nil
	}
	return cfg.address, nil
}

// announced is the URL of a Panel that listens on an address.
func (cfg *config) announced(listens string) (string, error) {
	if cfg.url != "" {
		return cfg.url, nil
	}
	host, port, err := net.SplitHostPort(listens)
	if err != nil {
		return "", err
	}
	if isUnspecified(host) {
		host = outward()
	}
	return "http://" + strings.TrimSuffix(net.JoinHostPort(host, port), ":80"), nil
}

// nodeListenAddress is where a node listens, next to the Panel by default.
func (p *Panel) nodeListenAddress(n *model.Node) (string, error) {
	if p.cfg.inMemory {
		return "n" + strconv.Itoa(n.ID) + memoryWings, nil
	}
	host, port, err := net.SplitHostPort(p.cfg.nodeAddress)
	if p.cfg.nodeAddress == "" {
		port = "0"
		host, _, err = net.SplitHostPort(p.host.Address)
	}
	if err != nil {
		return "", err
	}
	number, err := strconv.Atoi(port)
	if err != nil || number == 0 {
		return net.JoinHostPort(host, port), err
	}
	return net.JoinHostPort(host, strconv.Itoa(number+n.ID-1)), nil
}

// nodeHost is the name of a node that listens on an address.
func (p *Panel) nodeHost(listens string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(listens)
	if err != nil {
		return "", 0, err
	}
	if port, err = strconv.Atoi(text); err != nil {
		return "", 0, err
	}
	named, _, _ := net.SplitHostPort(p.cfg.nodeAddress) // "" for none
	switch {
	case named != "" && !isUnspecified(named):
		return named, port, nil
	case p.cfg.url != "" || isUnspecified(host):
		address, err := url.Parse(p.URL)
		if err != nil {
			return "", 0, err
		}
		return address.Hostname(), port, nil
	}
	return host, port, nil
}

// isUnspecified reports whether a host stands for all addresses of this machine.
func isUnspecified(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// outward returns an address by which other machines reach this one, or its own
// if it has none.
func outward() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	found := "127.0.0.1"
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		switch ip := prefix.Addr(); {
		case err != nil || !ip.IsGlobalUnicast():
		case ip.Is4():
			return ip.String()
		case found == "127.0.0.1":
			found = ip.String()
		}
	}
	return found
}

// WithURL is the address by which clients reach the Panel, if that is not the
// one it listens on: behind a proxy or in a container. The URLs in answers begin
// with it, it is the origin that the console of Wings asks for, and nodes are
// reached by its host, see [WithNodeAddress].
func WithURL(address string) Option {
	return func(cfg *config) error {
		parsed, err := url.Parse(address)
		if err != nil {
			return errors.New("paneltest: the URL of the Panel cannot be read") // it may hold a password
		}
		if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" || strings.Trim(parsed.Path, "/") != "" ||
			parsed.RawQuery != "" || parsed.Fragment != "" || parsed.User != nil {
			return fmt.Errorf("paneltest: %q is no URL such as http://panel.example:8080", parsed.Redacted())
		}
		cfg.url = parsed.Scheme + "://" + parsed.Host
		return nil
	}
}

// WithNodeAddress makes the node with ID 1 listen on an address, such as
// "0.0.0.0:8081", the one with ID 2 on the next port, and so on; port 0 is any
// free one. Clients reach the nodes by the host in it or, if that is 0.0.0.0 or
// "", by the host of the Panel's URL. By default nodes listen on the same host as
// the Panel, on any port.
func WithNodeAddress(address string) Option {
	return func(cfg *config) error {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("paneltest: the address of nodes: %w", err)
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return fmt.Errorf("paneltest: the address of nodes has no port: %q", address)
		}
		cfg.nodeAddress = address
		return nil
	}
}
