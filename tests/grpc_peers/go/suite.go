package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const patience = 60 * time.Second // of one case; far beyond what any takes, for machines that are busy

// One thing that a peer does with a server of ours, in the words of table.py.
type label struct {
	peer, transport, feature, name string
}

type job struct {
	label
	run func(context.Context) error
}

// At once: some cases wait for tens of seconds.
const workers = 8

// runAll prints PASS or FAIL per job as it ends; false when one failed.
func runAll(jobs []job) bool {
	queue := make(chan job)
	var group sync.WaitGroup
	var mutex sync.Mutex
	good := true
	for range workers {
		group.Go(func() {
			for j := range queue {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				err := j.run(ctx)
				cancel()
				mutex.Lock()
				if err != nil {
					good = false
					fmt.Printf("FAIL %s %s %s: %s: %v\n", j.peer, j.transport, j.feature, j.name, err)
				} else {
					fmt.Printf("PASS %s %s %s: %s\n", j.peer, j.transport, j.feature, j.name)
				}
				mutex.Unlock()
			}
		})
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	group.Wait()
	return good
}

// Over which transports a case runs.
type over int

const (
	every over = iota
	secure
	mutual
)

func (o over) has(t transport) bool {
	return o == every || o == secure && !t.plain() || o == mutual && t.mutual()
}
