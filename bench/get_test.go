package bench

import (
	"testing"

	"github.com/ptero-go/ptero/client"
)

// handwrittenItem is a server in its envelope, with the rights of the key.
type handwrittenItem struct {
	Object     string             `json:"object"`
	Attributes *handwrittenServer `json:"attributes"`
	Meta       struct {
		IsServerOwner   bool     `json:"is_server_owner"`
		UserPermissions []string `json:"user_permissions"`
	} `json:"meta"`
}

// handwrittenServer holds what one would write down of a server by hand: plain
// fields for all that the answer has, and nothing that decodes itself.
type handwrittenServer struct {
	ServerOwner            bool   `json:"server_owner"`
	Identifier             string `json:"identifier"`
	InternalID             int    `json:"internal_id"`
	UUID                   string `json:"uuid"`
	Name                   string `json:"name"`
	Node                   string `json:"node"`
	IsNodeUnderMaintenance bool   `json:"is_node_under_maintenance"`
	SFTPDetails            struct {
		IP   string `json:"ip"`
		Port int    `json:"port"`
	} `json:"sftp_details"`
	Description *string `json:"description"`
	Limits      struct {
		Memory      int     `json:"memory"`
		Swap        int     `json:"swap"`
		Disk        int     `json:"disk"`
		IO          int     `json:"io"`
		CPU         int     `json:"cpu"`
		Threads     *string `json:"threads"`
		OOMDisabled bool    `json:"oom_disabled"`
	} `json:"limits"`
	Invocation    string   `json:"invocation"`
	DockerImage   string   `json:"docker_image"`
	EggFeatures   []string `json:"egg_features"`
	FeatureLimits struct {
		Databases   int `json:"databases"`
		Allocations int `json:"allocations"`
		Backups     int `json:"backups"`
	} `json:"feature_limits"`
	Status         *string `json:"status"`
	IsSuspended    bool    `json:"is_suspended"`
	IsInstalling   bool    `json:"is_installing"`
	IsTransferring bool    `json:"is_transferring"`
	Relationships  struct {
		Allocations handwrittenList[handwrittenAllocation] `json:"allocations"`
		Variables   handwrittenList[handwrittenVariable]   `json:"variables"`
	} `json:"relationships"`
}

type handwrittenList[T any] struct {
	Object string `json:"object"`
	Data   []struct {
		Object     string `json:"object"`
		Attributes T      `json:"attributes"`
	} `json:"data"`
}

type handwrittenAllocation struct {
	ID        int     `json:"id"`
	IP        string  `json:"ip"`
	IPAlias   *string `json:"ip_alias"`
	Port      int     `json:"port"`
	Notes     *string `json:"notes"`
	IsDefault bool    `json:"is_default"`
}

type handwrittenVariable struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	EnvVariable  string `json:"env_variable"`
	DefaultValue string `json:"default_value"`
	ServerValue  string `json:"server_value"`
	IsEditable   bool   `json:"is_editable"`
	Rules        string `json:"rules"`
}

// BenchmarkGet gets one server over loopback, again and again.
func BenchmarkGet(b *testing.B) {
	url := newPanel(b)
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		r := newRaw(url, clientKey)
		for b.Loop() {
			server, err := r.server(b.Context(), "3d2f6345")
			if err != nil || server.Name != "ref-user" {
				b.Fatal(server, err)
			}
		}
	})
	b.Run("handwritten", func(b *testing.B) {
		b.ReportAllocs()
		r := newRaw(url, clientKey)
		for b.Loop() {
			var item handwrittenItem
			err := r.get(b.Context(), "/api/client/servers/3d2f6345", &item)
			if err != nil || item.Attributes.Name != "ref-user" {
				b.Fatal(item, err)
			}
		}
	})
	b.Run("ptero", func(b *testing.B) {
		b.ReportAllocs()
		c, err := client.New(url, clientKey)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			server, err := c.Servers.Get(b.Context(), "3d2f6345")
			if err != nil || server.Name != "ref-user" {
				b.Fatal(server, err)
			}
		}
	})
}
