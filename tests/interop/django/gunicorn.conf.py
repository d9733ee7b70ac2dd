"""Gunicorn settings of both Django servers, the calling and the protected one.

A server started with this file says `{"url": …}` on its standard output once
it listens, and ends when its standard input is closed, as the gate does. So
the test can treat all its processes alike, and none outlives it.
"""

import json
import os
import signal
import threading

STDIN = 0

worker_class = "gthread"
workers = 1
threads = 4
graceful_timeout = 2
control_socket_disable = True

# Hand `Some_Header` to Django as if it were `Some-Header`, which careful
# servers do not. Only then does the test see whether the gate itself stripped
# `Countersign_Sender`, and not the server behind it.
header_map = "dangerous"


def when_ready(server):
    """Announce the address, which matters when the port was chosen as 0."""
    host, port = server.LISTENERS[0].sock.getsockname()
    print(json.dumps({"url": f"http://{host}:{port}"}), flush=True)


def post_worker_init(worker):
    """Stop the whole server once nobody holds its standard input open."""

    def stop_at_end_of_input():
        while os.read(STDIN, 1024):
            pass
        os.kill(worker.ppid, signal.SIGTERM)

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
