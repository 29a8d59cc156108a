package rest

import (
	"errors"
	"fmt"
)

// What keeps a server from ever becoming ready by itself. Package client says
// what each means.
var (
	ErrInstallFailed = errors.New("the installation failed")
	ErrSuspended     = errors.New("the server is suspended")
)

// Ready reports whether the status of a server lets it be used; idle is what it
// returns where there is none. A status that does not pass by itself is an error.
// Both APIs have statuses of their own type, with the same values.
func Ready[ID int | string, Status ~string](server ID, status *Status, idle bool) (bool, error) {
	if status == nil {
		return idle, nil
	}
	var failure error
	switch *status {
	case "install_failed", "reinstall_failed":
		failure = ErrInstallFailed
	case "suspended":
		failure = ErrSuspended
	default:
		return false, nil
	}
	return false, fmt.Errorf("server %v: %w", server, failure)
}
