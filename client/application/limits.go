package application

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/internal/rest"
)

// Unlimited stands for no limit of a server's memory, disk space, CPU time, swap
// space or databases. Zero does not: a server whose memory was forgotten would
// have all of the node's.
const Unlimited = -1

// usualIO is the default weight of a server's disk access.
const usualIO = 500

// panelLimits are the limits of a request, to be converted to the Panel's form.
type panelLimits struct {
	operation                   string
	memory, disk, cpu, swap, io *int
	features                    FeatureLimitsRequest
}

// panelFeatures replaces a FeatureLimitsRequest in JSON: for the Panel, null
// databases mean no limit.
type panelFeatures struct {
	FeatureLimitsRequest
	Databases   *int `json:"databases"`
	Allocations *int `json:"allocations,omitempty"`
}

// convert converts Unlimited to the Panel's form. It refuses a limit that was
// left out where the Panel would treat that as no limit.
func (l *panelLimits) convert() (panelFeatures, error) {
	for _, limit := range []struct {
		name  string
		value *int
	}{{"Memory", l.memory}, {"Disk", l.disk}, {"CPU", l.cpu}} {
		switch {
		case *limit.value == 0:
			return panelFeatures{}, l.refuse("Limits."+limit.name, "is 0; for no limit it must be Unlimited")
		case *limit.value == Unlimited:
			*limit.value = 0
		case *limit.value < 0:
			return panelFeatures{}, l.refuse("Limits."+limit.name, negative(*limit.value))
		}
	}
	features := l.features
	switch {
	case *l.swap < Unlimited:
		return panelFeatures{}, l.refuse("Limits.Swap", negative(*l.swap))
	case *l.io < 0:
		return panelFeatures{}, l.refuse("Limits.IO", negative(*l.io))
	case features.Databases < Unlimited:
		return panelFeatures{}, l.refuse("FeatureLimits.Databases", negative(features.Databases))
	case features.Allocations < 0:
		return panelFeatures{}, l.refuse("FeatureLimits.Allocations", bounded(features.Allocations))
	case features.Backups < 0:
		return panelFeatures{}, l.refuse("FeatureLimits.Backups", bounded(features.Backups))
	}
	if *l.io == 0 {
		*l.io = usualIO
	}
	panel := panelFeatures{FeatureLimitsRequest: features, Databases: &features.Databases, Allocations: &features.Allocations}
	if features.Databases == Unlimited {
		panel.Databases = nil
	}
	return panel, nil
}

func (l *panelLimits) refuse(argument, problem string) error {
	return &rest.ArgumentError{Operation: l.operation, Argument: argument, Problem: problem}
}

func negative(n int) string { return fmt.Sprintf("is %d, but must not be negative", n) }

// bounded is the problem of a limit that the Panel cannot switch off.
func bounded(n int) string {
	if n == Unlimited {
		return "is Unlimited, which the Panel does not offer; give a number"
	}
	return negative(n)
}

// createBody returns the body that creates a server.
func (s *ServersService) createBody(req CreateServerRequest) (io.Reader, error) {
	const operation = "applicationCreateServer"
	if err := s.settleOOM(operation, &req.OOMDisabled, &req.OOMKiller); err != nil {
		return nil, err
	}
	isPelican := s.core.Flavor() == rest.Pelican
	if req.Deploy != nil {
		if ignored, instead := ignoredPlace(s.core, req.Deploy.Locations, req.Deploy.Tags); ignored != "" {
			return nil, s.core.UnsupportedIn(operation, "Deploy."+ignored, "Deploy."+instead)
		}
	}
	limits := panelLimits{
		operation: operation,
		memory:    &req.Limits.Memory, disk: &req.Limits.Disk, cpu: &req.Limits.CPU, swap: &req.Limits.Swap, io: &req.Limits.IO,
		features: req.FeatureLimits,
	}
	features, err := limits.convert()
	if err != nil {
		return nil, err
	}
	if isPelican {
		var deploy *pelicanDeployment
		if req.Deploy != nil {
			deploy = &pelicanDeployment{*req.Deploy, req.Deploy.Tags}
		}
		// Empty texts are refused, where none would take those of the egg.
		return jsonBody(struct {
			CreateServerRequest
			Deploy        *pelicanDeployment `json:"deploy,omitempty"`
			FeatureLimits panelFeatures      `json:"feature_limits"`
			DockerImage   string             `json:"docker_image,omitempty"`
			Startup       string             `json:"startup,omitempty"`
		}{req, deploy, features, req.DockerImage, req.Startup})
	}
	return jsonBody(struct {
		CreateServerRequest
		FeatureLimits panelFeatures `json:"feature_limits"`
	}{req, features})
}

// ignoredPlace names the way of choosing nodes that was used and that this kind of
// Panel would ignore in silence, and says what to use instead. It returns "" if
// there is none.
func ignoredPlace(core *rest.Core, locations []int, tags []string) (ignored, instead string) {
	switch isPelican := core.Flavor() == rest.Pelican; {
	case isPelican && len(locations) > 0:
		return "Locations", "Tags chooses nodes by their tags."
	case !isPelican && len(tags) > 0:
		return "Tags", "Locations chooses nodes by their locations."
	}
	return "", ""
}

// pelicanDeployment always has tags, as Pelican refuses a deployment without them.
type pelicanDeployment struct {
	Deployment
	Tags envelope.Slice[string] `json:"tags"`
}

// settleOOM moves the choice about the out-of-memory killer to the field that the
// Panel takes, whichever one the caller used. It refuses two that contradict.
func (s *ServersService) settleOOM(operation string, disabled, killer **bool) error {
	if *disabled != nil && *killer != nil && **disabled == **killer {
		return &rest.ArgumentError{
			Operation: operation, Argument: "OOMKiller", Problem: fmt.Sprintf("is %t, and so is OOMDisabled, its opposite; give one of them", **killer),
		}
	}
	from, to := killer, disabled
	if s.core.Flavor() == rest.Pelican {
		from, to = disabled, killer
	}
	if *to == nil && *from != nil {
		opposite := !**from
		*to = &opposite
	}
	*from = nil
	return nil
}

// buildBody returns the body that changes the build of a server. The Panel's
// limit of allocations may be null, which means 0; keepNull keeps the null.
func (s *ServersService) buildBody(req UpdateServerBuildRequest, keepNull bool) (io.Reader, error) {
	const operation = "applicationUpdateServerBuild"
	if err := s.settleOOM(operation, &req.OOMDisabled, &req.OOMKiller); err != nil {
		return nil, err
	}
	limits := panelLimits{
		operation: operation,
		memory:    &req.Limits.Memory, disk: &req.Limits.Disk, cpu: &req.Limits.CPU, swap: &req.Limits.Swap, io: &req.Limits.IO,
		features: req.FeatureLimits,
	}
	features, err := limits.convert()
	if err != nil {
		return nil, err
	}
	if keepNull && *features.Allocations == 0 {
		features.Allocations = nil
	}
	return jsonBody(struct {
		UpdateServerBuildRequest
		FeatureLimits panelFeatures `json:"feature_limits"`
	}{req, features})
}

func jsonBody(request any) (io.Reader, error) {
	body, err := json.Marshal(request)
	return bytes.NewReader(body), err
}
