package application

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
	"github.com/ptero-go/ptero/paneltest/internal/random"
)

// The operations of Pelican on eggs, which are in no nest.

// shownEgg refuses to include what Pelican says it can and cannot.
func shownEgg(included laravel.Relations) error {
	for _, name := range []string{"config", "script"} {
		if _, asked := included[name]; asked {
			return laravel.Crashed("TypeError")
		}
	}
	return nil
}

// ApplicationListAllEggs implements the operation. The list has one page.
func (a API) ApplicationListAllEggs(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightEggs, func(c *call) (*laravel.Answer, error) {
		included := c.Input.Includes()
		if err := shownEgg(included); err != nil {
			return nil, err
		}
		return laravel.OK(laravel.ListOf(c.State.Eggs.All(), func(e *model.Egg) laravel.Object { return c.showEgg(e, included) })), nil
	})
}

// ApplicationGetEggByID implements the operation.
func (a API) ApplicationGetEggByID(w http.ResponseWriter, r *http.Request, eggID int) {
	on(a, w, r, rightEggs, byID(eggsOf, eggID), func(c *call, e *model.Egg) (*laravel.Answer, error) {
		included := c.Input.Includes()
		if err := shownEgg(included); err != nil {
			return nil, err
		}
		return laravel.OK(c.showEgg(e, included)), nil
	})
}

// deleteEgg deletes an egg. The right to read is enough.
func (a API) deleteEgg(w http.ResponseWriter, r *http.Request, find func(*model.State) *model.Egg) {
	onTo(a, w, r, rightEggs, false, find, func(c *call, e *model.Egg) (*laravel.Answer, error) {
		if c.State.Servers.First(func(s *model.Server) bool { return s.Egg == e }) != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "HasActiveServersException",
				"An Egg with active servers attached to it cannot be deleted from the Panel.")
		}
		c.State.RemoveEgg(e)
		return laravel.NoContent, nil
	})
}

// ApplicationDeleteEgg implements the operation.
func (a API) ApplicationDeleteEgg(w http.ResponseWriter, r *http.Request, eggID int) {
	a.deleteEgg(w, r, byID(eggsOf, eggID))
}

// ApplicationDeleteEggByUUID implements the operation.
func (a API) ApplicationDeleteEggByUUID(w http.ResponseWriter, r *http.Request, eggUUID string) {
	a.deleteEgg(w, r, func(s *model.State) *model.Egg {
		return s.Eggs.First(func(e *model.Egg) bool { return e.UUID == eggUUID })
	})
}

// notInSlugs is what the name of an exported file cannot hold.
var notInSlugs = regexp.MustCompile(`[^a-z0-9]+`)

// ApplicationExportEgg implements the operation.
func (a API) ApplicationExportEgg(w http.ResponseWriter, r *http.Request, eggID int) {
	on(a, w, r, rightEggs, byID(eggsOf, eggID), func(c *call, e *model.Egg) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "format", Rules: "nullable|string|in:json,yaml"}); err != nil {
			return nil, err
		}
		format := cmp.Or(c.Input.Text("format"), "json")
		slug := strings.Trim(notInSlugs.ReplaceAllString(strings.ToLower(e.Name), "-"), "-")
		c.Writer.Header().Set("Content-Disposition", "attachment; filename=egg-"+slug+"."+format)
		document := exportEgg(e, time.Now())
		if format == "json" {
			return laravel.OK(document), nil
		}
		text, err := eggAsYAML(document)
		if err != nil {
			return nil, err
		}
		return &laravel.Answer{Status: http.StatusOK, Type: "application/yaml", Text: text}, nil
	})
}

// ApplicationImportEgg implements the operation, for JSON and for YAML. An egg
// with the UUID is replaced.
func (a API) ApplicationImportEgg(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightEggs, func(c *call) (*laravel.Answer, error) {
		document, err := readEgg(c.Body)
		if err != nil {
			return nil, laravel.Refuse(http.StatusBadRequest, "InvalidFileUploadException", "The file format is not recognized.")
		}
		uuid := cmp.Or(document.UUID, random.UUID())
		now := time.Now()
		e := c.State.Eggs.First(func(e *model.Egg) bool { return e.UUID == uuid })
		if e == nil {
			e = &model.Egg{ID: c.State.Eggs.Next(), UUID: uuid, Privileged: true, Created: now}
			c.State.Eggs.Add(e.ID, e)
		}
		document.apply(e)
		e.Updated = now
		c.readVariables(e, document.Variables)
		return &laravel.Answer{Status: http.StatusCreated, Body: c.showEgg(e, c.Input.Includes())}, nil
	})
}

// readVariables makes the variables of an egg those of an imported one. Those that
// it has already keep their ids.
func (c *call) readVariables(e *model.Egg, imported []eggVariable) {
	slices.SortStableFunc(imported, func(a, b eggVariable) int { return a.Sort - b.Sort })
	old := e.Variables
	e.Variables = make([]*model.Variable, len(imported))
	for i, v := range imported {
		at := slices.IndexFunc(old, func(known *model.Variable) bool { return known.Env == v.Env })
		row := &model.Variable{Egg: e, Created: e.Updated}
		if at >= 0 {
			row = old[at]
			old = slices.Delete(slices.Clone(old), at, at+1)
		} else {
			row.ID = c.State.Variables.Next()
			c.State.Variables.Add(row.ID, row)
		}
		before := *row
		row.Name, row.Description, row.Env, row.Value = v.Name, v.Description, v.Env, string(v.Default)
		if row.Viewable, row.Editable, row.Rules = v.Viewable, v.Editable, string(v.Rules); *row != before {
			row.Updated = e.Updated
		}
		e.Variables[i] = row
	}
	for _, gone := range old {
		c.State.Variables.Remove(gone.ID)
	}
}
