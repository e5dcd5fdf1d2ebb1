package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func wantStatus(err error, code codes.Code, message string) error {
	got := status.Convert(err)
	if got.Code() != code || got.Message() != message {
		return fmt.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), code, message)
	}
	return nil
}

func unary(ctx context.Context, s *server) error {
	for _, message := range []string{"hello", "", strings.Repeat("x", 100_000)} {
		got, err := s.call(ctx, "Echo", message)
		if err != nil || got != message {
			return fmt.Errorf("%d bytes came back for %d: %v", len(got), len(message), err)
		}
	}
	return nil
}

func largeMessages(ctx context.Context, s *server) error {
	message := strings.Repeat("0123456789abcdef", 8<<20/16)
	var group sync.WaitGroup
	failures := make(chan error, 4)
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			got, err := s.call(ctx, "Echo", message)
			if err != nil || got != message {
				failures <- fmt.Errorf("%d bytes came back for %d: %v", len(got), len(message), err)
			}
		}()
	}
	group.Wait()
	close(failures)
	return <-failures
}

func compressed(name string) func(context.Context, *server) error {
	return func(ctx context.Context, s *server) error {
		message := strings.Repeat("tidewheel ", 100_000)
		got, err := s.call(ctx, "Echo", message, grpc.UseCompressor(name))
		if err != nil || got != message {
			return fmt.Errorf("%d bytes came back: %v", len(got), err)
		}
		return nil
	}
}

func messageLimit(ctx context.Context, s *server) error {
	_, err := s.call(ctx, "Echo", strings.Repeat("x", 16<<20+1))
	if err := wantStatus(err, codes.ResourceExhausted,
		"message of 16777217 bytes is over the limit of 16777216"); err != nil {
		return err
	}
	_, err = s.call(ctx, "Echo", strings.Repeat("0", 16<<20+1), grpc.UseCompressor("gzip"))
	return wantStatus(err, codes.ResourceExhausted, "more than 16777216 bytes after decompression")
}

func statuses(ctx context.Context, s *server) error {
	for _, code := range []codes.Code{1, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14} {
		for _, message := range []string{"", "plain", "no such häuser: 100% \u2603", "two\r\nlines"} {
			_, err := s.call(ctx, "Fail", fmt.Sprintf("%d %s", code, message))
			if err := wantStatus(err, code, message); err != nil {
				return err
			}
		}
	}
	_, err := s.call(ctx, "Nope", "")
	return wantStatus(err, codes.Unimplemented, "unknown method /tidewheel.Echo/Nope")
}

func trailersOnly(ctx context.Context, s *server) error {
	var header, trailer metadata.MD
	_, err := s.call(ctx, "Fail", "5 gone", grpc.Header(&header), grpc.Trailer(&trailer))
	if err := wantStatus(err, codes.NotFound, "gone"); err != nil {
		return err
	}
	// In a trailers-only answer there is no header of its own: grpc-go leaves it empty.
	if len(header.Get("content-type")) != 0 || len(trailer.Get("content-type")) != 1 {
		return fmt.Errorf("header %v, trailer %v", header, trailer)
	}
	return nil
}

func serverStreaming(ctx context.Context, s *server) error {
	next, err := s.stream(ctx, "Repeat", "1000 2000 8 enough")
	if err != nil {
		return err
	}
	for i := range 1000 {
		if message, err := next(); err != nil || len(message) != 2000 {
			return fmt.Errorf("message %d: %d bytes, %v", i, len(message), err)
		}
	}
	_, err = next()
	return wantStatus(err, codes.ResourceExhausted, "enough")
}

func flowControl(ctx context.Context, s *server) error {
	next, err := s.stream(ctx, "Repeat", "200 200000")
	if err != nil {
		return err
	}
	// Nobody reads yet: the server has to wait, and everything else goes on.
	if err := unary(ctx, s); err != nil {
		return err
	}
	total := 0
	for {
		message, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		total += len(message)
	}
	if total != 200*200_000 {
		return fmt.Errorf("%d bytes", total)
	}
	return nil
}

