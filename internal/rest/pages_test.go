package rest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A proxy that drops the query would repeat page 1 for ever.
func TestWrongPageIsAnError(t *testing.T) {
	t.Parallel()
	c := panel(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"attributes":{"name":"1"}}],"meta":{"pagination":{"total":3,"current_page":1,"total_pages":3}}}`)
	})
	_, err := PageOf[thing](do(t.Context(), c, "GET", "api/client?page=2", nil))
	if !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "asked for page 2, got page 1") {
		t.Errorf("err = %v", err)
	}
}

func TestListInOnePieceIsOnePage(t *testing.T) {
	t.Parallel()
	c := panel(t, answer(200, "application/json", `{"object":"list","data":[{"attributes":{"name":"1"}}]}`))
	page, err := PageOf[thing](do(t.Context(), c, "GET", "api/client", nil))
	if err != nil || page.Total != 1 || page.CurrentPage != 1 || page.TotalPages != 1 {
		t.Errorf("page = %+v, %v", page, err)
	}
}
