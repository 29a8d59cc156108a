package laravel_test

import (
	"strings"
	"testing"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
)

func TestHashIDs(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for n := range 20_000 {
		id := laravel.HashID(n)
		if len(id) != 8 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890") != "" {
			t.Fatalf("%d: %q", n, id)
		}
		if other, taken := seen[id]; taken {
			t.Fatalf("%d and %d are both %s", n, other, id)
		}
		seen[id] = n
	}
}
