package release

import (
	"fmt"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ptero-go/ptero/internal/contract"
)

// The tests run in the root of the repository.
func TestMain(m *testing.M) {
	if err := os.Chdir(contract.Path(".")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
