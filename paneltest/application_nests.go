package paneltest

import (
	"net/http"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

// ApplicationListNests implements the operation.
func (a applicationAPI) ApplicationListNests(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNests, func(c *applicationCall) (*laravel.Answer, error) {
		included := c.in.Includes()
		return paginated(c.call, c.state.nests.all(), applicationPages, func(n *nest) laravel.Object { return c.showNest(n, included) })
	})
}

// ApplicationGetNest implements the operation.
func (a applicationAPI) ApplicationGetNest(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightNests, byID(nestsOf, nestID), func(c *applicationCall, n *nest) (*laravel.Answer, error) {
		return laravel.OK(c.showNest(n, c.in.Includes())), nil
	})
}

// ApplicationListEggs implements the operation.
func (a applicationAPI) ApplicationListEggs(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightEggs, byID(nestsOf, nestID), func(c *applicationCall, n *nest) (*laravel.Answer, error) {
		included := c.in.Includes()
		return laravel.OK(laravel.ListOf(c.eggsIn(n)(), func(e *egg) laravel.Object { return c.showEgg(e, included) })), nil
	})
}

// ApplicationGetEgg implements the operation.
func (a applicationAPI) ApplicationGetEgg(w http.ResponseWriter, r *http.Request, nestID, eggID int) {
	find := func(s *state) *egg {
		if e := s.eggs.get(eggID); e != nil && e.nest.id == nestID {
			return e
		}
		return nil
	}
	on(a, w, r, rightEggs, find, func(c *applicationCall, e *egg) (*laravel.Answer, error) {
		return laravel.OK(c.showEgg(e, c.in.Includes())), nil
	})
}
