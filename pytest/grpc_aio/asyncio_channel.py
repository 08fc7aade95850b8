"""Channels to servers, with the options that all programs and tests here want."""

import grpc.aio

CHANNEL_OPTIONS = (
    # An http_proxy of the environment is not for servers on this machine.
    ("grpc.enable_http_proxy", 0),
    # Otherwise all channels of a process share connections by address, and after a failure their waits, too.
    ("grpc.use_local_subchannel_pool", 1),
)


def open_channel(target: str) -> grpc.aio.Channel:
    """To `address:port`, without TLS. Close it: `async with`. It connects with the first call."""
    return grpc.aio.insecure_channel(target, CHANNEL_OPTIONS)
