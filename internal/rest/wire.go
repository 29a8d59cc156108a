package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// wire records how far an attempt got, as reported by net/http.
type wire struct {
	asked     atomic.Bool // for a connection
	connected atomic.Bool
}

// watch starts to watch an attempt. A GET may arrive twice anyway, so it is not
// watched.
func (w *wire) watch(ctx context.Context, method string) context.Context {
	if method == http.MethodGet {
		return ctx
	}
	w.asked.Store(false)
	w.connected.Store(false)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	})
}

// neverLeft reports whether a failed attempt provably did not reach the Panel.
func (w *wire) neverLeft(err error) bool {
	if w.asked.Load() && !w.connected.Load() {
		return true // while dialling, or shaking hands
	}
	var opError *net.OpError
	var dnsError *net.DNSError
	return errors.As(err, &opError) && opError.Op == "dial" || errors.As(err, &dnsError)
}

// isHopeless reports whether another attempt would fail in the same way, because
// the peer cannot be trusted or does not speak TLS.
func isHopeless(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &invalid) || errors.Is(err, http.ErrSchemeMismatch)
}
