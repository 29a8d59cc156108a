package client

import (
	"context"
	"math"
)

// SyncByArchive is SyncFolder for folders of any size: what may travel in an
// archive does.
func (s *FilesService) SyncByArchive(ctx context.Context, server string, direction SyncDirection, localDir, directory string, opts SyncOptions) (SyncResult, error) {
	run, err := s.newSync(server, direction, localDir, directory, opts)
	if err != nil {
		return SyncResult{}, err
	}
	run.callsToSave = math.MinInt
	return run.do(ctx)
}
