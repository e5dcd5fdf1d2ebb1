package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// What each attack must leave: the process alive, within the memory that otel-add-on's chart gives a pod, with a margin;
// and a client that behaves well served all the time.
const (
	memoryMax  = 224 << 20
	latencyMax = 10 * time.Second // on a machine that does much else; alone it is a tenth of that
	answersMin = 10
)

// guest is a client that behaves well: it sends samples and asks for their value, all the time.
type guest struct {
	answers int
	slowest time.Duration
}

// stay returns when ctx ends, with the first failure.
func (g *guest) stay(ctx context.Context, s *scaler, channel *grpc.ClientConn) error {
	for i := 1; ctx.Err() == nil || g.answers < answersMin; i++ {
		begun := time.Now()
		patient, cancel := context.WithTimeout(context.Background(), patience)
		value := float64(i)
		_, err := ask(patient, channel, export, otlp(value, ""))
		if err == nil {
			var answer []byte
			if answer, err = ask(patient, channel, externalScaler+"/GetMetrics", metricsRequest()); err == nil {
				var got float64
				if got, err = metricOf(answer); err == nil && got != value {
					err = fmt.Errorf("the value is %g, want %g", got, value)
				}
			}
		}
		cancel()
		if err != nil {
			return fmt.Errorf("a client that behaves well, after %d answers: %w", g.answers, err)
		}
		g.answers++
		g.slowest = max(g.slowest, time.Since(begun))
		time.Sleep(time.Millisecond)
	}
	if g.slowest > latencyMax {
		return fmt.Errorf("a client that behaves well waited for %v", g.slowest)
	}
	return nil
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// forgetPeak lets the kernel measure the peak of the process' memory from now on.
func (s *scaler) forgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.process.Process.Pid), []byte("5"), 0)
}

func (s *scaler) peakBytes() (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := peakLine.FindSubmatch(text)
	if found == nil {
		return 0, errors.New("the process is gone")
	}
	kib, err := strconv.Atoi(string(found[1]))
	return kib << 10, err
}

// attack is what somebody does on several connections at once.
type attack struct {
	name        string
	connections int
	run         func(*attacker) // on one connection; returns when it has done its worst
	want        []string        // one of these is the refusal
}

type report struct {
	refusal string
	guest   guest
	peak    int
}

func (a attack) try(s *scaler, channel *grpc.ClientConn) (r report, err error) {
	if err := s.forgetPeak(); err != nil {
		return r, err
	}
	during, over := context.WithCancel(context.Background())
	stayed := make(chan error, 1)
	go func() { stayed <- r.guest.stay(during, s, channel) }()

	attackers := make([]*attacker, a.connections)
	var group sync.WaitGroup
	failures := make([]error, a.connections)
	for i := range attackers {
		group.Go(func() {
			attackers[i], failures[i] = newAttacker(s.address("scaler"))
			if failures[i] == nil {
				a.run(attackers[i])
			}
		})
	}
	group.Wait()
	seen := refusals{}
	for _, one := range attackers {
		if one != nil {
			seen.merge(one.end())
		}
	}
	over()
	failures = append(failures, <-stayed)
	r.refusal = seen.mostFrequent()
	if !slices.Contains(a.want, r.refusal) {
		failures = append(failures, fmt.Errorf("refused with %v, want %v", seen, strings.Join(a.want, " or ")))
	}
	if r.peak, err = s.peakBytes(); err != nil || r.peak > memoryMax {
		failures = append(failures, fmt.Errorf("%d MiB of memory: %v", r.peak>>20, err))
	}
	if err := errors.Join(failures...); err != nil {
		return r, err
	}
	calm, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return r, s.waitCalls(calm, 0)
}

// runHostile attacks one scaler in many ways, one after the other, and says for each what became of it.
func runHostile(tidewheel string) bool {
	s, err := startScaler(tidewheel, "", transport{name: "plain"}, scalerOptions{})
	if err != nil {
		fmt.Println("FAIL attacker plain hostile: start:", err)
		return false
	}
	defer s.process.Process.Kill()
	good := true
	rows := []string{fmt.Sprintf("table: %-38s%-28s%9s%13s%9s", "attack", "refusal", "answers", "slowest, ms", "MiB")}
	for _, a := range attacks {
		r, err := a.try(s, s.channel)
		if err != nil {
			good = false
			fmt.Printf("FAIL attacker plain hostile: %s: %v\n", a.name, err)
		} else {
			fmt.Printf("PASS attacker plain hostile: %s\n", a.name)
		}
		rows = append(rows, fmt.Sprintf("table: %-38s%-28s%9d%13.0f%9d", a.name, r.refusal, r.guest.answers,
			float64(r.guest.slowest.Microseconds())/1000, r.peak>>20))
	}
	fmt.Println(strings.Join(rows, "\n"))
	s.channel.Close()
	if err := s.stop(); err != nil {
		fmt.Println("FAIL attacker plain hostile: the end:", err)
		return false
	}
	return good
}
