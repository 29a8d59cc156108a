package panel

import (
	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

// What both APIs show alike.

// ShowImages returns the images of an egg by their labels. PHP has a list for none.
func ShowImages(e *model.Egg) any {
	if len(e.Images) == 0 {
		return []string{}
	}
	images := make(laravel.Object)
	for _, i := range e.Images {
		images[i.Label] = i.Image
	}
	return images
}

// ShowLimits shows the limits of a server.
func ShowLimits(l model.Limits) laravel.Object {
	return laravel.Object{
		"memory": l.Memory, "swap": l.Swap, "disk": l.Disk, "io": l.IO, "cpu": l.CPU, "threads": l.Threads,
		"oom_disabled": l.OOMDisabled,
	}
}

// ShowFeatureLimits shows how much of each feature a server may have.
func ShowFeatureLimits(s *model.Server) laravel.Object {
	return laravel.Object{"databases": s.DatabaseLimit, "allocations": s.AllocationLimit, "backups": s.BackupLimit}
}
