package client_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a test of this package began is left at its end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