func cancellation(ctx context.Context, s *server) error {
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() {
		_, err := s.call(cancelled, "Wait", "")
		ended <- err
	}()
	next, err := s.stream(cancelled, "Stream", "")
	if err != nil {
		return err
	}
	go func() {
		_, err := next()
		ended <- err
	}()
	if err := s.counts(ctx, "2 0"); err != nil {
		return err
	}
	cancel()
	for range 2 {
		if code := status.Code(<-ended); code != codes.Canceled {
			return fmt.Errorf("got %v", code)
		}
	}
	return s.counts(ctx, "0 2")
}

func deadline(ctx context.Context, s *server) error {
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.call(short, "Wait", "")
		ended <- err
	}()
	if err := s.counts(ctx, "1 0"); err != nil {
		return err
	}
	if err := <-ended; status.Code(err) != codes.DeadlineExceeded {
		return fmt.Errorf("got %v", err)
	}
	return s.counts(ctx, "0 1")
}

// The server's own verdict: here the client does not watch the time, it only names it.
func serverDeadline(ctx context.Context, s *server) error {
	header := http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Grpc-Timeout": {"100m"}}
	answer, err := s.post(ctx, "Wait", "\x00\x00\x00\x00\x00", header)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("grpc-status"); got != "4" {
		return fmt.Errorf("grpc-status %q", got)
	}
	return nil
}

// http2 speaks HTTP/2 from the first byte on, with TLS or without.
func (t transport) http2() *http2.Transport {
	if !t.plain() {
		return &http2.Transport{TLSClientConfig: t.client()}
	}
	dial := func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return &http2.Transport{AllowHTTP: true, DialTLSContext: dial}
}

func notGRPC(ctx context.Context, s *server) error {
	answer, err := s.post(ctx, "Echo", "{}", http.Header{"Content-Type": {"application/json"}})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusUnsupportedMediaType {
		return fmt.Errorf("http status %d", answer.StatusCode)
	}
	return nil
}

func (t transport) connect(address string) (net.Conn, error) {
	if t.plain() {
		return net.Dial("tcp", address)
	}
	config := t.client()
	config.NextProtos = []string{"h2"}
	return tls.Dial("tcp", address, config)
}

