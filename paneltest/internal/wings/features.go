package wings

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// matchTime is how long after a line Wings sends the match of a feature.
const matchTime = 100 * time.Microsecond

// matchFeatures reports the features that match a line, whatever its case.
// The line is out before that, and so is what the game answers to it at once.
func (srv *Server) matchFeatures(line string) {
	if !srv.daemon.cfg.Version.isPelican() {
		return
	}
	lower := strings.ToLower(line)
	for _, key := range slices.Sorted(maps.Keys(srv.spec.Features)) {
		for _, pattern := range srv.spec.Features[key] {
			if !strings.Contains(lower, strings.ToLower(pattern)) {
				continue
			}
			match, err := json.Marshal(struct {
				Key     string `json:"key"`
				Line    string `json:"line"`
				Pattern string `json:"pattern"`
			}{key, line, pattern})
			if err == nil {
				srv.daemon.spawn(func() {
					if wait(srv.daemon.ctx, matchTime) {
						srv.tell(eventFeatureMatch, string(match))
					}
				})
			}
		}
	}
}
