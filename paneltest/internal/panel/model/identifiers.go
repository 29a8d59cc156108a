package model

import (
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// What long identifiers begin with, by what they name. The bytes of a UUID
// follow, in base32.
const (
	ServerPrefix = "serv_"
	UserPrefix   = "user_"
)

var longEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// The lengths of a UUID as bytes, and as text with dashes before some of the
// bytes.
const (
	uuidBytes  = 16
	uuidLength = 36
)

func isDashed(b int) bool { return b == 4 || b == 6 || b == 8 || b == 10 }

// parseUUID reads a UUID in small letters.
func parseUUID(text string) (id [uuidBytes]byte, ok bool) {
	if len(text) != uuidLength {
		return id, false
	}
	at := 0
	for b := range id {
		if isDashed(b) {
			if text[at] != '-' {
				return id, false
			}
			at++
		}
		for range 2 {
			digit := strings.IndexByte("0123456789abcdef", text[at])
			if digit < 0 {
				return id, false
			}
			id[b] = id[b]<<4 | byte(digit) //nolint:gosec // below 16
			at++
		}
	}
	return id, true
}

// IsUUID reports whether a text is a UUID, in small letters.
func IsUUID(text string) bool {
	_, ok := parseUUID(text)
	return ok
}

// LongID returns the long identifier of a UUID.
func LongID(prefix, uuid string) string {
	id, ok := parseUUID(uuid)
	if !ok {
		return ""
	}
	text := append(make([]byte, 0, uuidLength), prefix...)
	return string(longEncoding.AppendEncode(text, id[:]))
}

// UUIDOf returns the UUID in the long identifier of a server, and any other text
// as it is.
func UUIDOf(text string) string {
	long, isLong := strings.CutPrefix(text, ServerPrefix)
	if !isLong {
		return text
	}
	id, err := longEncoding.DecodeString(long)
	if err != nil || len(id) != uuidBytes {
		return text
	}
	uuid := make([]byte, 0, uuidLength)
	for b := range id {
		if isDashed(b) {
			uuid = append(uuid, '-')
		}
		uuid = hex.AppendEncode(uuid, id[b:b+1])
	}
	return string(uuid)
}
