package bench

import (
	"encoding/json"
	"testing"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/internal/quickjson"
)

// BenchmarkDecodePage decodes one page of the Application API's servers into the
// same types, with each decoder.
func BenchmarkDecodePage(b *testing.B) {
	page := applicationPage(2, 3)
	for _, contestant := range []struct {
		name      string
		unmarshal func([]byte, any) error
	}{
		{"raw", json.Unmarshal},
		{"ptero", func(data []byte, v any) error {
			return quickjson.Unmarshal(data, v.(*envelope.List[applicationapi.Server]))
		}},
		{"goccy", goccy.Unmarshal},
		{"segmentio", segmentio.Unmarshal},
		{"sonic", sonic.ConfigStd.Unmarshal},
		{"jsonv2", func(data []byte, v any) error { return jsonv2.Unmarshal(data, v, jsonv1.DefaultOptionsV1()) }},
		{"jsonv2strict", func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }},
	} {
		b.Run(contestant.name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				var list envelope.List[applicationapi.Server]
				if err := contestant.unmarshal(page, &list); err != nil {
					b.Fatal(err)
				}
				if len(list.Data) != serversOfPage || list.Data[99].Attributes.Container.Environment["STARTUP"].IsNull() {
					b.Fatal("not the whole page")
				}
			}
		})
	}
}
