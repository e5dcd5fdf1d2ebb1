// Calls the echo server with grpc-go and says for each case whether it behaves as a gRPC server must; or is a server
// itself, for our own client.
// Or asks our external scaler, together with grpcurl: scaler.go.
// Usage: go_peer ECHO_SERVER | go_peer serve | go_peer scaler TIDEWHEEL GRPCURL
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const patience = 20 * time.Second

// raw passes messages through as bytes.
type raw struct{}

func (raw) Name() string                  { return "raw" }
func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// server is one running echo server and a channel to it.
type server struct {
	process *exec.Cmd
	port    string
	channel *grpc.ClientConn
}

func start(program string) (*server, error) {
	process := exec.Command(program)
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the server did not print its port: %w", err)
	}
	port := strings.TrimSpace(line)
	channel, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		return nil, err
	}
	return &server{process, port, channel}, nil
}

// stop drains the server and reports how it ended.
func (s *server) stop() error {
	if err := s.drain(); err != nil {
		return err
	}
	s.channel.Close()
	return s.process.Wait()
}

func (s *server) drain() error {
	answer, err := http.Get("http://127.0.0.1:" + s.port + "/drain")
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (s *server) call(ctx context.Context, method, message string, options ...grpc.CallOption) (string, error) {
	in, out := []byte(message), []byte(nil)
	err := s.channel.Invoke(ctx, "/tidewheel.Echo/"+method, &in, &out, options...)
	return string(out), err
}

// stream opens a server stream; next returns io.EOF at its end.
func (s *server) stream(ctx context.Context, method, message string) (next func() (string, error), err error) {
	description := &grpc.StreamDesc{ServerStreams: true}
	stream, err := s.channel.NewStream(ctx, description, "/tidewheel.Echo/"+method)
	if err != nil {
		return nil, err
	}
	in := []byte(message)
	if err := stream.SendMsg(&in); err != nil {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	return func() (string, error) {
		var out []byte
		err := stream.RecvMsg(&out)
		return string(out), err
	}, nil
}

// counts waits until the server reports `waiting` and `cancelled` handlers.
func (s *server) counts(ctx context.Context, want string) error {
	for {
		got, err := s.call(ctx, "Counts", "")
		if err != nil {
			return fmt.Errorf("want counts %q, last error: %w", want, err)
		}
		if got == want {
			return nil
		}
	}
}

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

func compressed(ctx context.Context, s *server) error {
	message := strings.Repeat("tidewheel ", 100_000)
	got, err := s.call(ctx, "Echo", message, grpc.UseCompressor("gzip"))
	if err != nil || got != message {
		return fmt.Errorf("%d bytes came back: %v", len(got), err)
	}
	return nil
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
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, err := s.call(short, "Wait", "")
	if code := status.Code(err); code != codes.DeadlineExceeded {
		return fmt.Errorf("got %v", err)
	}
	return s.counts(ctx, "0 1")
}

// The server's own verdict: here the client does not watch the time, it only names it.
func serverDeadline(ctx context.Context, s *server) error {
	request, err := http.NewRequestWithContext(ctx, "POST", "http://127.0.0.1:"+s.port+"/tidewheel.Echo/Wait",
		strings.NewReader("\x00\x00\x00\x00\x00"))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/grpc")
	request.Header.Set("te", "trailers")
	request.Header.Set("grpc-timeout", "100m")
	answer, err := plainHTTP2().RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("grpc-status"); got != "4" {
		return fmt.Errorf("grpc-status %q", got)
	}
	return nil
}

// plainHTTP2 speaks HTTP/2 from the first byte on, without TLS.
func plainHTTP2() *http2.Transport {
	dial := func(ctx context.Context, network, address string, _ *tls.Config) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return &http2.Transport{AllowHTTP: true, DialTLSContext: dial}
}

func notGRPC(_ context.Context, s *server) error {
	request, err := http.NewRequest("POST", "http://127.0.0.1:"+s.port+"/tidewheel.Echo/Echo", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/json")
	answer, err := plainHTTP2().RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusUnsupportedMediaType {
		return fmt.Errorf("http status %d", answer.StatusCode)
	}
	return nil
}

func pings(ctx context.Context, s *server) error {
	connection, err := net.Dial("tcp", "127.0.0.1:"+s.port)
	if err != nil {
		return err
	}
	defer connection.Close()
	client, err := plainHTTP2().NewClientConn(connection)
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

type testCase struct {
	name   string
	run    func(context.Context, *server) error
	drains bool // it ends its server itself
}

var cases = []testCase{
	{"unary", unary, false},
	{"8 MB messages", largeMessages, false},
	{"gzip", compressed, false},
	{"message limit", messageLimit, false},
	{"statuses and their messages", statuses, false},
	{"trailers only", trailersOnly, false},
	{"server streaming", serverStreaming, false},
	{"flow control", flowControl, false},
	{"cancellation", cancellation, false},
	{"deadline", deadline, false},
	{"deadline of the server", serverDeadline, false},
	{"not grpc", notGRPC, false},
	{"pings", pings, false},
	{"100 concurrent streams", concurrentStreams, false},
	{"2000 calls", manyCalls, false},
	{"goaway with a call under way", drainWithCall, true},
}

func (c testCase) try(program string) error {
	s, err := start(program)
	if err != nil {
		return err
	}
	defer s.process.Process.Kill()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.run(ctx, s); err != nil || c.drains {
		return err
	}
	return s.stop()
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "scaler" {
		if !runScaler(os.Args[2], os.Args[3]) {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go_peer ECHO_SERVER | go_peer serve | go_peer scaler TIDEWHEEL GRPCURL")
		os.Exit(2)
	}
	if os.Args[1] == "serve" {
		serveOrDie()
		return
	}
	failed := false
	for _, c := range cases {
		if err := c.try(os.Args[1]); err != nil {
			failed = true
			fmt.Printf("FAIL grpc-go: %s: %v\n", c.name, err)
		} else {
			fmt.Printf("PASS grpc-go: %s\n", c.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}
