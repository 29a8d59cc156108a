package client

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ptero-go/ptero/paneltest/internal/laravel"
	"github.com/ptero-go/ptero/paneltest/internal/panel/model"
)

func showSSHKey(k *model.SSHKey) laravel.Object {
	return laravel.Item("ssh_key", laravel.Object{
		"name": k.Name, "fingerprint": k.Fingerprint, "public_key": k.PublicKey, "created_at": laravel.Stamp(k.Created),
	})
}

// ClientListSSHKeys implements the operation.
func (a API) ClientListSSHKeys(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		return laravel.OK(laravel.ListOf(c.User.SSHKeys, showSSHKey)), nil
	})
}

// ClientCreateSSHKey implements the operation.
func (a API) ClientCreateSSHKey(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		v := laravel.NewValidator(c.Input)
		v.Check(laravel.Field{Name: "name", Rules: "required|string|max:191"}, laravel.Field{Name: "public_key", Rules: "required|string"})
		key, err := readSSHKey(c.Input.Text("public_key"))
		switch {
		case c.Input.Text("public_key") == "" && !c.Traits.ClientShapes:
		case err != nil:
			v.Add("public_key", err.Error())
		case c.User.SSHKey(key.Fingerprint) >= 0:
			v.Add("public_key", "The public key provided already exists on your account.")
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		key.Name, key.Created = c.Input.Text("name"), time.Now()
		c.User.SSHKeys = append(c.User.SSHKeys, key)
		c.Note(c.Call, "user:ssh-key.create", nil, c.User, model.With("fingerprint", key.Fingerprint))
		return laravel.OK(showSSHKey(key)), nil
	})
}

// ClientRemoveSSHKey implements the operation. What is not there is no error.
func (a API) ClientRemoveSSHKey(w http.ResponseWriter, r *http.Request) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if err := c.Input.Validate(laravel.Field{Name: "fingerprint", Rules: "required|string"}); err != nil {
			return nil, err
		}
		c.removeSSHKey(c.Input.Text("fingerprint"))
		return laravel.NoContent, nil
	})
}

// removeSSHKey removes a key of the account, and reports whether there was one.
func (c *call) removeSSHKey(fingerprint string) bool {
	i := c.User.SSHKey(fingerprint)
	if i < 0 {
		return false
	}
	c.User.SSHKeys = slices.Delete(c.User.SSHKeys, i, i+1)
	c.Note(c.Call, "user:ssh-key.delete", nil, c.User, model.With("fingerprint", fingerprint))
	return true
}

// ClientRemoveSSHKeyLegacy implements the operation, which Pelican alone serves.
func (a API) ClientRemoveSSHKeyLegacy(w http.ResponseWriter, r *http.Request, fingerprint string) {
	a.do(w, r, func(c *call) (*laravel.Answer, error) {
		if !c.removeSSHKey(fingerprint) {
			return nil, laravel.ErrNotFound
		}
		return laravel.NoContent, nil
	})
}

var (
	errSSHKey     = errors.New("The public key provided is not valid.")           //nolint:revive,staticcheck // the Panel's words
	errSSHKeyDSA  = errors.New("DSA keys are not supported.")                     //nolint:revive,staticcheck // the Panel's words
	errSSHKeyWeak = errors.New("RSA keys must be at least 2048 bytes in length.") //nolint:revive,staticcheck // the Panel's words
)

// minRSABits is the shortest RSA key that the Panel takes.
const minRSABits = 2048

// readSSHKey reads a key in OpenSSH's form or in PEM. The Panel keeps it in PEM.
func readSSHKey(text string) (*model.SSHKey, error) {
	var public any
	var err error
	if block, _ := pem.Decode([]byte(text)); block != nil {
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	} else {
		public, err = parseOpenSSH(text)
	}
	if err != nil {
		return nil, asKnown(err)
	}
	if key, isRSA := public.(*rsa.PublicKey); isRSA && key.N.BitLen() < minRSABits {
		return nil, errSSHKeyWeak
	}
	encoded, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, errSSHKey
	}
	wire, err := openSSHWire(public)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(wire)
	document := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: encoded}))
	return &model.SSHKey{
		Fingerprint: base64.RawStdEncoding.EncodeToString(sum[:]),
		PublicKey:   strings.ReplaceAll(strings.TrimSpace(document), "\n", "\r\n"),
	}, nil
}

// asKnown keeps the errors that the Panel has words for.
func asKnown(err error) error {
	if errors.Is(err, errSSHKeyDSA) {
		return err
	}
	return errSSHKey
}

// wireReader reads the fields of a key in OpenSSH's form.
type wireReader struct {
	data []byte
	bad  bool
}

func (r *wireReader) next() []byte {
	if len(r.data) < 4 {
		r.bad = true
		return nil
	}
	n := int(binary.BigEndian.Uint32(r.data))
	if n < 0 || n > len(r.data)-4 {
		r.bad = true
		return nil
	}
	field := r.data[4 : 4+n]
	r.data = r.data[4+n:]
	return field
}

func parseOpenSSH(text string) (any, error) {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return nil, errSSHKey
	}
	data, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return nil, errSSHKey
	}
	r := &wireReader{data: data}
	if string(r.next()) != fields[0] {
		return nil, errSSHKey
	}
	var key any
	switch fields[0] {
	case "ssh-dss":
		return nil, errSSHKeyDSA
	case "ssh-ed25519":
		public := r.next()
		if len(public) != ed25519.PublicKeySize {
			return nil, errSSHKey
		}
		key = ed25519.PublicKey(public)
	case "ssh-rsa":
		exponent, modulus := new(big.Int).SetBytes(r.next()), new(big.Int).SetBytes(r.next())
		if !exponent.IsInt64() || modulus.Sign() == 0 {
			return nil, errSSHKey
		}
		key = &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
	case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
		curve := curves[string(r.next())]
		if curve == nil {
			return nil, errSSHKey
		}
		public, err := ecdsa.ParseUncompressedPublicKey(curve, r.next())
		if err != nil {
			return nil, errSSHKey
		}
		key = public
	default:
		return nil, errSSHKey
	}
	if r.bad {
		return nil, errSSHKey
	}
	return key, nil
}

var curves = map[string]elliptic.Curve{"nistp256": elliptic.P256(), "nistp384": elliptic.P384(), "nistp521": elliptic.P521()}

// openSSHWire is the form of a key that its fingerprint is made from.
func openSSHWire(public any) ([]byte, error) {
	var wire []byte
	add := func(field []byte) {
		wire = binary.BigEndian.AppendUint32(wire, uint32(len(field))) //nolint:gosec // keys are short
		wire = append(wire, field...)
	}
	switch key := public.(type) {
	case ed25519.PublicKey:
		add([]byte("ssh-ed25519"))
		add(key)
	case *rsa.PublicKey:
		add([]byte("ssh-rsa"))
		add(signed(big.NewInt(int64(key.E))))
		add(signed(key.N))
	case *ecdsa.PublicKey:
		name := "nistp" + strconv.Itoa(key.Curve.Params().BitSize)
		point, err := key.Bytes()
		if err != nil {
			return nil, errSSHKey
		}
		add([]byte("ecdsa-sha2-" + name))
		add([]byte(name))
		add(point)
	default:
		return nil, errSSHKey
	}
	return wire, nil
}

// signed writes a positive number as OpenSSH does.
func signed(n *big.Int) []byte {
	bytes := n.Bytes()
	if len(bytes) > 0 && bytes[0]&0x80 != 0 {
		bytes = append([]byte{0}, bytes...)
	}
	return bytes
}
