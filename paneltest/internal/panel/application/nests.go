package application

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// ApplicationListNests implements the operation.
func (a API) ApplicationListNests(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNests, func(c *call) (*laravel.Answer, error) {
		included := c.Input.Includes()
		return panel.Paginated(c.Call, c.State.Nests.All(), applicationPages, func(n *model.Nest) laravel.Object { return c.showNest(n, included) })
	})
}

// ApplicationGetNest implements the operation.
func (a API) ApplicationGetNest(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightNests, byID(nestsOf, nestID), func(c *call, n *model.Nest) (*laravel.Answer, error) {
		return laravel.OK(c.showNest(n, c.Input.Includes())), nil
	})
}

// ApplicationListEggs implements the operation.
func (a API) ApplicationListEggs(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightEggs, byID(nestsOf, nestID), func(c *call, n *model.Nest) (*laravel.Answer, error) {
		included := c.Input.Includes()
		return laravel.OK(laravel.ListOf(c.eggsIn(n)(), func(e *model.Egg) laravel.Object { return c.showEgg(e, included) })), nil
	})
}

// ApplicationGetEgg implements the operation.
func (a API) ApplicationGetEgg(w http.ResponseWriter, r *http.Request, nestID, eggID int) {
	find := func(s *model.State) *model.Egg {
		if e := s.Eggs.Get(eggID); e != nil && e.Nest.ID == nestID {
			return e
		}
		return nil
	}
	on(a, w, r, rightEggs, find, func(c *call, e *model.Egg) (*laravel.Answer, error) {
		return laravel.OK(c.showEgg(e, c.Input.Includes())), nil
	})
}
