package files

import (
	"path"
	"strings"
)

// ignoreRules tell which files are left out, as a .gitignore does.
type ignoreRules []ignoreRule

type ignoreRule struct {
	segments []string
	anchored bool // to the root, else it may be anywhere
	folder   bool // it names folders alone
	negative bool // it takes back what others ignore
}

func newIgnoreRules(lines []string) ignoreRules {
	var rules ignoreRules
	for _, line := range lines {
		line = strings.TrimRight(line, " \r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var rule ignoreRule
		line, rule.negative = strings.CutPrefix(line, "!")
		line, rule.folder = strings.CutSuffix(line, "/")
		rule.anchored = strings.Contains(line, "/")
		line = strings.TrimPrefix(line, "/")
		if line != "" {
			rule.segments = strings.Split(line, "/")
			rules = append(rules, rule)
		}
	}
	return rules
}

// match reports whether a file or folder is ignored. What is in a folder that is
// ignored is ignored too.
func (rules ignoreRules) match(name string, isFolder bool) bool {
	parts := strings.Split(name, "/")
	for i := range parts {
		ignored := false
		for _, rule := range rules {
			if rule.matches(parts[:i+1], isFolder || i < len(parts)-1) {
				ignored = !rule.negative
			}
		}
		if ignored {
			return true
		}
	}
	return false
}

func (r ignoreRule) matches(parts []string, isFolder bool) bool {
	if r.folder && !isFolder {
		return false
	}
	if !r.anchored {
		parts = parts[len(parts)-1:]
	}
	return matchSegments(r.segments, parts)
}

// matchSegments matches a path, "**" being any number of its elements.
func matchSegments(pattern, parts []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(parts) + 1 {
				if matchSegments(pattern[1:], parts[i:]) {
					return true
				}
			}
			return false
		}
		if len(parts) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], parts[0]); err != nil || !ok {
			return false
		}
		pattern, parts = pattern[1:], parts[1:]
	}
	return len(parts) == 0
}
