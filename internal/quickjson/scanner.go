package quickjson

import "github.com/ptero-go/ptero/internal/jsontext"

// scanner reads a document from front to back. Its methods report false where
// the document is not valid, or not plain; there is no going on after that.
type scanner struct {
	data    []byte
	at      int
	depth   int
	strings jsontext.Strings
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

// string reads a string. What it returns is valid up to the next string.
func (s *scanner) string() (text []byte, ok bool) {
	text, size, ok := s.strings.Unquote(s.data[s.at:])
	s.at += size
	return text, ok
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