func pings(ctx context.Context, s *server) error {
	connection, err := s.connect(s.address())
	if err != nil {
		return err
	}
	defer connection.Close()
	client, err := s.http2().NewClientConn(connection)
	if err != nil {
		return err
	}
	for range 100 {
		if err := client.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// The shortest time that grpc-go lets a client ask for.
var eager = keepalive.ClientParameters{Time: 10 * time.Second, Timeout: time.Second, PermitWithoutStream: true}

// A call that outlives the first ping: without an answer within the second, the channel would give it up.
func keepAlive(ctx context.Context, s *server) error {
	_, err := s.call(ctx, "Sleep", "11500")
	return err
}

func sendsMetadata(ctx context.Context, s *server) error {
	bytes := string([]byte{0, 1, 0xff, 0xfe})
	long := strings.Repeat("v", 8000)
	ctx = metadata.AppendToOutgoingContext(ctx, "x-twice", "one", "x-twice", "two", "x-bytes-bin", bytes, "x-long", long)
	for name, want := range map[string]string{
		"x-twice":     "one\ntwo\n",
		"x-bytes-bin": base64.RawStdEncoding.EncodeToString([]byte(bytes)) + "\n",
		"x-long":      long + "\n",
		"x-none":      "",
	} {
		if got, err := s.call(ctx, "Metadata", name); err != nil || got != want {
			return fmt.Errorf("%s: got %q, want %q: %v", name, got, want, err)
		}
	}
	return nil
}

func tooMuchMetadata(ctx context.Context, s *server) error {
	large := metadata.AppendToOutgoingContext(ctx, "x-large", strings.Repeat("v", 70_000))
	if _, err := s.call(large, "Metadata", "x-large"); err == nil {
		return errors.New("70 kB of metadata were taken")
	}
	return unary(ctx, s)
}

func concurrentStreams(ctx context.Context, s *server) error {
	var nexts []func() (string, error)
	for range 100 {
		next, err := s.stream(ctx, "Repeat", "50 1000")
		if err != nil {
			return err
		}
		nexts = append(nexts, next)
	}
	for range 50 {
		for _, next := range nexts {
			if message, err := next(); err != nil || len(message) != 1000 {
				return fmt.Errorf("%d bytes, %v", len(message), err)
			}
		}
	}
	for _, next := range nexts {
		if _, err := next(); !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

func manyCalls(ctx context.Context, s *server) error {
	for range 2000 {
		if _, err := s.call(ctx, "Echo", "x"); err != nil {
			return err
		}
	}
	return nil
}

func drainWithCall(ctx context.Context, s *server) error {
	ended := make(chan error, 1)
	go func() {
		_, err := s.call(ctx, "Sleep", "500")
		ended <- err
	}()
	if _, err := s.call(ctx, "Echo", "x"); err != nil {
		return err
	}
	if err := s.drain(); err != nil {
		return err
	}
	if err := <-ended; err != nil {
		return fmt.Errorf("the call under way: %w", err)
	}
	if err := s.process.Wait(); err != nil {
		return err
	}
	_, err := s.call(ctx, "Echo", "x")
	if status.Code(err) != codes.Unavailable {
		return fmt.Errorf("after the end: %v", err)
	}
	return nil
}

type echoCase struct {
	feature string
	name    string
	run     func(context.Context, *server) error
	over    over
	options []grpc.DialOption
	drains  bool // it ends its server itself
}

var echoCases = []echoCase{
	{feature: "keep-alive", name: "pings beside a call", run: keepAlive,
		options: []grpc.DialOption{grpc.WithKeepaliveParams(eager)}},
	{feature: "calls", name: "unary", run: unary},
	{feature: "large-messages", name: "8 MB both ways, four at once", run: largeMessages},
	{feature: "compression", name: "gzip", run: compressed("gzip")},
	{feature: "compression", name: "zstd", run: compressed("zstd")},
	{feature: "compression", name: "snappy", run: compressed("snappy")},
	{feature: "large-messages", name: "over the limit, also compressed", run: messageLimit},
	{feature: "calls", name: "statuses and their messages", run: statuses},
	{feature: "calls", name: "trailers only", run: trailersOnly},
	{feature: "streams", name: "server streaming", run: serverStreaming},
	{feature: "streams", name: "flow control", run: flowControl},
	{feature: "cancellation", name: "a call and a stream", run: cancellation},
	{feature: "deadlines", name: "of the client", run: deadline},
	{feature: "deadlines", name: "of the server", run: serverDeadline},
	{feature: "calls", name: "not grpc", run: notGRPC},
	{feature: "keep-alive", name: "100 pings", run: pings},
	{feature: "streams", name: "100 at once", run: concurrentStreams},
	{feature: "calls", name: "2000", run: manyCalls},
	{feature: "metadata", name: "repeated, binary, long", run: sendsMetadata},
	{feature: "metadata", name: "over the limit", run: tooMuchMetadata},
	{feature: "GOAWAY", name: "with a call under way", run: drainWithCall, drains: true},
	{feature: "TLS", name: "plain text is refused", run: refused(plainText), over: secure},
	{feature: "TLS", name: "the client knows another authority", run: refused(otherRoot), over: secure},
	{feature: "TLS", name: "the client wants another name", run: refused(otherName), over: secure},
	{feature: "TLS", name: "1.1 is refused", run: refused(oldTLS), over: secure},
	{feature: "TLS", name: "1.2 and 1.3", run: versions, over: secure},
	{feature: "TLS", name: "no client certificate", run: refused(noPair), over: mutual},
	{feature: "TLS", name: "a stranger's client certificate", run: refused(otherPair), over: mutual},
}

func (c echoCase) try(ctx context.Context, program string, t transport) error {
	s, err := start(program, t, c.options...)
	if err != nil {
		return err
	}
	defer s.process.Process.Kill()
	if err := c.run(ctx, s); err != nil || c.drains {
		return err
	}
	return s.stop()
}

func runEcho(program, certificates string) bool {
	var jobs []job
	for _, c := range echoCases {
		for _, t := range transports(certificates) {
			if c.over.has(t) {
				jobs = append(jobs, job{label{"grpc-go", t.name, c.feature, c.name},
					func(ctx context.Context) error { return c.try(ctx, program, t) }})
			}
		}
	}
	return runAll(jobs)
}
