package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkImporter builds programs from an empty cache, and reports the size of
// each and how many packages of others are in it.
func BenchmarkImporter(b *testing.B) {
	for _, program := range []string{"raw", "client", "rawall", "all"} {
		b.Run(program, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				dir := b.TempDir()
				binary := filepath.Join(dir, program)
				build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./importers/"+program)
				build.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
				b.StartTimer()
				if out, err := build.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				b.StopTimer()
				info, err := os.Stat(binary)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size()), "binary-B")
				b.ReportMetric(float64(len(thirdParty(b, program, "{{.ImportPath}}"))), "packages")
				b.ReportMetric(float64(len(thirdParty(b, program, "{{.Module.Path}}"))), "modules")
				b.StartTimer()
			}
		})
	}
}

// thirdParty lists what is in a program of neither the standard library nor this
// project.
func thirdParty(b *testing.B, program, format string) map[string]bool {
	b.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}"+format+"{{end}}", "./importers/"+program).Output()
	if err != nil {
		b.Fatal(err)
	}
	found := make(map[string]bool)
	for _, name := range strings.Fields(string(out)) {
		if !strings.HasPrefix(name, "github.com/ptero-go/ptero") {
			found[name] = true
		}
	}
	return found
}
