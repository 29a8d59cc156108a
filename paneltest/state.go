package paneltest

import (
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// look reads what the Panel holds, while no request changes it.
func (p *Panel) look(do func(*model.State)) {
	_ = p.core.Update(func(s *model.State) error { // nor does it fail
		do(s)
		return nil
	})
}

// Version returns the version of the Panel, such as "1.12.3".
func (p *Panel) Version() string { return p.cfg.version.String() }

// Operations returns the operationIds that this version serves. [Panel.Fail]
// takes them.
func (p *Panel) Operations() []string { return append(p.core.Operations(), transferOperations...) }

// Server is what a [Panel] holds of a server, at one moment.
type Server struct {
	ID         int    `json:"id"` // by which the Application API knows it
	UUID       string `json:"uuid"`
	Identifier string `json:"identifier"` // the first eight characters of the UUID
	Name       string `json:"name"`
	Owner      string `json:"owner"` // a username
	Node       string `json:"node"`  // the name of a node

	// Power is offline, starting, running or stopping.
	Power string `json:"power"`

	// Status is what keeps the server from being used: installing,
	// install_failed, reinstall_failed, suspended, restoring_backup, or "" for
	// nothing.
	Status string `json:"status"`
}

// Server returns a server by its name, its identifiers or its UUID. It is an
// error if there is none, or if several have the name.
func (p *Panel) Server(name string) (Server, error) {
	var found Server
	err := p.onServer(name, func(s *model.Server) error {
		found = describe(s)
		return nil
	})
	return found, err
}

// Servers returns all servers in the order of their IDs.
func (p *Panel) Servers() []Server {
	var servers []Server
	p.look(func(s *model.State) {
		for _, row := range s.Servers.All() {
			servers = append(servers, describe(row))
		}
	})
	return servers
}

func describe(s *model.Server) Server {
	power := protocol.StateOffline
	if s.Node.Daemon != nil {
		if srv := s.Node.Daemon.Server(s.UUID); srv != nil { // else it was never started
			power = srv.State()
		}
	}
	return Server{
		ID: s.ID, UUID: s.UUID, Identifier: s.Identifier(), Name: s.Name, Owner: s.Owner.Username, Node: s.Node.Name,
		Power: power, Status: s.Status,
	}
}

// Account is a snapshot of an account of the Panel.
type Account struct {
	ID       int      `json:"id"`
	Username string   `json:"username"`
	Email    string   `json:"email"`
	Password string   `json:"password"`
	Admin    bool     `json:"admin"`
	Keys     []string `json:"keys"` // API keys as clients send them
}

// String returns the username alone, so that printing an account shows no
// secrets.
func (a Account) String() string { return a.Username }

// Accounts returns all accounts in the order of their IDs, with their passwords
// and keys.
func (p *Panel) Accounts() []Account {
	var accounts []Account
	p.look(func(s *model.State) {
		keys := make(map[*model.User][]string)
		for _, k := range s.KeyOrder {
			keys[k.Owner] = append(keys[k.Owner], k.Identifier+k.Secret)
		}
		for _, u := range s.Users.All() {
			accounts = append(accounts, Account{u.ID, u.Username, u.Email, u.Password, u.Admin, keys[u]})
		}
	})
	return accounts
}

// Node is a snapshot of a node of the Panel.
type Node struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"` // of its Wings
	Up   bool   `json:"up"`  // whether Wings answers
}

// Nodes returns all nodes in the order of their IDs.
func (p *Panel) Nodes() []Node {
	var nodes []Node
	p.look(func(s *model.State) {
		for _, n := range s.Nodes.All() {
			nodes = append(nodes, Node{n.ID, n.Name, n.Address(), n.Up()})
		}
	})
	return nodes
}
