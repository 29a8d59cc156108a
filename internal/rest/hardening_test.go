package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/ptero-go/ptero/internal/rest"
)

// walk hands out a list of one item a page, and returns how many items came in
// how many requests. More than a thousand requests fail.
func walk(t *testing.T, page func(n, number int) (id, total, pages int)) (items, requests int, err error) {
	t.Helper()
	core := fuzzedCore(t, func(req *http.Request) (*http.Response, error) {
		requests++
		if requests > 1000 {
			return answered(500, nil, nil)(req)
		}
		number, _ := strconv.Atoi(req.URL.Query().Get("page"))
		id, total, pages := page(requests, number)
		return answered(200, nil, fmt.Appendf(nil, `{"data":[{"attributes":{"id":%d}}],"meta":{"pagination":`+
			`{"total":%d,"count":1,"per_page":1,"current_page":%d,"total_pages":%d,"links":[]}}}`, id, total, number, pages))(req)
	}, withoutReadAhead)
	for _, err := range rest.All(t.Context(), core, 0, 0, func(v *numbered) int { return v.ID },
		func(ctx context.Context, page, _ int) (*rest.Page[numbered], error) {
			return rest.PageOf[numbered](get(ctx, core, "api/client?page="+strconv.Itoa(page)))
		}) {
		if err != nil {
			return items, requests, err
		}
		items++
	}
	return items, requests, nil
}

// Two replicas of a Panel's database may not agree on the length of a list.
func TestWalkOfAListOfTwoLengths(t *testing.T) {
	t.Parallel()
	items, requests, err := walk(t, func(n, number int) (id, total, pages int) { return number, 5 + n%2, 5 })
	if err != nil || items != 5 {
		t.Errorf("%d items in %d requests, %v", items, requests, err)
	}
}

// A proxy may answer each page with the same one, all but its number.
func TestWalkOfAnEndlessList(t *testing.T) {
	t.Parallel()
	items, requests, err := walk(t, func(int, int) (id, total, pages int) { return 1, 1 << 30, 1 << 30 })
	var e *rest.Error
	if items != 1 || !errors.As(err, &e) || !errors.Is(err, rest.ErrBadAnswer) {
		t.Errorf("%d items in %d requests, %v", items, requests, err)
	}
}

func TestNegativePages(t *testing.T) {
	t.Parallel()
	if _, _, err := walk(t, func(int, int) (id, total, pages int) { return 1, -1, 3 }); !errors.Is(err, rest.ErrBadAnswer) {
		t.Errorf("err = %v", err)
	}
}

// A Panel in debug mode repeats the headers of a request wherever it likes.
func TestErrorsHideARepeatedKey(t *testing.T) {
	t.Parallel()
	body := strings.ReplaceAll(`{"errors":[{"code":"KEY","status":"500","detail":"of KEY","source":{"file":"KEY"},`+
		`"meta":{"source_field":"KEY","rule":"KEY","trace":["Bearer KEY"]}}]}`, "KEY", fuzzKey)
	err := rest.None(get(t.Context(), fuzzedCore(t, answered(500, nil, []byte(body))), "api/client"))
	var e *rest.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	whole, jsonErr := json.Marshal(e)
	if text := string(whole) + err.Error() + fmt.Sprintf("%#v", e.Entries); jsonErr != nil || strings.Contains(text, fuzzKey) {
		t.Errorf("the key is in %s (%v)", text, jsonErr)
	}
}

// net/http repeats what it cannot read.
func TestTransportErrorsHideSecrets(t *testing.T) {
	t.Parallel()
	const token = "hush.hush.hush.hush"
	var log strings.Builder
	core := fuzzedCore(t, func(req *http.Request) (*http.Response, error) {
		return answered(302, http.Header{"Location": {"http://[::1]:nowhere/?next=" + fuzzKey + req.URL.Query().Get("token")}}, nil)(req)
	}, func(cfg *rest.Config) error {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		return nil
	})
	for _, err := range []error{
		rest.None(get(t.Context(), core, "api/client")),
		rest.None(core.Transfer(t.Context(), rest.UploadFiles, "https://node/upload/file?token="+token, nil)),
	} {
		var e *rest.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "Location") {
			t.Errorf("err = %v", err)
		}
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if text := cause.Error(); strings.Contains(text, fuzzKey) || strings.Contains(text, token) {
				t.Errorf("a secret is in %T %s", cause, text)
			}
		}
	}
	if text := log.String(); !strings.Contains(text, "Location") || strings.Contains(text, fuzzKey) || strings.Contains(text, token) {
		t.Errorf("log: %s", text)
	}
}

// An answer that does not fit is repeated in part, and so is a key in it.
func TestErrorsOfTheDecoderHideAKey(t *testing.T) {
	t.Parallel()
	body := []byte(`{"attributes":{"created_at":"` + fuzzKey + `"}}`)
	err := decoders["Item, of times"](get(t.Context(), fuzzedCore(t, answered(200, nil, body)), "api/client"))
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if !strings.Contains(cause.Error(), "[key]") || strings.Contains(cause.Error(), fuzzKey) {
			t.Errorf("err = %v", cause)
		}
		if joined, ok := cause.(interface{ Unwrap() []error }); ok {
			cause = joined.Unwrap()[0]
		}
	}
}

// What cannot be decoded is not repeated at length.
func TestErrorsOfTheDecoderAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 10_000)
	for _, body := range []string{
		`{"object":"backup","attributes":{"created_at":"` + long + `"}}`, `{"attributes":{"bytes":` + long + `}}`, `{"attributes":"` + long + `"}`,
	} {
		err := decoders["Item, of times"](get(t.Context(), fuzzedCore(t, answered(200, nil, []byte(body))), "api/client"))
		if !errors.Is(err, rest.ErrBadAnswer) || len(err.Error()) > 1000 {
			t.Errorf("err = %.2000v", err)
		}
	}
}
