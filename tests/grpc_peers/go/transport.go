package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// transport is how a client and a server speak, with the files that both sides need for it.
type transport struct {
	name   string // plain, tls, mtls
	folder string // what writeCertificates wrote
}

func transports(folder string) []transport {
	return []transport{{"plain", folder}, {"tls", folder}, {"mtls", folder}}
}

func (t transport) plain() bool             { return t.name == "plain" }
func (t transport) mutual() bool            { return t.name == "mtls" }
func (t transport) file(name string) string { return filepath.Join(t.folder, name) }

// client is the TLS of a client that this server should let in; nil without TLS.
func (t transport) client() *tls.Config {
	if t.plain() {
		return nil
	}
	config := &tls.Config{RootCAs: t.authority("ca.crt")}
	if t.mutual() {
		config.Certificates = t.identity("client")
	}
	return config
}

// The files are the suite's own; without them there is nothing to test.
func (t transport) authority(name string) *x509.CertPool {
	text, err := os.ReadFile(t.file(name))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

func (t transport) identity(name string) []tls.Certificate {
	pair, err := tls.LoadX509KeyPair(t.file(name+".crt"), t.file(name+".key"))
	if err != nil {
		panic(err)
	}
	return []tls.Certificate{pair}
}

func (t transport) credentials() credentials.TransportCredentials {
	if t.plain() {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(t.client())
}

func (t transport) scheme() string {
	if t.plain() {
		return "http"
	}
	return "https"
}

func (t transport) http() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: t.client(), DisableKeepAlives: true}}
}

// writeCertificates makes two authorities and what they sign: ca.crt, and server and client that it signed; and
// stranger.crt with stranger.key, of an authority that nobody trusts, stranger_ca.crt.
func writeCertificates(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for authority, signed := range map[string][]string{"ca": {"server", "client"}, "stranger_ca": {"stranger"}} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		parent := template(authority)
		parent.IsCA, parent.BasicConstraintsValid = true, true
		if err := writeCertificate(folder, authority, parent, parent, key, key); err != nil {
			return err
		}
		for _, name := range signed {
			own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				return err
			}
			if err := writeCertificate(folder, name, template(name), parent, own, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
}

// writeCertificate writes NAME.crt and NAME.key.
func writeCertificate(folder, name string, own, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) error {
	certificate, err := x509.CreateCertificate(rand.Reader, own, parent, &key.PublicKey, signer)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		suffix, kind string
		bytes        []byte
	}{{".crt", "CERTIFICATE", certificate}, {".key", "PRIVATE KEY", private}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.bytes})
		if err := os.WriteFile(filepath.Join(folder, name+file.suffix), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
