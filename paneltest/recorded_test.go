package paneltest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/recorded"
	"github.com/ptero-go/ptero/paneltest"
)

// What the seeds of the recorded Panels are read from: the recorded answers.

// recordedItem is an item of an answer, with the relations of recorded kinds.
type recordedItem struct{ Attributes recordedAttributes }

// recordedAttributes are what items have.
type recordedAttributes struct {
	ID         int
	ExternalID *string `json:"external_id"`
	UUID       string
	Created    time.Time `json:"created_at"`

	Username, Email string
	FirstName       string `json:"first_name"`
	LastName        string `json:"last_name"`
	RootAdmin       bool   `json:"root_admin"`

	Short, Name, Author string
	Long, Description   *string
	Public              bool
	Limits              struct{ Memory, Disk, CPU int }
	FeatureLimits       struct {
		Databases, Allocations *int
		Backups                int
	} `json:"feature_limits"`
	User, Egg, Allocation int
	Status                string
	Container             struct {
		Startup     string `json:"startup_command"`
		Image       string
		Environment map[string]any
	}

	IP         string
	Port       int
	Alias      *string
	Host       string
	DockerImgs recordedImages `json:"docker_images"`
	Config     struct {
		Files, Startup, Logs json.RawMessage
		Stop                 *string
		Denylist             []string `json:"file_denylist"`
	}
	Startup string
	Script  struct {
		Privileged                bool
		Install, Entry, Container string
	}

	Env         string `json:"env_variable"`
	Default     string `json:"default_value"`
	Viewable    bool   `json:"user_viewable"`
	Editable    bool   `json:"user_editable"`
	IsEditable  bool   `json:"is_editable"`
	Rules       string
	UserID      int `json:"user_id"`
	Permissions []string

	EggFeatures   []string `json:"egg_features"`
	Relationships map[string]recordedList
}

// recordedMemory is memory and disk of a node, which share their names with
// objects of other kinds.
type recordedMemory struct {
	Attributes struct{ Memory, Disk int }
}

// recordedActivity is a line of the activity log.
type recordedActivity struct {
	Attributes struct {
		Event      string
		Properties envelope.Map[any]
		Timestamp  time.Time
		IsAPI      bool `json:"is_api"`
	}
}

// recordedList is a list, or an item in the place of one.
type recordedList struct{ Data []recordedItem }

// recordedImages are images by label, in the order of the document.
type recordedImages []paneltest.SeedImage

func (i *recordedImages) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		label, err := decoder.Token()
		if err != nil {
			return err
		}
		var image string
		if err := decoder.Decode(&image); err != nil {
			return err
		}
		*i = append(*i, paneltest.SeedImage{Label: label.(string), Image: image})
	}
	return nil
}

// recordedAnswers finds answers by the number of their recording.
type recordedAnswers map[string]*recorded.Recording

func (a recordedAnswers) decode(t *testing.T, number string, v any) {
	t.Helper()
	recording := a[number]
	if recording == nil {
		t.Fatalf("there is no recording %s", number)
	}
	if err := json.Unmarshal(recording.Response.Body, v); err != nil {
		t.Fatalf("%s: %v", number, err)
	}
}

func (a recordedAnswers) list(t *testing.T, number string) []recordedItem {
	t.Helper()
	var list recordedList
	a.decode(t, number, &list)
	return list.Data
}
