package paneltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// ReadSeed reads a Seed from a JSON file. Unknown fields are errors.
func ReadSeed(path string) (Seed, error) {
	text, err := os.ReadFile(path) //nolint:gosec // it is the caller's to choose
	if err != nil {
		return Seed{}, err
	}
	var seed Seed
	if err := decodeStrictly(text, &seed); err != nil {
		return Seed{}, fmt.Errorf("paneltest: seed %s: %w", path, err)
	}
	return seed, nil
}

func decodeStrictly(text []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

// plainGame is a SeedGame without its methods.
type plainGame SeedGame

// gameDocument is a SeedGame whose durations are texts, such as "1.5s".
type gameDocument struct {
	*plainGame

	BootTime string `json:"boot_time,omitempty"`
	StopTime string `json:"stop_time,omitempty"`
}

// MarshalJSON implements [json.Marshaler]. Durations become texts.
func (g SeedGame) MarshalJSON() ([]byte, error) {
	document := gameDocument{plainGame: (*plainGame)(&g)}
	for _, d := range []struct {
		from time.Duration
		to   *string
	}{{g.BootTime, &document.BootTime}, {g.StopTime, &document.StopTime}} {
		if d.from != 0 {
			*d.to = d.from.String()
		}
	}
	return json.Marshal(document)
}

// UnmarshalJSON implements [json.Unmarshaler]. Durations are texts.
func (g *SeedGame) UnmarshalJSON(text []byte) error {
	var read SeedGame
	document := gameDocument{plainGame: (*plainGame)(&read)}
	if err := decodeStrictly(text, &document); err != nil {
		return err
	}
	for _, d := range []struct {
		from string
		to   *time.Duration
	}{{document.BootTime, &read.BootTime}, {document.StopTime, &read.StopTime}} {
		var err error
		if d.from == "" {
			continue
		}
		if *d.to, err = time.ParseDuration(d.from); err != nil {
			return fmt.Errorf("a duration is a text such as \"1.5s\": %w", err)
		}
	}
	*g = read
	return nil
}
