package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shells run a line up to the cursor through the completion of ptero, and print
// what they offer.
var shells = map[string]string{
	"bash": `
source <(ptero completion bash)
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
IFS=' ' read -ra COMP_WORDS <<<"$1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
_init_completion() { _get_comp_words_by_ref; }
__ltrim_colon_completions() { :; }
compopt() { :; }
__start_ptero
printf '%s\n' "${COMPREPLY[@]}"
`,
	"zsh": `
autoload -U compinit && compinit -u -D
source <(ptero completion zsh)
compadd() { return 0 }
words=(${(z)1}) CURRENT=${#words}
[[ $1 == *' ' ]] && words+=('') && CURRENT=${#words}
_describe() { for name in "$@"; do [[ $name == completions ]] && print -rl -- $completions; done; return 0 }
_ptero
`,
}

// The shells offer commands, live names of servers, backups and files, and the
// values of flags.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	panel := newPanel(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(program, filepath.Join(dir, "ptero")); err != nil {
		t.Skip(err)
	}
	for shell, script := range shells {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("there is no %s", shell)
			continue
		}
		for line, want := range map[string][]string{
			"ptero back":                   {"backups"},
			"ptero start ":                 {"lobby", "survival", "installing", "suspended"},
			"ptero start lobby su":         {"survival", "suspended"},
			"ptero backups show lobby b4":  {"b4000000-0000-4000-8000-000000000000"},
			"ptero servers list --output ": {"table", "wide", "json", "yaml", "name"},
			"ptero files cat lobby:/ser":   {"lobby:/server.properties"},
			"ptero startup set lobby VER":  {"VERSION="},
			"ptero files ls lobby:/logs/l": {"lobby:/logs/latest.log"},
		} {
			cmd := exec.CommandContext(t.Context(), path, "-c", script, shell, line)
			if shell == "zsh" {
				cmd.Args = []string{path, "-f", "-c", script, shell, line}
			}
			cmd.Env = append(os.Environ(), asPtero+"=1", envURL+"="+panel.URL, envKey+"="+panel.UserKey, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %s: %v\n%s", shell, line, err, out)
				continue
			}
			var offered []string
			for text := range strings.Lines(string(out)) {
				// In zsh what follows a colon describes the name; one in the name is quoted.
				name := strings.TrimSpace(text)
				if shell == "zsh" {
					name, _, _ = strings.Cut(strings.ReplaceAll(name, `\:`, "\x00"), ":")
					name = strings.ReplaceAll(name, "\x00", ":")
				}
				offered = append(offered, name)
			}
			for _, name := range want {
				if shell == "bash" {
					name = name[strings.IndexByte(name, ':')+1:] // for bash, a colon begins a word
				}
				if !slices.Contains(offered, name) {
					t.Errorf("%s: %q offers %q, want %q", shell, line, offered, name)
				}
			}
		}
	}
}
