package panel

import (
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// What both APIs show alike.

// ShowImages returns the images of an egg by their labels.
func ShowImages(e *model.Egg) laravel.Ordered {
	images := make(laravel.Ordered, len(e.Images))
	for i, image := range e.Images {
		images[i] = laravel.Member{Name: image.Label, Value: image.Image}
	}
	return images
}

// ShowLimits shows the limits of a server.
func (p *Panel) ShowLimits(l model.Limits) laravel.Object {
	limits := laravel.Object{
		"memory": l.Memory, "swap": l.Swap, "disk": l.Disk, "io": l.IO, "cpu": l.CPU, "threads": l.Threads,
		"oom_disabled": l.OOMDisabled,
	}
	if p.Traits.OOMKiller {
		limits["oom_killer"] = !l.OOMDisabled
	}
	return limits
}

// ShowFeatureLimits shows how much of each feature a server may have.
func ShowFeatureLimits(s *model.Server) laravel.Object {
	return laravel.Object{"databases": s.DatabaseLimit, "allocations": s.AllocationLimit, "backups": s.BackupLimit}
}
