package paneltest

import "github.com/ptero-go/ptero/paneltest/internal/laravel"

// What both APIs show alike.

// showImages returns the images of an egg by their labels. PHP has a list for none.
func showImages(e *egg) any {
	if len(e.images) == 0 {
		return []string{}
	}
	images := make(laravel.Object)
	for _, i := range e.images {
		images[i.label] = i.image
	}
	return images
}

// showLimits shows the limits of a server.
func showLimits(l limits) laravel.Object {
	return laravel.Object{
		"memory": l.memory, "swap": l.swap, "disk": l.disk, "io": l.io, "cpu": l.cpu, "threads": l.threads,
		"oom_disabled": l.oomDisabled,
	}
}

// showFeatureLimits shows how much of each feature a server may have.
func showFeatureLimits(s *server) laravel.Object {
	return laravel.Object{"databases": s.databaseLimit, "allocations": s.allocationLimit, "backups": s.backupLimit}
}
