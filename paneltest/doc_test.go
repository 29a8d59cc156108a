package paneltest_test

import (
	"os/exec"
	"strings"
	"testing"
)

// What there is to learn of the package stands on two screens.
func TestDocumentationIsShort(t *testing.T) {
	t.Parallel()
	const twoScreens = 2 * 66
	text, err := exec.CommandContext(t.Context(), "go", "doc", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > twoScreens {
		t.Errorf("go doc ./paneltest has %d lines, more than %d", lines, twoScreens)
	}
}
