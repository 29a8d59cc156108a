package bench

import (
	"testing"

	"github.com/ptero-go/ptero/client"
)

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
