package paneltest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/protocol"
)

type nest struct {
	id               int
	uuid             string
	author, name     string
	description      *string
	created, updated time.Time
}

type egg struct {
	id                     int
	uuid                   string
	nest                   *nest
	name, author           string
	description            *string
	images                 []image // the first is the usual one
	features               []string
	denylist               []string
	files, startup, logs   json.RawMessage
	stop                   *string
	configFrom, scriptFrom *egg
	command                string
	privileged             bool
	install                string
	entry, container       string
	variables              []*variable
	game                   protocol.Game
	cannotStart            bool // each start and each installation fails
	created, updated       time.Time
}

// image is a Docker image that an egg offers.
type image struct{ label, image string }

// hasImage reports whether users may choose an image.
func (e *egg) hasImage(name string) bool {
	return slices.ContainsFunc(e.images, func(i image) bool { return i.image == name })
}

type variable struct {
	id                 int
	egg                *egg
	name, description  string
	env                string
	value              string // by default
	viewable, editable bool
	rules              string
	created, updated   time.Time
}
