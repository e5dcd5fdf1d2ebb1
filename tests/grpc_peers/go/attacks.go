package main

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"

	"golang.org/x/net/http2"
)

const (
	getMetrics     = "/externalscaler.ExternalScaler/GetMetrics"
	streamIsActive = "/externalscaler.ExternalScaler/StreamIsActive"
	streamSpecs    = "/externalscaler.ExternalScaler/StreamMetricSpec"
	exports        = "/" + export
	reflects       = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
)

func zipped(bytesIn []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	writer.Write(bytesIn)
	writer.Close()
	return message(1, out.Bytes())
}

// Requests that are small on the wire and large after it.
var (
	tooLarge = sync.OnceValue(func() []byte { return zipped(make([]byte, 16<<20+1)) })
	zeros    = sync.OnceValue(func() []byte { return zipped(make([]byte, 16<<20)) })
	// Exports of more points, and of more metrics, than are taken of one request.
	points = sync.OnceValue(func() []byte {
		return zipped(exportOf(text(text(nil, 1, "depth"), 5, strings.Repeat(point, 1_400_000))))
	})
	metrics = sync.OnceValue(func() []byte {
		return zipped(text(nil, 1, string(text(nil, 2, strings.Repeat(metric, 900_000)))))
	})
)

const (
	point  = "\x0a\x09\x21\x00\x00\x00\x00\x00\x00\x00\x00" // a gauge's, with a value alone
	metric = "\x12\x0d\x2a\x0b" + point
)

func exportOf(metric []byte) []byte {
	return text(nil, 1, string(text(nil, 2, string(text(nil, 2, string(metric))))))
}

func bomb(framed func() []byte) func(*attacker) {
	return func(a *attacker) {
		a.greet()
		for range 20 {
			a.call(exports, framed(), "grpc-encoding", "gzip")
			a.flush()
		}
		a.wait()
	}
}

func wrongType(a *attacker) {
	a.greet()
	for range 50 {
		for range 100 {
			a.body(a.head(getMetrics, false, "content-type", "application/json"), []byte("{}"), true)
		}
		a.flush()
	}
	a.wait()
}

// badFrames says something else that is not allowed on each connection.
func badFrames(frames func(*attacker)) func(*attacker) {
	return func(a *attacker) {
		a.greet()
		frames(a)
		a.flush()
		a.wait()
	}
}

func badMessages(a *attacker) {
	a.greet()
	for _, framed := range [][]byte{
		{7, 0, 0, 0, 0},
		{0, 0xff, 0xff, 0xff, 0xff},
		{0, 0, 0, 0, 9, 'x'},
		message(0, []byte{0xff, 0xff, 0xff}),
		message(1, []byte("not compressed")),
		append(message(0, nil), message(0, nil)...),
	} {
		for range 50 {
			a.call(getMetrics, framed, "grpc-encoding", "gzip")
		}
		a.flush()
	}
	a.wait()
}

func rapidReset(a *attacker) {
	a.greet()
	request := message(0, object("metricQuery", "depth"))
	a.repeat(func() {
		stream := a.head(streamIsActive, false, asGRPC...)
		a.body(stream, request, true)
		a.framer.WriteRSTStream(stream, http2.ErrCodeCancel)
	})
}

// flood sends the same frame for ever, on a connection with one call.
func flood(frame func(a *attacker, stream uint32)) func(*attacker) {
	return func(a *attacker) {
		a.greet()
		stream := a.head(streamIsActive, false, asGRPC...)
		a.repeat(func() { frame(a, stream) })
	}
}

func continuations(a *attacker) {
	a.greet()
	a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.block(getMetrics)})
	a.repeat(func() { a.framer.WriteContinuation(1, false, nil) })
}

// manyStreams opens so many that stay open, each a question of its own.
func manyStreams(count int, path string) func(*attacker) {
	return func(a *attacker) {
		a.greet()
		request := message(0, object("metricQuery", "depth", "targetValue", "1"))
		for i := 0; i < count && !a.over(); i++ {
			a.call(path, request)
			if i%100 == 99 {
				a.flush()
			}
		}
		a.flush()
		a.wait()
	}
}

// neverReads asks for large answers and takes none of them from its socket.
func neverReads(a *attacker) {
	a.brief()
	a.out.WriteString(http2.ClientPreface)
	a.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	a.framer.WriteWindowUpdate(0, 1<<30)
	a.asksMuch()
	if a.failed { // the write that did not end in time
		a.seen["not read from"]++
	}
}

