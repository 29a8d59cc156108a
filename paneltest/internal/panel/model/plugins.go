package model

import "slices"

// What the status of a plugin can be.
const (
	PluginNotInstalled = "not_installed"
	PluginEnabled      = "enabled"
	PluginDisabled     = "disabled"
)

// Plugin is a plugin of Pelican. Its tags are the names in its plugin.json.
type Plugin struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Author       string  `json:"author"`
	Version      string  `json:"version"`
	Description  *string `json:"description"`
	Category     string  `json:"category"`
	URL          *string `json:"url"`
	UpdateURL    *string `json:"update_url"`
	Namespace    string  `json:"namespace"`
	Class        string  `json:"class"`
	PanelVersion *string `json:"panel_version"`
	Status       string  `json:"-"`
}

// Plugin finds a plugin, nil for none.
func (s *State) Plugin(id string) *Plugin {
	i := slices.IndexFunc(s.Plugins, func(p *Plugin) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return s.Plugins[i]
}
