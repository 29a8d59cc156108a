package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkImporter builds programs, and reports the size of each and how many
// packages of others are in it.
func BenchmarkImporter(b *testing.B) {
	for _, program := range []string{"raw", "client", "rawall", "all"} {
		b.Run(program, func(b *testing.B) {
			for b.Loop() {
				binary := filepath.Join(b.TempDir(), program)
				build(b, program, binary)
				info, err := os.Stat(binary)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size()), "binary-B")
				b.ReportMetric(float64(len(thirdParty(b, program, "{{.ImportPath}}"))), "packages")
				b.ReportMetric(float64(len(thirdParty(b, program, "{{.Module.Path}}"))), "modules")
			}
		})
	}
}

// BenchmarkColdBuild builds programs from an empty cache, the standard library
// included, and reports the time of all processors together.
func BenchmarkColdBuild(b *testing.B) {
	for _, program := range []string{"raw", "client"} {
		b.Run(program, func(b *testing.B) {
			for b.Loop() {
				dir := b.TempDir()
				used := build(b, program, filepath.Join(dir, program), "GOCACHE="+filepath.Join(dir, "cache"))
				b.ReportMetric(used.Seconds(), "cpu-s")
			}
		})
	}
}

// build builds a program as one does to ship it.
func build(b *testing.B, program, binary string, env ...string) (used time.Duration) {
	b.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./importers/"+program)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
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
	for name := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(name, "github.com/ptero-go/ptero") {
			found[name] = true
		}
	}
	return found
}
