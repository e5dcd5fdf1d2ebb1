package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// attackMax is how long a connection attacks at most.
const attackMax = 30 * time.Second

// refusals counts what a server said no with.
type refusals map[string]int

func (r refusals) merge(other refusals) {
	for what, times := range other {
		r[what] += times
	}
}

func (r refusals) total() (times int) {
	for _, n := range r {
		times += n
	}
	return times
}

// A refused connection weighs more than what was refused on it before.
func (r refusals) mostFrequent() string {
	const whole = 1 << 20
	weight := func(what string) int {
		if strings.HasPrefix(what, "GOAWAY") {
			return r[what] * whole
		}
		return r[what]
	}
	names := slices.SortedFunc(maps.Keys(r), func(a, b string) int { return cmp.Compare(weight(b), weight(a)) })
	if len(names) == 0 {
		return "none"
	}
	return names[0]
}

// attacker is one connection that writes HTTP/2 by hand; what the server answers is read beside, or not at all.
type attacker struct {
	connection net.Conn
	out        bytes.Buffer
	framer     *http2.Framer // into `out`
	fields     bytes.Buffer
	encoder    *hpack.Encoder
	stream     uint32 // the next one
	until      time.Time
	failed     bool
	reading    sync.WaitGroup
	mutex      sync.Mutex
	ended      bool     // by us
	seen       refusals // "cut": the server ended the connection, whatever it said before
}

func newAttacker(address string) (*attacker, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	a := &attacker{connection: connection, stream: 1, until: time.Now().Add(attackMax), seen: refusals{}}
	a.framer = http2.NewFramer(&a.out, nil)
	a.framer.AllowIllegalWrites = true
	a.encoder = hpack.NewEncoder(&a.fields)
	connection.SetWriteDeadline(a.until)
	return a, nil
}

// brief is for attacks that nobody ends.
func (a *attacker) brief() {
	a.until = time.Now().Add(3 * time.Second)
	a.connection.SetWriteDeadline(a.until)
}

// greet sends the preface and reads from now on.
func (a *attacker) greet(settings ...http2.Setting) {
	a.out.WriteString(http2.ClientPreface)
	a.framer.WriteSettings(settings...)
	a.framer.WriteSettingsAck()
	a.flush()
	a.read()
}

func (a *attacker) read() {
	a.reading.Go(func() {
		reader := http2.NewFramer(io.Discard, a.connection)
		reader.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
		for {
			frame, err := reader.ReadFrame()
			if err != nil {
				a.see("cut")
				return
			}
			if what := refusal(frame); what != "" {
				a.see(what)
			}
		}
	})
}

func (a *attacker) see(what string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if !a.ended {
		a.seen[what]++
	}
}

// refusal says in what way the frame is one.
func refusal(frame http2.Frame) string {
	switch f := frame.(type) {
	case *http2.GoAwayFrame:
		return "GOAWAY " + f.ErrCode.String()
	case *http2.RSTStreamFrame:
		if f.ErrCode != http2.ErrCodeNo {
			return "RST_STREAM " + f.ErrCode.String()
		}
	case *http2.MetaHeadersFrame:
		for _, field := range f.Fields {
			if field.Name == ":status" && field.Value != "200" || field.Name == "grpc-status" && field.Value != "0" {
				return field.Name + " " + field.Value
			}
		}
	}
	return ""
}

// flush writes what has been framed; after a failure nothing is written any more.
func (a *attacker) flush() {
	if !a.failed {
		_, err := a.connection.Write(a.out.Bytes())
		a.failed = err != nil
	}
	a.out.Reset()
}

// over says whether the server has cut the connection, or it has lasted long enough.
func (a *attacker) over() bool { return a.failed || time.Now().After(a.until) }

// repeat frames the same again and again, in writes of some size, until it is over.
func (a *attacker) repeat(frames func()) {
	for !a.over() {
		for range 100 {
			frames()
		}
		a.flush()
	}
	a.wait()
}

// wait gives the server until the end of the attack to cut the connection, or to say all its noes.
func (a *attacker) wait() {
	done := make(chan struct{})
	go func() { a.reading.Wait(); close(done) }()
	const quiet = 500 * time.Millisecond
	for before := 0; time.Now().Before(a.until); {
		select {
		case <-done:
			return
		case <-time.After(quiet):
		}
		a.mutex.Lock()
		now := a.seen.total()
		a.mutex.Unlock()
		if now > 0 && now == before {
			return
		}
		before = now
	}
}

func (a *attacker) end() refusals {
	a.mutex.Lock()
	a.ended = true
	a.mutex.Unlock()
	a.connection.Close()
	a.reading.Wait()
	return a.seen
}

// block is a header block of a request.
func (a *attacker) block(path string, more ...string) []byte {
	a.fields.Reset()
	words := append([]string{":method", "POST", ":scheme", "http", ":authority", "scaler", ":path", path, "te", "trailers"}, more...)
	for i := 0; i < len(words); i += 2 {
		a.encoder.WriteField(hpack.HeaderField{Name: words[i], Value: words[i+1]})
	}
	return a.fields.Bytes()
}

var asGRPC = []string{"content-type", "application/grpc"}

// head begins a request.
func (a *attacker) head(path string, end bool, more ...string) (stream uint32) {
	stream = a.stream
	a.stream += 2
	block := a.block(path, more...)
	const frameMax = 16 << 10
	first := block[:min(len(block), frameMax)]
	a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: first, EndStream: end,
		EndHeaders: len(first) == len(block)})
	for rest := block[len(first):]; len(rest) > 0; {
		n := min(len(rest), frameMax)
		a.framer.WriteContinuation(stream, n == len(rest), rest[:n])
		rest = rest[n:]
	}
	return stream
}

// message is a gRPC message with its prefix; flag 1: compressed.
func message(flag byte, bytes []byte) []byte {
	prefix := binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(bytes)))
	return append(prefix, bytes...)
}

// body sends it as DATA, in frames of the usual size.
func (a *attacker) body(stream uint32, bytes []byte, end bool) {
	const frameMax = 16 << 10
	for {
		n := min(len(bytes), frameMax)
		a.framer.WriteData(stream, end && n == len(bytes), bytes[:n])
		if bytes = bytes[n:]; len(bytes) == 0 {
			return
		}
	}
}

// call is a whole request.
func (a *attacker) call(path string, framed []byte, more ...string) {
	a.body(a.head(path, false, append(more, asGRPC...)...), framed, true)
}

func (r refusals) String() string {
	var all []string
	for what, times := range r {
		all = append(all, fmt.Sprintf("%s (%d)", what, times))
	}
	return fmt.Sprint(all)
}
