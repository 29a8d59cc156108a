package console

import (
	"strings"
	"unicode/utf8"
)

// Text is the line without ANSI codes: without control sequences, operating system
// commands and other escapes, and without the bodies of those that have one. A
// sequence that the end of the line cuts off stays.
func (o Output) Text() string {
	line := o.Line
	at := nextCode(line)
	if at < 0 {
		return line
	}
	var text strings.Builder
	text.Grow(len(line))
	for at >= 0 {
		text.WriteString(line[:at])
		line = line[at:]
		size := codeLength(line)
		if size == 0 {
			break
		}
		line = line[size:]
		at = nextCode(line)
	}
	text.WriteString(line)
	return text.String()
}

// nextCode returns where the next code begins: with an escape, or with one of the
// control characters that stand for two of these (U+0090 for ESC P, and so on).
func nextCode(line string) int {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\x1b':
			return i
		case line[i] == 0xC2 && i+1 < len(line) && single(line[i+1]) != 0:
			return i
		}
	}
	return -1
}

// single returns the second byte of the escape that a control character U+0080 to
// U+009F stands for, or 0 if that begins no code that has more to it.
func single(c byte) byte {
	switch c {
	case 0x90, 0x98, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F: // DCS, SOS, CSI, ST, OSC, PM, APC
		return c - 0x40
	}
	return 0
}

// codeLength returns the length of the code at the beginning of a text, 0 if it is
// cut off.
func codeLength(s string) int {
	var second byte
	if s[0] == '\x1b' {
		if len(s) == 1 {
			return 0
		}
		if s[1] == '\x1b' { // of two escapes the first is void
			return 1
		}
		second = s[1]
	} else {
		second = single(s[1])
	}
	i := 2
	switch {
	case second == '[':
		for i < len(s) && s[i] >= ' ' && s[i] < '@' {
			i++
		}
		if i == len(s) {
			return 0
		}
		if s[i] >= '@' && s[i] <= '~' {
			i++
		}
	case strings.IndexByte("PX]^_", second) >= 0: // up to its end
		return i + bodyLength(s[i:], second == ']')
	case second >= ' ' && second < '0': // intermediate bytes, then a final one
		for i < len(s) && s[i] >= ' ' && s[i] < '0' {
			i++
		}
		if i == len(s) {
			return 0
		}
		if s[i] >= '0' && s[i] <= '~' {
			i++
		}
	case second >= utf8.RuneSelf || second < ' ':
		return 1 // no code at all
	}
	return i
}

// bodyLength returns the length of a body with its end: a string terminator, or
// for operating system commands a bell as well. Another code ends it, too.
func bodyLength(s string, bell bool) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\a' && bell:
			return i + 1
		case s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\', s[i] == 0xC2 && i+1 < len(s) && s[i+1] == 0x9C:
			return i + 2
		case s[i] == '\x1b':
			return i
		}
	}
	return len(s)
}
