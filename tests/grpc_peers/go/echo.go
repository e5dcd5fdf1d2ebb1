package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"

	_ "github.com/mostynb/go-grpc-compression/nonclobbering/snappy"
	_ "github.com/mostynb/go-grpc-compression/nonclobbering/zstd"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip"
)

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
	transport
	process *exec.Cmd
	port    string
	channel *grpc.ClientConn
}

func start(program string, t transport, options ...grpc.DialOption) (*server, error) {
	var files []string
	if !t.plain() {
		files = []string{t.file("server.crt"), t.file("server.key")}
	}
	if t.mutual() {
		files = append(files, t.file("ca.crt"))
	}
	process := exec.Command(program, files...)
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
	s := &server{transport: t, process: process, port: strings.TrimSpace(line)}
	s.channel, err = s.dial(append(options, grpc.WithTransportCredentials(t.credentials()))...)
	return s, err
}

func (s *server) address() string { return "127.0.0.1:" + s.port }

func (s *server) dial(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	calls := grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(64<<20))
	return grpc.NewClient(s.address(), append(options, calls)...)
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
	answer, err := s.http().Get(s.scheme() + "://" + s.address() + "/drain")
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (s *server) call(ctx context.Context, method, message string, options ...grpc.CallOption) (string, error) {
	return invoke(ctx, s.channel, method, message, options...)
}

func invoke(ctx context.Context, channel *grpc.ClientConn, method, message string, options ...grpc.CallOption) (string, error) {
	in, out := []byte(message), []byte(nil)
	err := channel.Invoke(ctx, "/tidewheel.Echo/"+method, &in, &out, options...)
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

// post is one request of HTTP/2 without a gRPC client.
func (s *server) post(ctx context.Context, method, body string, header http.Header) (*http.Response, error) {
	url := s.scheme() + "://" + s.address() + "/tidewheel.Echo/" + method
	request, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	return s.http2().RoundTrip(request)
}
