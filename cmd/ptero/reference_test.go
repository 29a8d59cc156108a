package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ptero-go/ptero/cmd/ptero/internal/ui"
)

const referenceDir = "docs"

// TestReferenceIsCurrent holds the pages in docs against the commands.
// PTERO_UPDATE=1 writes them.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	pages := referencePages()
	if os.Getenv("PTERO_UPDATE") != "" {
		old, err := filepath.Glob(filepath.Join(referenceDir, "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range old {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range pages {
			if err := os.WriteFile(filepath.Join(referenceDir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(referenceDir, name))
		if err != nil || string(got) != want {
			t.Errorf("docs/%s is not what the commands say (%v); PTERO_UPDATE=1 go test -run Reference writes it", name, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(referenceDir, "*.md"))
	if err != nil || len(files) != len(pages) {
		t.Errorf("docs has %d files, want %d: %v", len(files), len(pages), err)
	}
}

// referencePages returns a page for each command of the root, and their index.
func referencePages() map[string]string {
	root := newRoot(newApp(&ui.Terminal{}, func(string) string { return "" }))
	pages := make(map[string]string)
	var index strings.Builder
	index.WriteString("# Commands of ptero\n\nGenerated from the commands; `ptero COMMAND --help` says the same.\n")
	for _, g := range root.Groups() {
		fmt.Fprintf(&index, "\n## %s\n\n| command | does |\n|---|---|\n", strings.TrimSuffix(g.Title, ":"))
		for _, cmd := range root.Commands() {
			if cmd.GroupID != g.ID {
				continue
			}
			page := cmd.Name() + ".md"
			fmt.Fprintf(&index, "| [%s](%s) | %s |\n", cmd.Name(), page, cmd.Short)
			var text strings.Builder
			describeCommand(&text, cmd, "#")
			pages[page] = text.String()
		}
	}
	index.WriteString("\nAlso: `ptero version`, and `ptero completion bash|zsh|fish|powershell` for a shell's completion.\n\n## Flags of all commands\n\n")
	index.WriteString(flagTable(root.PersistentFlags()))
	pages["README.md"] = index.String()
	return pages
}

func describeCommand(b *strings.Builder, cmd *cobra.Command, heading string) {
	fmt.Fprintf(b, "%s %s\n\n", heading, cmd.CommandPath())
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	b.WriteString(indented.ReplaceAllStringFunc(long, func(block string) string { return "```\n" + block + "```\n" }) + "\n")
	if cmd.HasAvailableSubCommands() {
		if len(cmd.Aliases) > 0 {
			fmt.Fprintf(b, "\nAlso called: %s.\n", strings.Join(cmd.Aliases, ", "))
		}
	} else {
		fmt.Fprintf(b, "\n```\n%s\n```\n", cmd.UseLine())
		if len(cmd.Aliases) > 0 {
			fmt.Fprintf(b, "\nAlso called: %s.\n", strings.Join(cmd.Aliases, ", "))
		}
		if cmd.Example != "" {
			fmt.Fprintf(b, "\nExamples:\n\n```sh\n%s\n```\n", dedent(cmd.Example))
		}
		if table := flagTable(cmd.LocalNonPersistentFlags()); table != "" {
			b.WriteString("\n" + table)
		}
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			b.WriteString("\n")
			describeCommand(b, sub, heading[:min(len(heading), 2)]+"#")
		}
	}
}

// indented matches the parts of a text that are to stay as they are.
var indented = regexp.MustCompile(`(?m)(^  .*\n)+`)

func dedent(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "  "), "\n  ", "\n")
}

func flagTable(flags *pflag.FlagSet) string {
	var b bytes.Buffer
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
	if b.Len() == 0 {
		return ""
	}
	return "| flag | |\n|---|---|\n" + b.String()
}

var fenced = regexp.MustCompile("(?ms)^```(?:sh)?\n(.*?)^```$")

// TestExamplesParse holds the command lines of the README, of the pages and of
// the help against the commands: their names, arguments and flags.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(referenceDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range append(files, "README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fenced.FindAllSubmatch(text, -1) {
			for line := range strings.Lines(string(block[1])) {
				for part := range strings.SplitSeq(line, " | ") {
					part, _, _ = strings.Cut(part, " < ")
					part, _, _ = strings.Cut(part, " > ")
					part, _, _ = strings.Cut(part, "   #")
					if args, ok := strings.CutPrefix(strings.TrimSpace(part), "ptero "); ok && !strings.Contains(args, "[flags]") && !strings.ContainsAny(args, "\\") {
						checked++
						if err := parses(splitLine(args)); err != nil {
							t.Errorf("%s: ptero %s: %v", file, args, err)
						}
					}
				}
			}
		}
	}
	if checked < 40 {
		t.Errorf("found only %d command lines", checked)
	}
}

// parses finds the command of a line and checks its flags and arguments.
func parses(args []string) error {
	root := newRoot(newApp(&ui.Terminal{}, func(string) string { return "" }))
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// splitLine splits a line as a shell does, quotes included.
func splitLine(line string) []string {
	var words []string
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\n'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
