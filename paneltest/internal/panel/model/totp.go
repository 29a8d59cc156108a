package model

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 has it so
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// The second factor, RFC 6238.
const (
	totpPeriod      = 30 // seconds
	totpWindow      = 1  // periods before and after now whose codes are taken
	totpSecretBytes = 20
)

// NewTOTPSecret returns a secret for an authenticator app.
func NewTOTPSecret() string {
	secret := make([]byte, totpSecretBytes)
	_, _ = rand.Read(secret) // never fails
	return base32.StdEncoding.EncodeToString(secret)
}

// TOTPAddress is what an authenticator app reads from a picture.
func TOTPAddress(email, secret string) string {
	return "otpauth://totp/Pterodactyl:" + url.QueryEscape(email) + "?secret=" + secret + "&issuer=Pterodactyl"
}

// TOTP returns the code that an authenticator app shows for a secret at a time.
func TOTP(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("paneltest: the secret is not in base 32: %w", err)
	}
	return totpCode(key, at.Unix()/totpPeriod), nil
}

func totpCode(key []byte, period int64) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, period) // never fails
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000)
}

// TakesCode reports whether a code is valid, and was not used before.
func (u *User) TakesCode(code string, now time.Time) bool {
	key, err := base32.StdEncoding.DecodeString(u.TOTPSecret)
	if err != nil || u.TOTPSecret == "" {
		return false
	}
	current := now.Unix() / totpPeriod
	for period := current - totpWindow; period <= current+totpWindow; period++ {
		if period > u.totpLast && subtle.ConstantTimeCompare([]byte(totpCode(key, period)), []byte(code)) == 1 {
			u.totpLast = period
			return true
		}
	}
	return false
}
