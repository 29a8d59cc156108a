// Package jsontext reads the strings of JSON documents.
package jsontext

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Strings reads strings. It reuses the memory of those with escapes; its zero
// value is ready.
type Strings struct{ text []byte }

// keptText is the memory, in bytes, that is kept for the next string.
const keptText = 64 << 10

// Unquote reads the string that begins with the first byte of a document, and
// tells how many bytes it takes there. The text is valid up to the next call. It
// is not ok if there is no valid string; encoding/json is more generous: it
// mends text that is not UTF-8.
func (s *Strings) Unquote(document []byte) (text []byte, size int, ok bool) {
	if len(document) == 0 || document[0] != '"' {
		return nil, 0, false
	}
	i := 1
	for i < len(document) && plain[document[i]] {
		i++
	}
	if i < len(document) && document[i] == '"' {
		return document[1:i], i + 1, true
	}
	if cap(s.text) > keptText {
		s.text = nil
	}
	s.text, size, ok = unquote(append(s.text[:0], document[1:i]...), document, i)
	return s.text, size, ok
}

// unquote reads on at an index, after the text up to there.
func unquote(text, document []byte, i int) (whole []byte, size int, ok bool) {
	for i < len(document) {
		c := document[i]
		switch {
		case plain[c]:
			from := i
			for i < len(document) && plain[document[i]] {
				i++
			}
			text = append(text, document[from:i]...)
		case c == '"':
			return text, i + 1, true
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(document[i:])
			if r == utf8.RuneError && size == 1 {
				return text, 0, false
			}
			text = append(text, document[i:i+size]...)
			i += size
		case c == '\\':
			r, size := escaped(document[i:])
			if size == 0 {
				return text, 0, false
			}
			text = utf8.AppendRune(text, r)
			i += size
		default:
			return text, 0, false
		}
	}
	return text, 0, false
}

// plain marks the bytes that stand for themselves in a string.
var plain = func() (table [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

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
	r = hex(data)
	switch {
	case r < 0:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, 6
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
