package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

var services = []string{
	externalScaler,
	"grpc.health.v1.Health",
	"grpc.reflection.v1.ServerReflection",
	"grpc.reflection.v1alpha.ServerReflection",
	"opentelemetry.proto.collector.metrics.v1.MetricsService",
}

func listsServices(ctx context.Context, s *scaler) error {
	for _, port := range []string{"otlp", "scaler"} {
		got, err := s.curl(ctx, port, nil, "list")
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
		got, err := s.curl(ctx, "scaler", nil, "describe", name)
		if err != nil || !strings.Contains(got, want) {
			return fmt.Errorf("%s: got %q, want %q: %v", name, got, want, err)
		}
	}
	got, err := s.curl(ctx, "scaler", nil, "describe", "externalscaler.Nothing")
	if err == nil {
		return fmt.Errorf("described what is not there: %q", got)
	}
	return nil
}

const specOf = `{"name":"mail","namespace":"shop","scalerMetadata":{"metricQuery":"depth","targetValue":"2.5"}}`

func curlsSpec(ctx context.Context, s *scaler) error {
	for _, port := range []string{"otlp", "scaler"} {
		got, err := s.curl(ctx, port, []string{"-d", specOf}, externalScaler+"/GetMetricSpec")
		if err != nil || !strings.Contains(got, `"targetSizeFloat": 2.5`) || !strings.Contains(got, `"shop-mail"`) {
			return fmt.Errorf("%s: %q: %v", port, got, err)
		}
	}
	return nil
}

func curlsMetrics(ctx context.Context, s *scaler) error {
	request := []string{"-d", `{"scaledObjectRef":` + specOf + `,"metricName":"m"}`}
	got, err := s.curl(ctx, "scaler", request, externalScaler+"/GetMetrics")
	if err == nil || !strings.Contains(got, "Unavailable") || !strings.Contains(got, "no series matches") {
		return fmt.Errorf("absent: %q: %v", got, err)
	}
	if got, err := s.curl(ctx, "scaler", []string{"-d", gauge(1.25, "")}, export); err != nil {
		return fmt.Errorf("export: %q: %v", got, err)
	}
	got, err = s.curl(ctx, "otlp", request, externalScaler+"/GetMetrics")
	if err != nil || !strings.Contains(got, `"metricValueFloat": 1.25`) {
		return fmt.Errorf("%q: %v", got, err)
	}
	return nil
}

func curlsHealth(ctx context.Context, s *scaler) error {
	for _, port := range []string{"otlp", "scaler"} {
		got, err := s.curl(ctx, port, nil, "grpc.health.v1.Health/Check")
		if err != nil || !strings.Contains(got, `"status": "SERVING"`) {
			return fmt.Errorf("%s: %q: %v", port, got, err)
		}
	}
	return nil
}

func curlsUntil(ctx context.Context, s *scaler, flags ...string) error {
	got, err := s.curl(ctx, "scaler", append(flags, "-d", specOf), externalScaler+"/StreamIsActive")
	if err == nil || !strings.Contains(got, "DeadlineExceeded") {
		return fmt.Errorf("%q: %v", got, err)
	}
	return s.waitCalls(ctx, 0)
}

func curlsDeadline(ctx context.Context, s *scaler) error {
	return curlsUntil(ctx, s, "-max-time", "0.5")
}

// grpcurl asks for a sign of life after ten seconds without a byte, and gives up ten seconds later.
func curlsKeepAlive(ctx context.Context, s *scaler) error {
	return curlsUntil(ctx, s, "-keepalive-time", "10", "-max-time", "21")
}

// curlsStream begins StreamIsActive of an active trigger and waits for its first message; end ends it and says what
// grpcurl printed after that.
func curlsStream(ctx context.Context, s *scaler) (process *os.Process, end func() string, err error) {
	if err := s.push(3); err != nil {
		return nil, nil, err
	}
	command := s.command(ctx, "scaler", []string{"-d", specOf}, externalScaler+"/StreamIsActive")
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	var problems strings.Builder
	command.Stderr = &problems
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() && !strings.Contains(lines.Text(), `"result": true`) {
	}
	end = func() string {
		for lines.Scan() {
		}
		command.Wait()
		return problems.String()
	}
	open, err := s.metric(callsOpen)
	if err == nil && open < 1 {
		err = errors.New("no stream is open: " + problems.String())
	}
	return command.Process, end, err
}

