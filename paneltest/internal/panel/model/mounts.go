package model

// Mount is a folder of nodes that servers may have, in Pelican.
type Mount struct {
	ID                     int
	UUID, Name             string
	Description            *string
	Source, Target         string
	ReadOnly, UserMounting bool
	Eggs                   []*Egg
	Nodes                  []*Node
	Servers                []*Server
}
