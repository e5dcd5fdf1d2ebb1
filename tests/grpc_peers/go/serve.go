package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// answer does what the methods of the same name in net/testing/echo.h do; Drain stops the server gracefully.
func answer(ctx context.Context, method, request string, drain func()) (string, error) {
	switch method {
	case "Echo":
		return request, nil
	case "Zipped":
		return request, grpc.SetSendCompressor(ctx, "gzip")
	case "Fail":
		number, message, _ := strings.Cut(request, " ")
		code, err := strconv.Atoi(number)
		if err != nil {
			return "", err
		}
		return "", status.Error(codes.Code(code), message)
	case "Sleep":
		milliseconds, err := strconv.Atoi(request)
		if err != nil {
			return "", err
		}
		select {
		case <-time.After(time.Duration(milliseconds) * time.Millisecond):
			return "", nil
		case <-ctx.Done():
			return "", status.FromContextError(ctx.Err()).Err()
		}
	case "Drain":
		go drain()
		return "", nil
	}
	return "", status.Error(codes.Unimplemented, "unknown method "+method)
}

// serve is the other way round: a grpc-go server for our own client. It prints its port and ends when it has drained.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var server *grpc.Server
	handle := func(_ any, stream grpc.ServerStream) error {
		var in []byte
		if err := stream.RecvMsg(&in); err != nil {
			return err
		}
		name, _ := grpc.MethodFromServerStream(stream)
		out, err := answer(stream.Context(), strings.TrimPrefix(name, "/tidewheel.Echo/"), string(in), server.GracefulStop)
		if err != nil {
			return err
		}
		bytes := []byte(out)
		return stream.SendMsg(&bytes)
	}
	server = grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(handle),
		grpc.MaxConcurrentStreams(10), grpc.MaxRecvMsgSize(64<<20))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}
