package model

// What the status of a plugin can be.
const (
	PluginNotInstalled = "not_installed"
	PluginEnabled      = "enabled"
	PluginDisabled     = "disabled"
)

// Plugin is a plugin of Pelican.
type Plugin struct {
	ID, Name, Author, Version, Category string
	Description, URL, UpdateURL         *string
	Namespace, Class                    string
	Status                              string
}
