package model

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

// Nest is a group of eggs.
type Nest struct {
	ID               int
	UUID             string
	Author, Name     string
	Description      *string
	Created, Updated time.Time
}

// Egg is a kind of server.
type Egg struct {
	ID                     int
	UUID                   string
	Nest                   *Nest
	Name, Author           string
	Description            *string
	Images                 []Image // the first is the usual one
	Features               []string
	Denylist               []string
	Files, Startup, Logs   json.RawMessage
	Stop                   *string
	ConfigFrom, ScriptFrom *Egg
	Command                string
	Commands               []Command // of Pelican, the first is Command
	Icon                   *string
	Tags                   []string
	Privileged             bool
	Install                string
	Entry, Container       string
	Variables              []*Variable
	Game                   protocol.Game
	CannotStart            bool // each start and each installation fails
	Created, Updated       time.Time
}

// Image is a Docker image that an egg offers.
type Image struct{ Label, Image string }

// Command is a start command that an egg offers, in Pelican.
type Command struct{ Label, Command string }

// HasImage reports whether users may choose an image.
func (e *Egg) HasImage(name string) bool {
	return slices.ContainsFunc(e.Images, func(i Image) bool { return i.Image == name })
}

// Image is the usual image, "" for none.
func (e *Egg) Image() string {
	if len(e.Images) == 0 {
		return ""
	}
	return e.Images[0].Image
}

// Variable is a variable of an egg.
type Variable struct {
	ID                 int
	Egg                *Egg
	Name, Description  string
	Env                string
	Value              string // by default
	Viewable, Editable bool
	Rules              string
	Created, Updated   time.Time
}
