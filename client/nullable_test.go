package client_test

import (
	"testing"

	"github.com/ptero-go/ptero/client"
)

func TestPtrAndOr(t *testing.T) {
	t.Parallel()
	three := 3
	first, second := client.Ptr(three), client.Ptr(three)
	if *first != 3 || first == second || first == &three {
		t.Error("Ptr does not return a pointer of its own")
	}
	if client.Or(first, 4) != 3 || client.Or(nil, 4) != 4 || client.Or(client.Ptr(""), "x") != "" {
		t.Error("Or does not return what is there, or the fallback")
	}
}
