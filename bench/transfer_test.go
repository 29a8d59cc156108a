package bench

import (
	"context"
	"io"
	"testing"

	"github.com/ptero-go/ptero/client"
)

// zeros is a file of zeros.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	if z.left -= int64(n); z.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// sink throws away what is written. It is no io.Discard, which io.Copy fills in
// pieces of 8 KiB: a file would get 32 KiB.
type sink struct{ io.Writer }

// transfers are the ways to move a file. A download is thrown away.
func transfers(b *testing.B, url string) []transfer {
	b.Helper()
	r := newRaw(url, clientKey)
	c, err := client.New(url, clientKey)
	if err != nil {
		b.Fatal(err)
	}
	return []transfer{
		{"download/raw", func(ctx context.Context) (int64, error) { return r.download(ctx, sink{io.Discard}) }},
		{"download/ptero", func(ctx context.Context) (int64, error) {
			from, err := c.Files.Download(ctx, "3d2f6345", "world.tar")
			if err != nil {
				return 0, err
			}
			defer from.Close()
			return io.Copy(sink{io.Discard}, from)
		}},
		{"upload/raw", func(ctx context.Context) (int64, error) {
			return sizeOfFile, r.upload(ctx, "world.tar", &zeros{sizeOfFile}, sizeOfFile)
		}},
		{"upload/ptero", func(ctx context.Context) (int64, error) {
			return sizeOfFile, c.Files.Upload(ctx, "3d2f6345", "/", client.UploadFile{
				Name: "world.tar", Size: sizeOfFile,
				Open: func() (io.ReadCloser, error) { return io.NopCloser(&zeros{sizeOfFile}), nil },
			})
		}},
	}
}

type transfer struct {
	name string
	do   func(context.Context) (int64, error)
}

func (t transfer) run(b *testing.B) {
	b.Helper()
	if n, err := t.do(b.Context()); err != nil || n != sizeOfFile {
		b.Errorf("%d bytes of %d, %v", n, sizeOfFile, err)
	}
}

// BenchmarkTransfer moves a file of 256 MiB.
func BenchmarkTransfer(b *testing.B) {
	for _, t := range transfers(b, newPanel(b)) {
		b.Run(t.name, func(b *testing.B) {
			b.SetBytes(sizeOfFile)
			for b.Loop() {
				t.run(b)
			}
		})
	}
}

// BenchmarkTransferHeap reports the peak of the heap while a file of 256 MiB
// moves.
func BenchmarkTransferHeap(b *testing.B) {
	for _, t := range transfers(b, newPanel(b)) {
		b.Run(t.name, func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(peakHeap(b, func() { t.run(b) })), "peak-B")
			}
		})
	}
}
