package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/console"
)

// A Panel gives few tokens for a console: five a minute for each server. A token
// is good for ten minutes and any number of connections, so commands that a
// script runs one after the other share one, in a file of mode 0600.

// source is where a command gets the tokens for a console.
type source struct {
	console.Source
	file  string // "" to keep nothing
	asked atomic.Bool
}

// cacheDir returns the folder for tokens, "" if there is none.
func (a *app) cacheDir() string {
	if dir := a.getenv(envCache); dir != "" {
		return dir
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "ptero")
}

// forgetTokens deletes the tokens that are older than an age.
func forgetTokens(dir string, age time.Duration) {
	files, err := filepath.Glob(filepath.Join(dir, "console-*.json"))
	if err != nil || dir == "" {
		return
	}
	for _, file := range files {
		if info, err := os.Lstat(file); err == nil && time.Since(info.ModTime()) >= age {
			_ = os.Remove(file)
		}
	}
}

// console returns where to get the tokens for the console of a server.
func (a *app) console(c *client.Client, s *client.Server) console.Source {
	from := &source{Source: c.Servers.Console(s.UUID)}
	if cache := a.cacheDir(); cache != "" && !a.demo {
		// The name reveals neither the Panel nor the account, and differs for each.
		sum := sha256.Sum256([]byte(a.session.url + "\n" + a.session.client + "\n" + s.UUID))
		from.file = filepath.Join(cache, "console-"+hex.EncodeToString(sum[:16])+".json")
	}
	return from
}

// Credentials returns a token that is kept, but only once: who asks again has
// found it to be no good.
func (s *source) Credentials(ctx context.Context) (*client.WebsocketCredentials, error) {
	if !s.asked.Swap(true) {
		if kept := s.read(); kept != nil {
			return kept, nil
		}
	}
	fresh, err := s.Source.Credentials(ctx)
	if err == nil {
		s.write(fresh)
	}
	return fresh, err
}

// HTTPClient is that of the source within.
func (s *source) HTTPClient() *http.Client { return s.Source.HTTPClient() }

// leastLife is how long a token must still be good to be worth using, so that
// there is time to renew it.
const leastLife = 90 * time.Second

func (s *source) read() *client.WebsocketCredentials {
	if s.file == "" {
		return nil
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil
	}
	var kept client.WebsocketCredentials
	if json.Unmarshal(text, &kept) != nil || time.Until(expiry(kept.Token)) < leastLife {
		_ = os.Remove(s.file)
		return nil
	}
	return &kept
}

// write keeps a token. That it cannot is no reason to fail.
func (s *source) write(fresh *client.WebsocketCredentials) {
	if s.file == "" || os.MkdirAll(filepath.Dir(s.file), 0o700) != nil {
		return
	}
	const lifetime = 10 * time.Minute
	forgetTokens(filepath.Dir(s.file), lifetime)
	text, err := json.Marshal(fresh)
	if err != nil {
		return
	}
	temporary, err := os.CreateTemp(filepath.Dir(s.file), ".console-*") // of mode 0600
	if err != nil {
		return
	}
	_, err = temporary.Write(text)
	if closeErr := temporary.Close(); err != nil || closeErr != nil || os.Rename(temporary.Name(), s.file) != nil {
		_ = os.Remove(temporary.Name())
	}
}

// expiry returns when a token ends, as it says itself.
func expiry(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Expires int64 `json:"exp"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return time.Time{}
	}
	return time.Unix(claims.Expires, 0)
}