func curlsCancellation(ctx context.Context, s *scaler) error {
	process, end, err := curlsStream(ctx, s)
	if err != nil {
		return err
	}
	process.Signal(syscall.SIGTERM) // a shell that runs this suite beside others ignores interrupts for it
	end()
	return s.waitCalls(ctx, 0)
}

func curlsGoaway(ctx context.Context, s *scaler) error {
	_, end, err := curlsStream(ctx, s)
	if err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	if told := end(); !strings.Contains(told, "Unavailable") || !strings.Contains(told, "the server is shutting down") {
		return errors.New(told)
	}
	return nil
}

const token = "secret"

func curlsToken(ctx context.Context, s *scaler) error {
	for header, want := range map[string]string{"": "Unauthenticated", "wrong": "Unauthenticated", token: ""} {
		flags := []string{"-d", gauge(1, ""), "-H", "authorization: Bearer " + header}
		got, err := s.curl(ctx, "otlp", flags, export)
		if (err == nil) != (want == "") || !strings.Contains(got, want) {
			return fmt.Errorf("%q: %q: %v", header, got, err)
		}
	}
	return nil
}

func curlsLarge(ctx context.Context, s *scaler) error {
	for size, want := range map[int]string{8 << 20: "", 17 << 20: "ResourceExhausted"} {
		command := s.command(ctx, "otlp", []string{"-d", "@"}, export)
		command.Stdin = strings.NewReader(gauge(1, strings.Repeat("x", size)))
		got, err := command.CombinedOutput()
		if (err == nil) != (want == "") || !strings.Contains(string(got), want) {
			return fmt.Errorf("%d bytes: %q: %v", size, got, err)
		}
	}
	return nil
}

// curlsRefused asks with other flags than those that let one in, which is refused, and then with those.
func curlsRefused(flags func(transport) []string) func(context.Context, *scaler) error {
	return func(ctx context.Context, s *scaler) error {
		words := append(flags(s.transport), "-connect-timeout", "3", s.address("scaler"), "list")
		if got, err := exec.CommandContext(ctx, s.grpcurl, words...).CombinedOutput(); err == nil {
			return fmt.Errorf("got in: %s", got)
		}
		return listsServices(ctx, s)
	}
}

var curlCases = []scalerCase{
	{feature: "keep-alive", name: "-keepalive-time", run: curlsKeepAlive},
	{feature: "reflection", name: "list on both ports", run: listsServices},
	{feature: "reflection", name: "describe", run: describes},
	{feature: "calls", name: "GetMetricSpec on both ports", run: curlsSpec},
	{feature: "calls", name: "Export and GetMetrics", run: curlsMetrics},
	{feature: "health", name: "Check on both ports", run: curlsHealth},
	{feature: "deadlines", name: "-max-time on a stream", run: curlsDeadline},
	{feature: "cancellation", name: "a stream whose client is ended", run: curlsCancellation},
	{feature: "metadata", name: "a token with -H", run: curlsToken, options: scalerOptions{token: token}},
	{feature: "large-messages", name: "8 MB, and over the limit", run: curlsLarge},
	{feature: "GOAWAY", name: "a stream at SIGTERM", run: curlsGoaway, stops: true},
	{feature: "TLS", name: "-plaintext", over: secure,
		run: curlsRefused(func(transport) []string { return []string{"-plaintext"} })},
	{feature: "TLS", name: "another -cacert", over: secure,
		run: curlsRefused(func(t transport) []string { return []string{"-cacert", t.file("stranger_ca.crt")} })},
	{feature: "TLS", name: "no -cert", over: mutual,
		run: curlsRefused(func(t transport) []string { return []string{"-cacert", t.file("ca.crt")} })},
	{feature: "TLS", name: "a stranger's -cert", over: mutual,
		run: curlsRefused(func(t transport) []string {
			return []string{"-cacert", t.file("ca.crt"), "-cert", t.file("stranger.crt"), "-key", t.file("stranger.key")}
		})},
}
