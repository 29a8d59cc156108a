package paneltest

import "net/http"

// ApplicationListNests implements the operation.
func (a applicationAPI) ApplicationListNests(w http.ResponseWriter, r *http.Request) {
	a.onAll(w, r, rightNests, func(c *call) (*answer, error) {
		included := c.in.includes()
		return paginated(c, c.p.state.nests.all(), applicationPages, func(n *nest) object { return c.showNest(n, included) })
	})
}

// ApplicationGetNest implements the operation.
func (a applicationAPI) ApplicationGetNest(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightNests, byID(nestsOf, nestID), func(c *call, n *nest) (*answer, error) {
		return ok(c.showNest(n, c.in.includes())), nil
	})
}

// ApplicationListEggs implements the operation.
func (a applicationAPI) ApplicationListEggs(w http.ResponseWriter, r *http.Request, nestID int) {
	on(a, w, r, rightEggs, byID(nestsOf, nestID), func(c *call, n *nest) (*answer, error) {
		included := c.in.includes()
		return ok(each(c.eggsIn(n)(), func(e *egg) object { return c.showEgg(e, included) })), nil
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
	on(a, w, r, rightEggs, find, func(c *call, e *egg) (*answer, error) { return ok(c.showEgg(e, c.in.includes())), nil })
}
