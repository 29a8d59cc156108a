package laravel_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := laravel.NewThrottle()
		take := func(name string) (http.Header, *laravel.Error) {
			header := make(http.Header)
			var refusal *laravel.Error
			errors.As(throttle.Take(header, name, 2, time.Minute), &refusal)
			return header, refusal
		}
		take("a")
		if header, refusal := take("a"); refusal != nil || header.Get("X-RateLimit-Limit") != "2" ||
			header.Get("X-RateLimit-Remaining") != "0" || header.Get("X-RateLimit-Reset") != "" {
			t.Errorf("%v, %v", header, refusal)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		if header, refusal := take("a"); refusal == nil || refusal.Status != http.StatusTooManyRequests ||
			refusal.RetryAfter != 50 || header.Get("X-RateLimit-Reset") == "" {
			t.Errorf("%v, %v", header, refusal)
		}
		if _, refusal := take("b"); refusal != nil {
			t.Error("a bucket has others in it")
		}
		time.Sleep(50 * time.Second)
		if _, refusal := take("a"); refusal != nil {
			t.Error("the window does not end")
		}
	})
}
