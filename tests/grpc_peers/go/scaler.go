package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/encoding/protowire"
)

const externalScaler = "externalscaler.ExternalScaler"

var services = []string{
	externalScaler,
	"grpc.health.v1.Health",
	"grpc.reflection.v1.ServerReflection",
	"grpc.reflection.v1alpha.ServerReflection",
	"opentelemetry.proto.collector.metrics.v1.MetricsService",
}

// scaler is one running `tidewheel scaler`, asked by grpc-go and by grpcurl.
type scaler struct {
	process *exec.Cmd
	grpcurl string
	ports   map[string]string // by their names in the line `ready`
	channel *grpc.ClientConn  // to the scaler's port
}

func startScaler(tidewheel, grpcurl string) (*scaler, error) {
	process := exec.Command(tidewheel, "scaler", "--bind", "127.0.0.1", "--otlp-port", "0", "--scaler-port", "0",
		"--rest-port", "0", "--metrics-port", "0", "--log-level", "warn")
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
	channel, err := grpc.NewClient("127.0.0.1:"+ports["scaler"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	return &scaler{process, grpcurl, ports, channel}, err
}

func (s *scaler) stop() error {
	s.process.Process.Signal(syscall.SIGTERM)
	return s.process.Wait()
}

// curl runs grpcurl against one of the ports and returns what it prints.
func (s *scaler) curl(ctx context.Context, port string, arguments ...string) (string, error) {
	var flags, rest []string
	for i := 0; i < len(arguments); i++ {
		if arguments[i] == "-d" {
			flags = append(flags, arguments[i], arguments[i+1])
			i++
		} else {
			rest = append(rest, arguments[i])
		}
	}
	all := append(append([]string{"-plaintext"}, flags...), append([]string{"127.0.0.1:" + s.ports[port]}, rest...)...)
	output, err := exec.CommandContext(ctx, s.grpcurl, all...).CombinedOutput()
	return string(output), err
}

// push sends one sample of the gauge `depth` by OTLP over HTTP.
func (s *scaler) push(value float64) error {
	body := fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"depth","gauge":{"dataPoints":[`+
		`{"timeUnixNano":"%d","asDouble":%g}]}}]}]}]}`, time.Now().UnixNano(), value)
	answer, err := http.Post("http://127.0.0.1:"+s.ports["otlp"]+"/v1/metrics", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return fmt.Errorf("push: %s", answer.Status)
	}
	return nil
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

func (s *scaler) open(ctx context.Context, method string, request []byte) (grpc.ClientStream, error) {
	description := &grpc.StreamDesc{ServerStreams: true}
	stream, err := s.channel.NewStream(ctx, description, "/"+externalScaler+"/"+method, grpc.ForceCodec(raw{}))
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

func listsServices(ctx context.Context, s *scaler) error {
	for _, port := range []string{"otlp", "scaler"} {
		got, err := s.curl(ctx, port, "list")
		if want := strings.Join(services, "\n") + "\n"; err != nil || got != want {
			return fmt.Errorf("%s: got %q, want %q: %v", port, got, want, err)
		}
	}
	return nil
}

func describes(ctx context.Context, s *scaler) error {
	for name, want := range map[string]string{
		"externalscaler.ScaledObjectRef":                    "map<string, string> scalerMetadata = 3;",
		"externalscaler.ExternalScaler.StreamIsActive":      "returns ( stream .externalscaler.IsActiveResponse );",
		"opentelemetry.proto.metrics.v1.Metric":             ".opentelemetry.proto.metrics.v1.Histogram histogram = 9;",
		"opentelemetry.proto.metrics.v1.HistogramDataPoint": "optional double sum = 5;",
		"opentelemetry.proto.common.v1.AnyValue":            "oneof value {",
		"grpc.health.v1.HealthCheckResponse.ServingStatus":  "SERVICE_UNKNOWN = 3;",
	} {
		got, err := s.curl(ctx, "scaler", "describe", name)
		if err != nil || !strings.Contains(got, want) {
			return fmt.Errorf("%s: got %q, want %q: %v", name, got, want, err)
		}
	}
	got, err := s.curl(ctx, "scaler", "describe", "externalscaler.Nothing")
	if err == nil {
		return fmt.Errorf("described what is not there: %q", got)
	}
	return nil
}

const specOf = `{"name":"mail","namespace":"shop","scalerMetadata":{"metricQuery":"depth","targetValue":"2.5"}}`

func curlsSpec(ctx context.Context, s *scaler) error {
	for _, port := range []string{"otlp", "scaler"} {
		got, err := s.curl(ctx, port, "-d", specOf, externalScaler+"/GetMetricSpec")
		if err != nil || !strings.Contains(got, `"targetSizeFloat": 2.5`) || !strings.Contains(got, `"shop-mail"`) {
			return fmt.Errorf("%s: %q: %v", port, got, err)
		}
	}
	return nil
}

func curlsMetrics(ctx context.Context, s *scaler) error {
	request := `{"scaledObjectRef":` + specOf + `,"metricName":"m"}`
	got, err := s.curl(ctx, "scaler", "-d", request, externalScaler+"/GetMetrics")
	if err == nil || !strings.Contains(got, "Unavailable") || !strings.Contains(got, "no series matches") {
		return fmt.Errorf("absent: %q: %v", got, err)
	}
	export := fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"depth","gauge":{"dataPoints":[`+
		`{"timeUnixNano":"%d","asDouble":1.25}]}}]}]}]}`, time.Now().UnixNano())
	method := "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
	if got, err := s.curl(ctx, "scaler", "-d", export, method); err != nil {
		return fmt.Errorf("export: %q: %v", got, err)
	}
	got, err = s.curl(ctx, "otlp", "-d", request, externalScaler+"/GetMetrics")
	if err != nil || !strings.Contains(got, `"metricValueFloat": 1.25`) {
		return fmt.Errorf("%q: %v", got, err)
	}
	return nil
}

