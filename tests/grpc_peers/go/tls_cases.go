package main

import (
	"context"
	"crypto/tls"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// What cannot get in: each client that these credentials make; whoever may is served all the same.
func refused(make func(transport) credentials.TransportCredentials) func(context.Context, *server) error {
	return func(ctx context.Context, s *server) error {
		channel, err := s.dial(grpc.WithTransportCredentials(make(s.transport)))
		if err != nil {
			return err
		}
		defer channel.Close()
		if _, err := invoke(ctx, channel, "Echo", "x"); status.Code(err) != codes.Unavailable {
			return fmt.Errorf("got %v", err)
		}
		return unary(ctx, s)
	}
}

func withConfig(change func(transport, *tls.Config)) func(transport) credentials.TransportCredentials {
	return func(t transport) credentials.TransportCredentials {
		config := t.client()
		change(t, config)
		return credentials.NewTLS(config)
	}
}

func versions(ctx context.Context, s *server) error {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		exactly := withConfig(func(_ transport, c *tls.Config) { c.MinVersion, c.MaxVersion = version, version })
		channel, err := s.dial(grpc.WithTransportCredentials(exactly(s.transport)))
		if err != nil {
			return err
		}
		defer channel.Close()
		if got, err := invoke(ctx, channel, "Echo", "x"); err != nil || got != "x" {
			return fmt.Errorf("%s: %q, %v", tls.VersionName(version), got, err)
		}
	}
	return nil
}

var (
	plainText = func(transport) credentials.TransportCredentials { return insecure.NewCredentials() }
	otherRoot = withConfig(func(t transport, c *tls.Config) { c.RootCAs = t.authority("stranger_ca.crt") })
	otherName = withConfig(func(_ transport, c *tls.Config) { c.ServerName = "example.org" })
	oldTLS    = withConfig(func(_ transport, c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	noPair    = withConfig(func(_ transport, c *tls.Config) { c.Certificates = nil })
	otherPair = withConfig(func(t transport, c *tls.Config) { c.Certificates = t.identity("stranger") })
)
