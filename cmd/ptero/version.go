package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

// versionInfo is what the command version prints.
type versionInfo struct {
	Version string `json:"version"`
	SDK     string `json:"sdk"`
	Go      string `json:"go"`
}

func versions() versionInfo {
	return versionInfo{version(), client.Version, runtime.Version()}
}

// released is the version, set where release.sh builds.
var released string

// version is that of the module, or of the checkout that it was built from.
func version() string {
	if released != "" {
		return released
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: args(),
		RunE: runE(func(context.Context, []string) error {
			info := versions()
			if a.format == ui.JSON || a.format == ui.YAML {
				return ui.Value(a.Terminal, a.format, info)
			}
			a.Printf("ptero %s (SDK %s, %s)\n", info.Version, info.SDK, info.Go)
			return nil
		}),
	}
}
