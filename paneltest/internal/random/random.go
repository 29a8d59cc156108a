// Package random makes up identifiers and secrets.
package random

import (
	"crypto/rand"
	"fmt"
)

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// Text returns letters and digits.
func Text(n int) string {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	for i, b := range bytes {
		bytes[i] = alphanumeric[int(b)%len(alphanumeric)]
	}
	return string(bytes)
}

// UUID returns a random UUID.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
