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

// LongID returns the long identifier of a UUID.
func LongID(prefix, uuid string) string {
	id, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil {
		return ""
	}
	return prefix + longEncoding.EncodeToString(id)
}

// UUIDOf returns the UUID in the long identifier of a server, and any other text
// as it is.
func UUIDOf(text string) string {
	long, isLong := strings.CutPrefix(text, ServerPrefix)
	id, err := longEncoding.DecodeString(long)
	if !isLong || err != nil || len(id) != uuidBytes {
		return text
	}
	h := hex.EncodeToString(id)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

const uuidBytes = 16

// IsUUID reports whether a text is a UUID, in small letters.
func IsUUID(text string) bool { return UUIDOf(LongID(ServerPrefix, text)) == text }
