package release

import (
	"fmt"
	"os"
	"testing"

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