func health(ctx context.Context, s *scaler) error {
	got, err := s.curl(ctx, "otlp", "grpc.health.v1.Health/Check")
	if err != nil || !strings.Contains(got, `"status": "SERVING"`) {
		return fmt.Errorf("grpcurl: %q: %v", got, err)
	}
	client := grpc_health_v1.NewHealthClient(s.channel)
	_, err = client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "none"})
	if err := wantStatus(err, codes.NotFound, "unknown service"); err != nil {
		return err
	}
	for service, want := range map[string]grpc_health_v1.HealthCheckResponse_ServingStatus{
		"":             grpc_health_v1.HealthCheckResponse_SERVING,
		externalScaler: grpc_health_v1.HealthCheckResponse_SERVING,
		"none":         grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN,
	} {
		watch, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil {
			return err
		}
		if answer, err := watch.Recv(); err != nil || answer.Status != want {
			return fmt.Errorf("%q: %v: %v", service, answer, err)
		}
	}
	return nil
}

func reflectsV1Alpha(ctx context.Context, s *scaler) error {
	stream, err := grpc_reflection_v1alpha.NewServerReflectionClient(s.channel).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	for range 3 { // one stream answers many questions
		err := stream.Send(&grpc_reflection_v1alpha.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1alpha.ServerReflectionRequest_ListServices{}})
		if err != nil {
			return err
		}
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		var got []string
		for _, service := range answer.GetListServicesResponse().GetService() {
			got = append(got, service.GetName())
		}
		if !slices.Equal(got, services) {
			return fmt.Errorf("got %v", got)
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("after the end: %v", err)
	}
	return nil
}

func streamsActivity(ctx context.Context, s *scaler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := s.open(ctx, "StreamIsActive", object("metricQuery", "depth", "activationTargetValue", "2"))
	if err != nil {
		return err
	}
	// Until the stream is known there, a sample would be its opening state.
	if err := specComes(ctx, s, object("metricQuery", "depth", "targetValue", "1")); err != nil {
		return err
	}
	for _, step := range []struct {
		value float64
		want  []byte
	}{{1, nil}, {3, active}, {4, nil}, {2, inactive}, {1, nil}, {2.5, active}} {
		if err := s.push(step.value); err != nil {
			return err
		}
		if step.want == nil {
			continue
		}
		if err := receive(stream, step.want); err != nil {
			return fmt.Errorf("value %g: %w", step.value, err)
		}
	}
	second, err := s.open(ctx, "StreamIsActive", object("metricQuery", "depth"))
	if err != nil {
		return err
	}
	if err := receive(second, active); err != nil {
		return fmt.Errorf("opened while active: %w", err)
	}
	cancel()
	var rest []byte
	return wantStatus(stream.RecvMsg(&rest), codes.Canceled, "context canceled")
}

// specComes opens StreamMetricSpec on the same connection, whose answer comes after what was sent before.
func specComes(ctx context.Context, s *scaler, request []byte) error {
	stream, err := s.open(ctx, "StreamMetricSpec", request)
	if err != nil {
		return err
	}
	spec := protowire.AppendVarint(protowire.AppendTag(text(nil, 1, "shop-mail"), 2, protowire.VarintType), 1)
	spec = protowire.AppendFixed64(protowire.AppendTag(spec, 3, protowire.Fixed64Type), 0x3ff0000000000000)
	return receive(stream, text(nil, 1, string(spec)))
}

func endsStreams(ctx context.Context, s *scaler) error {
	bad, err := s.open(ctx, "StreamIsActive", object("metricQuery", "depth{a"))
	if err != nil {
		return err
	}
	var rest []byte
	if err := bad.RecvMsg(&rest); !strings.Contains(fmt.Sprint(err), "InvalidArgument desc = metricQuery: ") {
		return fmt.Errorf("bad metadata: %v", err)
	}
	stream, err := s.open(ctx, "StreamIsActive", object("metricQuery", "depth"))
	if err != nil {
		return err
	}
	if err := specComes(ctx, s, object("metricQuery", "depth", "targetValue", "1")); err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	return wantStatus(stream.RecvMsg(&rest), codes.Unavailable, "the server is shutting down")
}

var scalerCases = []struct {
	name  string
	run   func(context.Context, *scaler) error
	stops bool // it stops its server itself
}{
	{"grpcurl: list on both ports", listsServices, false},
	{"grpcurl: describe", describes, false},
	{"grpcurl: GetMetricSpec on both ports", curlsSpec, false},
	{"grpcurl: Export and GetMetrics", curlsMetrics, false},
	{"health", health, false},
	{"reflection v1alpha", reflectsV1Alpha, false},
	{"StreamIsActive", streamsActivity, false},
	{"the end of streams", endsStreams, true},
}

func tryScaler(run func(context.Context, *scaler) error, stops bool, tidewheel, grpcurl string) error {
	s, err := startScaler(tidewheel, grpcurl)
	if err != nil {
		return err
	}
	defer s.process.Process.Kill()
	defer s.channel.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := run(ctx, s); err != nil || stops {
		return err
	}
	return s.stop()
}

// runScaler prints PASS or FAIL per case; false when one failed.
func runScaler(tidewheel, grpcurl string) bool {
	good := true
	for _, c := range scalerCases {
		if err := tryScaler(c.run, c.stops, tidewheel, grpcurl); err != nil {
			good = false
			fmt.Printf("FAIL scaler: %s: %v\n", c.name, err)
		} else {
			fmt.Printf("PASS scaler: %s\n", c.name)
		}
	}
	return good
}
