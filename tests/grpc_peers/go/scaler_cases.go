package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

func health(ctx context.Context, s *scaler) error {
	client := grpc_health_v1.NewHealthClient(s.channel)
	_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "none"})
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

func reflectsV1(ctx context.Context, s *scaler) error {
	stream, err := grpc_reflection_v1.NewServerReflectionClient(s.channel).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	for range 3 { // one stream answers many questions
		err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
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
	return nil
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

// waits opens a stream that has nothing to say, and waits until the server has it.
func waits(ctx context.Context, s *scaler) (grpc.ClientStream, error) {
	stream, err := s.open(ctx, "StreamIsActive", object("metricQuery", "depth"))
	if err != nil {
		return nil, err
	}
	return stream, s.waitCalls(ctx, 1)
}

func ends(stream grpc.ClientStream, code codes.Code) error {
	var rest []byte
	if err := stream.RecvMsg(&rest); status.Code(err) != code {
		return fmt.Errorf("ended with %v", err)
	}
	return nil
}

func streamsUntilDeadline(ctx context.Context, s *scaler) error {
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	stream, err := waits(short, s)
	if err != nil {
		return err
	}
	if err := ends(stream, codes.DeadlineExceeded); err != nil {
		return err
	}
	return s.waitCalls(ctx, 0)
}

func streamsUntilCancelled(ctx context.Context, s *scaler) error {
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := waits(cancelled, s)
	if err != nil {
		return err
	}
	cancel()
	if err := ends(stream, codes.Canceled); err != nil {
		return err
	}
	return s.waitCalls(ctx, 0)
}

// No byte but the pings; an unanswered one would end the connection.
func streamsKeepAlive(ctx context.Context, s *scaler) error {
	short, cancel := context.WithTimeout(ctx, 12*time.Second)
	defer cancel()
	stream, err := waits(short, s)
	if err != nil {
		return err
	}
	return ends(stream, codes.DeadlineExceeded)
}

func exportsWithToken(ctx context.Context, s *scaler) error {
	channel, err := s.dial("otlp")
	if err != nil {
		return err
	}
	defer channel.Close()
	if _, err := ask(ctx, channel, export, otlp(1, "")); status.Code(err) != codes.Unauthenticated {
		return fmt.Errorf("without a token: %v", err)
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	_, err = ask(ctx, channel, export, otlp(1, ""))
	return err
}

// compressed or not, up to the limit and beyond.
func exportsLarge(options ...grpc.CallOption) func(context.Context, *scaler) error {
	return func(ctx context.Context, s *scaler) error {
		for _, size := range []int{100, 8 << 20, 17 << 20} {
			want := codes.OK
			if size > 16<<20 {
				want = codes.ResourceExhausted
			}
			_, err := ask(ctx, s.channel, export, otlp(float64(size), strings.Repeat("x", size)), options...)
			if status.Code(err) != want {
				return fmt.Errorf("%d bytes: %v", size, err)
			}
		}
		got, err := ask(ctx, s.channel, externalScaler+"/GetMetrics", metricsRequest(), options...)
		if err != nil {
			return err
		}
		if value, err := metricOf(got); err != nil || value != 8<<20 {
			return fmt.Errorf("value %g: %v", value, err)
		}
		return nil
	}
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

// A client that knows two servers, as KEDA does behind a service: the one that it is connected to stops, its stream
// ends with a status, and the next call is answered by the other.
func movesOn(ctx context.Context, first *scaler) error {
	second, err := startScaler(first.process.Path, first.grpcurl, first.transport, scalerOptions{})
	if err != nil {
		return err
	}
	defer second.process.Process.Kill()
	defer second.channel.Close()
	known := manual.NewBuilderWithScheme("both")
	known.InitialState(resolver.State{Addresses: []resolver.Address{
		{Addr: first.address("scaler")}, {Addr: second.address("scaler")}}})
	channel, err := grpc.NewClient("both:///127.0.0.1", grpc.WithResolvers(known),
		grpc.WithTransportCredentials(first.credentials()))
	if err != nil {
		return err
	}
	defer channel.Close()
	stream, err := openOn(ctx, channel, "StreamIsActive", object("metricQuery", "depth"))
	if err != nil {
		return err
	}
	if err := first.waitCalls(ctx, 1); err != nil {
		return err
	}
	if err := first.stop(); err != nil {
		return fmt.Errorf("the first server: %w", err)
	}
	if err := ends(stream, codes.Unavailable); err != nil {
		return err
	}
	if stream, err = openOn(ctx, channel, "StreamIsActive", object("metricQuery", "depth")); err != nil {
		return err
	}
	if err := second.waitCalls(ctx, 1); err != nil {
		return err
	}
	return second.stop()
}

var scalerCases = []scalerCase{
	{feature: "keep-alive", name: "pings beside a silent stream", run: streamsKeepAlive,
		options: scalerOptions{dial: []grpc.DialOption{grpc.WithKeepaliveParams(eager)}}},
	{feature: "health", name: "Check and Watch", run: health},
	{feature: "reflection", name: "v1", run: reflectsV1},
	{feature: "reflection", name: "v1alpha", run: reflectsV1Alpha},
	{feature: "streams", name: "StreamIsActive", run: streamsActivity},
	{feature: "deadlines", name: "of StreamIsActive", run: streamsUntilDeadline},
	{feature: "cancellation", name: "of StreamIsActive", run: streamsUntilCancelled},
	{feature: "metadata", name: "a token", run: exportsWithToken, options: scalerOptions{token: token}},
	{feature: "large-messages", name: "Export up to the limit and beyond", run: exportsLarge()},
	{feature: "compression", name: "Export and GetMetrics", run: exportsLarge(grpc.UseCompressor("gzip"))},
	{feature: "GOAWAY", name: "streams end with a status at SIGTERM", run: endsStreams, stops: true},
	{feature: "GOAWAY", name: "the client goes on elsewhere", run: movesOn, stops: true},
}
