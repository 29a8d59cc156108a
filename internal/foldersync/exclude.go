package foldersync

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Patterns match files and folders to exclude.
type Patterns []pattern

type pattern struct {
	glob    string
	anchor  bool // is matched against the whole path, else against the name alone
	onlyDir bool
}

// ParsePatterns parses patterns in the syntax of [path.Match]. A pattern with a
// slash is matched against the path relative to the top folder, one without
// against the name of each file and folder. With a trailing slash it matches
// folders only.
func ParsePatterns(texts []string) (Patterns, error) {
	patterns := make(Patterns, len(texts))
	for i, text := range texts {
		p := pattern{glob: text}
		p.glob, p.onlyDir = strings.CutSuffix(p.glob, "/")
		p.anchor = strings.Contains(p.glob, "/")
		p.glob = strings.TrimPrefix(p.glob, "/")
		switch _, err := path.Match(p.glob, ""); {
		case err != nil:
			return nil, fmt.Errorf("holds %q, which is not a pattern of path.Match", text)
		case strings.Contains(p.glob, "**"):
			return nil, fmt.Errorf("holds %q, but ** is unknown here: a pattern without a slash matches at any depth, and what lies below a folder goes with it", text)
		case !fs.ValidPath(p.glob) || p.glob == ".":
			return nil, fmt.Errorf("holds %q, which matches nothing", text)
		}
		patterns[i] = p
	}
	return patterns, nil
}

// Match reports whether a path itself is excluded. It does not check the folders
// that contain it.
func (p Patterns) Match(name string, isDir bool) bool {
	for _, pattern := range p {
		subject := name
		if !pattern.anchor {
			subject = path.Base(name)
		}
		if matched, _ := path.Match(pattern.glob, subject); matched && (isDir || !pattern.onlyDir) { // checked by ParsePatterns
			return true
		}
	}
	return false
}
