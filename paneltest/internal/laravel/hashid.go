package laravel

import (
	"slices"
	"strings"
)

// Hash ids are how the Client API writes the numbers of databases: short texts
// from which they can be computed again, by the scheme of hashids.org.
const (
	hashSalt     = "paneltest"
	hashLength   = 8
	hashAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890"
	hashSeps     = "cfhistuCFHISTU"
	guardPart    = 12 // one of so many characters is a guard
)

// hashLetters are the characters of ids, and those that stand around short ones.
var hashLetters, hashGuards = func() (letters, guards []byte) {
	letters = slices.DeleteFunc([]byte(hashAlphabet), func(c byte) bool { return strings.IndexByte(hashSeps, c) >= 0 })
	shuffle(letters, []byte(hashSalt))
	n := (len(letters) + guardPart - 1) / guardPart
	return letters[n:], letters[:n]
}()

// shuffle puts letters in an order that depends on a salt.
func shuffle(letters, salt []byte) {
	if len(salt) == 0 {
		return
	}
	for i, v, p := len(letters)-1, 0, 0; i > 0; i, v = i-1, v+1 {
		v %= len(salt)
		n := int(salt[v])
		p += n
		j := (n + v + p) % i
		letters[i], letters[j] = letters[j], letters[i]
	}
}

// HashID writes a number.
func HashID(n int) string {
	letters := slices.Clone(hashLetters)
	hash := n % 100
	lottery := letters[hash%len(letters)]
	shuffle(letters, slices.Concat([]byte{lottery}, []byte(hashSalt), letters)[:len(letters)])
	id := append([]byte{lottery}, digits(n, letters)...)
	if len(id) < hashLength {
		id = append([]byte{hashGuards[(hash+int(id[0]))%len(hashGuards)]}, id...)
	}
	if len(id) < hashLength {
		id = append(id, hashGuards[(hash+int(id[2]))%len(hashGuards)])
	}
	for half := len(letters) / 2; len(id) < hashLength; {
		shuffle(letters, slices.Clone(letters))
		id = slices.Concat(letters[half:], id, letters[:half])
		if excess := len(id) - hashLength; excess > 0 {
			id = id[excess/2 : excess/2+hashLength]
		}
	}
	return string(id)
}

// digits writes a number in the base that some letters make.
func digits(n int, letters []byte) []byte {
	var text []byte
	for {
		text = append([]byte{letters[n%len(letters)]}, text...)
		if n /= len(letters); n == 0 {
			return text
		}
	}
}