// neverOpens reads, but never lets an answer's DATA come.
func neverOpens(a *attacker) {
	a.brief()
	a.greet(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	a.asksMuch()
	a.wait()
}

func (a *attacker) asksMuch() {
	symbol := message(0, text(nil, 4, "opentelemetry.proto.collector.metrics.v1.MetricsService"))
	for !a.over() {
		stream := a.head(reflects, false, asGRPC...)
		for range 20 {
			a.framer.WriteData(stream, false, symbol)
		}
		a.flush()
	}
}

// holdsBack sends most of large requests and never their ends.
func holdsBack(a *attacker) {
	a.greet()
	part := message(0, make([]byte, 1<<20))[:60<<10]
	for range 2000 {
		a.body(a.head(exports, false, asGRPC...), part, false)
		a.flush()
	}
	a.wait()
}

func largeHeads(a *attacker) {
	a.greet()
	filler := strings.Repeat("x", 60<<10)
	for range 500 {
		a.head(exports, false, append([]string{"x-filler", filler}, asGRPC...)...)
		a.flush()
	}
	a.wait()
}

var (
	calm      = []string{"GOAWAY ENHANCE_YOUR_CALM"}
	exhausted = []string{"grpc-status 8"}
)

var attacks = []attack{
	{"wrong content type", 4, wrongType, []string{":status 415"}},
	{"DATA on stream 0", 20, badFrames(func(a *attacker) { a.framer.WriteRawFrame(http2.FrameData, 0, 0, []byte("x")) }),
		[]string{"GOAWAY PROTOCOL_ERROR"}},
	{"a frame over the size", 20, badFrames(func(a *attacker) {
		a.framer.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 1<<20))
	}), []string{"GOAWAY FRAME_SIZE_ERROR"}},
	{"PING of 7 bytes", 20, badFrames(func(a *attacker) { a.framer.WriteRawFrame(http2.FramePing, 0, 0, make([]byte, 7)) }),
		[]string{"GOAWAY FRAME_SIZE_ERROR"}},
	{"WINDOW_UPDATE of 0", 20, badFrames(func(a *attacker) { a.framer.WriteRawFrame(http2.FrameWindowUpdate, 0, 0, make([]byte, 4)) }),
		[]string{"GOAWAY PROTOCOL_ERROR"}},
	{"a window over 2^31", 20, badFrames(func(a *attacker) {
		a.framer.WriteWindowUpdate(0, 1<<31-1)
		a.framer.WriteWindowUpdate(0, 1<<31-1)
	}), []string{"GOAWAY FLOW_CONTROL_ERROR"}},
	{"a stream of the server's", 20, badFrames(func(a *attacker) {
		a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 2, BlockFragment: a.block(getMetrics), EndHeaders: true})
	}), []string{"GOAWAY PROTOCOL_ERROR"}},
	{"CONTINUATION of nothing", 20, badFrames(func(a *attacker) { a.framer.WriteContinuation(1, true, nil) }),
		[]string{"GOAWAY PROTOCOL_ERROR"}},
	{"broken HPACK", 20, badFrames(func(a *attacker) {
		a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, EndHeaders: true})
	}), []string{"GOAWAY COMPRESSION_ERROR"}},
	{"bad gRPC messages", 4, badMessages, []string{"grpc-status 13", "grpc-status 8", "grpc-status 3"}},
	{"bombs over the limit", 20, bomb(tooLarge), exhausted},
	{"bombs of zeros", 20, bomb(zeros), []string{"grpc-status 3", "grpc-status 8"}},
	{"bombs of points", 2, bomb(points), []string{"grpc-status 3"}},
	{"bombs of metrics", 2, bomb(metrics), []string{"grpc-status 3"}},
	{"rapid reset", 4, rapidReset, calm},
	{"PING flood", 4, flood(func(a *attacker, _ uint32) { a.framer.WritePing(false, [8]byte{}) }), calm},
	{"SETTINGS flood", 4, flood(func(a *attacker, _ uint32) { a.framer.WriteSettings() }), calm},
	{"empty DATA flood", 4, flood(func(a *attacker, stream uint32) { a.framer.WriteData(stream, false, nil) }), calm},
	{"PRIORITY flood", 4, flood(func(a *attacker, stream uint32) { a.framer.WritePriority(stream, http2.PriorityParam{StreamDep: 7}) }), calm},
	{"WINDOW_UPDATE flood", 4, flood(func(a *attacker, _ uint32) { a.framer.WriteWindowUpdate(0, 1) }), calm},
	{"CONTINUATION flood", 4, continuations, calm},
	{"100 000 streams of one connection", 1, manyStreams(100_000, streamIsActive),
		// Who sends megabytes more after the refusal is cut, and may not get to read it.
		[]string{"GOAWAY PROTOCOL_ERROR", "cut"}},
	{"100 000 streams of ten connections", 10, manyStreams(10_000, streamIsActive), exhausted},
	{"100 000 idle StreamMetricSpecs", 10, manyStreams(10_000, streamSpecs), exhausted},
	{"never reads", 100, neverReads, []string{"not read from"}},
	{"never opens its window", 50, neverOpens, exhausted},
	{"requests that never end", 10, holdsBack, exhausted},
	{"heads of 60 KiB that never end", 10, largeHeads, exhausted},
}
