package bench

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// heapInUse names the bytes of all objects on the heap, those to be collected
// included.
const heapInUse = "/memory/classes/heap/objects:bytes"

func readHeap() int64 {
	sample := []metrics.Sample{{Name: heapInUse}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// peakHeap returns by how much the heap grew at most while work ran. What nobody
// holds any more is collected all the time, so that the peak is what is needed
// and not what the collector had left for later.
func peakHeap(b *testing.B, work func()) int64 {
	b.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	runtime.GC()
	before, peak := readHeap(), int64(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	for {
		runtime.GC()
		peak = max(peak, readHeap()-before)
		select {
		case <-done:
			return peak
		case <-time.After(200 * time.Microsecond):
		}
	}
}

// keptHeap returns by how much the heap is larger for what work leaves behind.
func keptHeap(work func()) int64 {
	collect := func() int64 {
		runtime.GC()
		runtime.GC() // empties the pools
		return readHeap()
	}
	before := collect()
	work()
	return collect() - before
}
