package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

const externalScaler = "externalscaler.ExternalScaler"
const export = "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"

// scaler is one running `tidewheel scaler`, asked by grpc-go and by grpcurl.
type scaler struct {
	transport
	process *exec.Cmd
	grpcurl string
	ports   map[string]string // by their names in the line `ready`
	channel *grpc.ClientConn  // to the scaler's port
}

func (t transport) scalerFlags() (flags []string) {
	for _, port := range []string{"otlp", "scaler"} {
		if !t.plain() {
			flags = append(flags, "--"+port+"-tls-cert-file", t.file("server.crt"), "--"+port+"-tls-key-file", t.file("server.key"))
		}
		if t.mutual() {
			flags = append(flags, "--"+port+"-tls-ca-file", t.file("ca.crt"))
		}
	}
	return flags
}

func startScaler(tidewheel, grpcurl string, t transport, options scalerOptions) (*scaler, error) {
	flags := append(t.scalerFlags(), "--bind", "127.0.0.1", "--log-level", "error")
	for _, port := range []string{"otlp", "scaler", "rest", "metrics"} {
		flags = append(flags, "--"+port+"-port", "0")
	}
	if options.token != "" {
		file, err := os.CreateTemp("", "token")
		if err != nil {
			return nil, err
		}
		defer os.Remove(file.Name())
		if _, err := file.WriteString(options.token); err != nil {
			return nil, err
		}
		file.Close()
		flags = append(flags, "--otlp-token-file", file.Name())
	}
	process := exec.Command(tidewheel, append([]string{"scaler"}, flags...)...)
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
		return nil, fmt.Errorf("no line: %w", err)
	}
	ports := map[string]string{}
	for _, word := range strings.Fields(line)[1:] {
		name, port, _ := strings.Cut(word, "=")
		ports[name] = port
	}
	s := &scaler{transport: t, process: process, grpcurl: grpcurl, ports: ports}
	s.channel, err = s.dial("scaler", options.dial...)
	return s, err
}

func (s *scaler) address(port string) string { return "127.0.0.1:" + s.ports[port] }

func (s *scaler) dial(port string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(s.address(port), append(options, grpc.WithTransportCredentials(s.credentials()))...)
}

func (s *scaler) stop() error {
	s.process.Process.Signal(syscall.SIGTERM)
	return s.process.Wait()
}

// trust is what tells grpcurl how to speak to this server.
func (t transport) trust() []string {
	switch {
	case t.plain():
		return []string{"-plaintext"}
	case t.mutual():
		return []string{"-cacert", t.file("ca.crt"), "-cert", t.file("client.crt"), "-key", t.file("client.key")}
	}
	return []string{"-cacert", t.file("ca.crt")}
}

// command is grpcurl with these flags, before the address of the port, and these words after it.
func (s *scaler) command(ctx context.Context, port string, flags []string, words ...string) *exec.Cmd {
	all := append(append(s.trust(), flags...), s.address(port))
	return exec.CommandContext(ctx, s.grpcurl, append(all, words...)...)
}

// curl runs grpcurl and returns what it prints.
func (s *scaler) curl(ctx context.Context, port string, flags []string, words ...string) (string, error) {
	output, err := s.command(ctx, port, flags, words...).CombinedOutput()
	return string(output), err
}

