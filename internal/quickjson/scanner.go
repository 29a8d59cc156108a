package quickjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads a document from front to back. Its methods report false where
// the document is not valid, or not plain; there is no going on after that.
type scanner struct {
	data  []byte
	at    int
	depth int
	text  []byte // of the last string with escapes
}

// maxDepth is less than that of encoding/json, which says what is wrong.
const maxDepth = 500

// peek returns the first byte of what comes next, after white space, and 0 at the
// end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take steps over c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.at == len(s.data) {
		return false
	}
	s.at++
	return true
}

// end tells that nothing comes any more.
func (s *scanner) end() bool {
	s.peek()
	return s.at == len(s.data)
}

// literal steps over a word such as null.
func (s *scanner) literal(word string) bool {
	if end := s.at + len(word); end <= len(s.data) && string(s.data[s.at:end]) == word {
		s.at = end
		return true
	}
	return false
}

// open steps into an object or list.
func (s *scanner) open() bool {
	s.at++
	s.depth++
	return s.depth < maxDepth
}

// next steps to the next member or entry, or over the end of the object or list,
// which it tells by more.
func (s *scanner) next(first bool, end byte) (more, ok bool) {
	switch c := s.peek(); {
	case c == end:
		s.at++
		s.depth--
		return false, true
	case first:
		return true, true
	case c == ',':
		s.at++
		return true, true
	}
	return false, false
}

// name reads the name of a member and the colon after it.
func (s *scanner) name() (name []byte, ok bool) {
	if s.peek() != '"' {
		return nil, false
	}
	if name, ok = s.string(); !ok {
		return nil, false
	}
	return name, s.take(':')
}

// plain marks the bytes that stand for themselves in a string.
var plain = func() (table [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// string reads a string. What it returns is valid up to the next string.
func (s *scanner) string() (text []byte, ok bool) {
	start := s.at + 1
	i := start
	for i < len(s.data) && plain[s.data[i]] {
		i++
	}
	if i < len(s.data) && s.data[i] == '"' {
		s.at = i + 1
		return s.data[start:i], true
	}
	return s.unquote(start, i)
}

// unquote reads a string from start, which is plain up to i.
func (s *scanner) unquote(start, i int) (text []byte, ok bool) {
	text = append(s.text[:0], s.data[start:i]...)
	defer func() { s.text = text }()
	for i < len(s.data) {
		c := s.data[i]
		switch {
		case plain[c]:
			from := i
			for i < len(s.data) && plain[s.data[i]] {
				i++
			}
			text = append(text, s.data[from:i]...)
		case c == '"':
			s.at = i + 1
			return text, true
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(s.data[i:])
			if r == utf8.RuneError && size == 1 {
				return text, false
			}
			text = append(text, s.data[i:i+size]...)
			i += size
		case c == '\\':
			r, size := escaped(s.data[i:])
			if size == 0 {
				return text, false
			}
			text = utf8.AppendRune(text, r)
			i += size
		default:
			return text, false
		}
	}
	return text, false
}

// escaped reads an escape sequence, of size 0 if it is none. Half a surrogate
// pair counts as none.
func escaped(data []byte) (r rune, size int) {
	if len(data) < 2 {
		return 0, 0
	}
	switch data[1] {
	case '"', '\\', '/':
		return rune(data[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return 0, 0
	}
	if r = hex(data); r < 0 || !utf16.IsSurrogate(r) {
		return max(r, 0), min(6, 6*int(r+1))
	}
	if r = utf16.DecodeRune(r, hex(data[6:])); r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex reads a sequence such as \u00e9, -1 if it is none.
func hex(data []byte) rune {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range data[2:6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 + rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 + rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 + rune(c-'A'+10)
		default:
			return -1
		}
	}
	return r
}

// integer reads a whole number of up to 18 digits.
func (s *scanner) integer() (n int64, ok bool) {
	i := s.at
	negative := s.data[i] == '-'
	if negative {
		i++
	}
	start := i
	for ; i < len(s.data) && '0' <= s.data[i] && s.data[i] <= '9'; i++ {
		n = n*10 + int64(s.data[i]-'0')
		if i-start > 18 {
			return 0, false
		}
	}
	digits := i - start
	if digits == 0 || digits > 18 || digits > 1 && s.data[start] == '0' {
		return 0, false
	}
	if i < len(s.data) {
		switch s.data[i] {
		case '.', 'e', 'E':
			return 0, false
		}
	}
	s.at = i
	if negative {
		n = -n
	}
	return n, true
}

// number steps over a number.
func (s *scanner) number() bool {
	if s.data[s.at] == '-' {
		s.at++
	}
	first := s.at
	if digits := s.digits(); digits == 0 || digits > 1 && s.data[first] == '0' {
		return false
	}
	if s.at < len(s.data) && s.data[s.at] == '.' {
		s.at++
		if s.digits() == 0 {
			return false
		}
	}
	if s.at < len(s.data) && s.data[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.data) && (s.data[s.at] == '+' || s.data[s.at] == '-') {
			s.at++
		}
		return s.digits() > 0
	}
	return true
}

// digits steps over digits and counts them.
func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.data) && '0' <= s.data[s.at] && s.data[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}

// raw reads any value as it stands.
func (s *scanner) raw() (value []byte, ok bool) {
	s.peek()
	start := s.at
	ok = s.skip()
	return s.data[start:s.at], ok
}

// skip steps over any value.
func (s *scanner) skip() bool {
	switch c := s.peek(); c {
	case '{':
		if !s.open() {
			return false
		}
		for first := true; ; first = false {
			if more, ok := s.next(first, '}'); !more {
				return ok
			}
			if _, ok := s.name(); !ok || !s.skip() {
				return false
			}
		}
	case '[':
		if !s.open() {
			return false
		}
		for first := true; ; first = false {
			if more, ok := s.next(first, ']'); !more {
				return ok
			}
			if !s.skip() {
				return false
			}
		}
	case '"':
		_, ok := s.string()
		return ok
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return (c == '-' || '0' <= c && c <= '9') && s.number()
	}
}
