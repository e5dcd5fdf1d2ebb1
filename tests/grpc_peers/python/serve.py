"""The other way round: a grpcio server for our own client. Prints its port and ends when it has drained.

usage: serve.py
"""

import threading
import time
from concurrent import futures

import grpc

CODES = {code.value[0]: code for code in grpc.StatusCode}


def echo(request, context):
    return request


def zipped(request, context):
    context.set_compression(grpc.Compression.Gzip)
    return request


def fail(request, context):
    number, _, message = request.decode().partition(" ")
    context.abort(CODES[int(number)], message)


def sleep(request, context):
    end = time.monotonic() + int(request) / 1000
    while context.is_active() and time.monotonic() < end:
        time.sleep(0.01)
    return b""


def main():
    """The methods do what those of the same name in net/testing/echo.h do; Drain stops the server gracefully."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16),
                         options=[("grpc.max_concurrent_streams", 10), ("grpc.max_receive_message_length", -1)])

    def drain(request, context):
        threading.Thread(target=lambda: server.stop(10)).start()
        return b""

    methods = {"Echo": echo, "Zipped": zipped, "Fail": fail, "Sleep": sleep, "Drain": drain}
    handlers = {name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("tidewheel.Echo", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