// gauge is an Export of one sample of `depth`, in JSON. description: as long as one likes.
func gauge(value float64, description string) string {
	return fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"depth","description":%q,"gauge":`+
		`{"dataPoints":[{"timeUnixNano":"%d","asDouble":%g}]}}]}]}]}`, description, time.Now().UnixNano(), value)
}

// push sends one sample of the gauge `depth` by OTLP over HTTP.
func (s *scaler) push(value float64) error {
	url := s.scheme() + "://" + s.address("otlp") + "/v1/metrics"
	answer, err := s.http().Post(url, "application/json", strings.NewReader(gauge(value, "")))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return fmt.Errorf("push: %s", answer.Status)
	}
	return nil
}

// metric is the value of one series of our own metrics, 0 while there is none.
func (s *scaler) metric(series string) (float64, error) {
	answer, err := http.Get("http://" + s.address("metrics") + "/metrics")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, nil
}

const callsOpen = `tidewheel_net_calls_open{server="scaler"}`

// waitCalls waits until so many calls and streams are open on the scaler's port.
func (s *scaler) waitCalls(ctx context.Context, want float64) error {
	for {
		got, err := s.metric(callsOpen)
		if err != nil || got == want {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%g calls are open, want %g", got, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func text(to []byte, field protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(to, field, protowire.BytesType), value)
}

// object is a ScaledObjectRef.
func object(metadata ...string) []byte {
	message := text(text(nil, 1, "mail"), 2, "shop")
	for i := 0; i < len(metadata); i += 2 {
		message = text(message, 3, string(text(text(nil, 1, metadata[i]), 2, metadata[i+1])))
	}
	return message
}

// metricsRequest is a GetMetricsRequest for `depth`.
func metricsRequest() []byte {
	return text(text(nil, 1, string(object("metricQuery", "depth", "targetValue", "1"))), 2, "m")
}

// metricOf is the value in a GetMetricsResponse.
func metricOf(response []byte) (float64, error) {
	const at = 9 // metricValueFloat is the last field
	if len(response) < at || response[len(response)-at] != 0x19 {
		return 0, fmt.Errorf("no value in % x", response)
	}
	bits, _ := protowire.ConsumeFixed64(response[len(response)-8:])
	return math.Float64frombits(bits), nil
}

// otlp is an Export of one sample of `depth`, in protobuf.
func otlp(value float64, description string) []byte {
	point := protowire.AppendFixed64(protowire.AppendTag(nil, 3, protowire.Fixed64Type), uint64(time.Now().UnixNano()))
	point = protowire.AppendFixed64(protowire.AppendTag(point, 4, protowire.Fixed64Type), math.Float64bits(value))
	metric := text(text(nil, 1, "depth"), 2, description)
	metric = text(metric, 5, string(text(nil, 1, string(point))))
	return exportOf(metric)
}

func ask(ctx context.Context, channel *grpc.ClientConn, method string, request []byte, options ...grpc.CallOption) ([]byte, error) {
	var response []byte
	err := channel.Invoke(ctx, "/"+method, &request, &response, append(options, grpc.ForceCodec(raw{}))...)
	return response, err
}

func (s *scaler) open(ctx context.Context, method string, request []byte) (grpc.ClientStream, error) {
	return openOn(ctx, s.channel, method, request)
}

func openOn(ctx context.Context, channel *grpc.ClientConn, method string, request []byte) (grpc.ClientStream, error) {
	description := &grpc.StreamDesc{ServerStreams: true}
	stream, err := channel.NewStream(ctx, description, "/"+externalScaler+"/"+method, grpc.ForceCodec(raw{}))
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(&request); err != nil {
		return nil, err
	}
	return stream, stream.CloseSend()
}

func receive(stream grpc.ClientStream, want []byte) error {
	var got []byte
	if err := stream.RecvMsg(&got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("got % x, want % x", got, want)
	}
	return nil
}

var active, inactive = []byte{8, 1}, []byte{8, 0}

type scalerOptions struct {
	token string // asked of OTLP; empty: none
	dial  []grpc.DialOption
}

type scalerCase struct {
	feature string
	name    string
	run     func(context.Context, *scaler) error
	over    over
	options scalerOptions
	stops   bool // it stops its server itself
}

func (c scalerCase) try(ctx context.Context, tidewheel, grpcurl string, t transport) error {
	s, err := startScaler(tidewheel, grpcurl, t, c.options)
	if err != nil {
		return err
	}
	defer s.process.Process.Kill()
	defer s.channel.Close()
	if err := c.run(ctx, s); err != nil || c.stops {
		return err
	}
	return s.stop()
}

func runScaler(tidewheel, grpcurl, certificates string) bool {
	var jobs []job
	for _, t := range transports(certificates) {
		for _, asked := range []struct {
			peer  string
			cases []scalerCase
		}{{"grpcurl", curlCases}, {"grpc-go", scalerCases}} {
			for _, c := range asked.cases {
				if c.over.has(t) {
					jobs = append(jobs, job{label{asked.peer, t.name, c.feature, c.name},
						func(ctx context.Context) error { return c.try(ctx, tidewheel, grpcurl, t) }})
				}
			}
		}
	}
	return runAll(jobs)
}
