// A peer for our gRPC, made of grpc-go: a client that says for each case whether a server of ours behaves as a gRPC
// server must, a server for our own client, and an attacker.
package main

import (
	"fmt"
	"os"
)

type command struct {
	arguments int
	usage     string
	run       func(arguments []string) bool // false: something failed
}

var commands = map[string]command{
	"echo":         {2, "ECHO_SERVER CERTIFICATES", func(a []string) bool { return runEcho(a[0], a[1]) }},
	"scaler":       {3, "TIDEWHEEL GRPCURL CERTIFICATES", func(a []string) bool { return runScaler(a[0], a[1], a[2]) }},
	"hostile":      {1, "TIDEWHEEL", func(a []string) bool { return runHostile(a[0]) }},
	"serve":        {0, "", func([]string) bool { return worked(serve()) }},
	"certificates": {1, "FOLDER", func(a []string) bool { return worked(writeCertificates(a[0])) }},
}

func worked(err error) bool {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return err == nil
}

func main() {
	if len(os.Args) > 1 {
		chosen, known := commands[os.Args[1]]
		if known && len(os.Args) == 2+chosen.arguments {
			if !chosen.run(os.Args[2:]) {
				os.Exit(1)
			}
			return
		}
	}
	for name, c := range commands {
		fmt.Fprintln(os.Stderr, "usage: go_peer", name, c.usage)
	}
	os.Exit(2)
}
