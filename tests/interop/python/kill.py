#!/usr/bin/python3
"""What was acknowledged survives kill -9: the server is killed under load, started again on
the same data, and asked for every session that it had acknowledged.

usage: kill.py --bin DIR --models DIR --media DIR
"""
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import server  # noqa: E402

ROUNDS = 3
CALLERS = 6
LOAD_S = 2


class Caller(threading.Thread):
    """Opens sessions and joins every other one until the server is gone."""

    def __init__(self, client, reference_id, address, data):
        super().__init__(daemon=True)
        self.client, self.reference_id = client, reference_id
        self.address, self.data = address, data
        self.acknowledged = {}

    def run(self):
        backend = self.client.Backend(self.address, self.data)
        try:
            while True:
                created = backend.create(self.reference_id)
                self.acknowledged[created.session_id] = self.client.common.SESSION_STATE_CREATED
                if len(self.acknowledged) % 2 == 0:
                    self.join_phone(created)
        except self.client.grpc.RpcError:
            pass  # the server was killed

    def join_phone(self, created):
        phone = self.client.Phone(self.address, self.data)
        phone.join(created)
        self.acknowledged[created.session_id] = self.client.common.SESSION_STATE_JOINED
        phone.consent()
        self.acknowledged[created.session_id] = self.client.common.SESSION_STATE_CONSENTED


def run_round(options, data, client, reference_id, expected):
    """Load, kill, start, compare; returns the reference for the next round."""
    process, port = server.start(options, data)
    address, folder = f"localhost:{port}", os.path.join(data, "data")
    backend = client.Backend(address, folder)
    lost = check(backend, expected)
    reference_id = reference_id or backend.enrol(
        os.path.join(options.media, "franck_02159.jpg"))
    callers = [Caller(client, reference_id, address, folder) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    time.sleep(LOAD_S)
    process.kill()
    process.wait()
    os.remove(os.path.join(data, "ready"))
    for caller in callers:
        caller.join(60)
        expected.update(caller.acknowledged)
    return reference_id, lost


def check(backend, expected):
    """Sessions that are gone, or behind what had been acknowledged."""
    lost = 0
    for session_id, state in expected.items():
        try:
            lost += backend.get(session_id).state < state
        except Exception as error:  # whatever it is, the session is not there
            print(f"{session_id}: {error}")
            lost += 1
    return lost


def main():
    options = server.parse()
    server.check_ingredients(options)
    expected = {}
    with tempfile.TemporaryDirectory(prefix="imi-kill.") as data:
        os.environ["IMI_DATA"] = os.path.join(data, "data")
        import foreign_client as client
        reference_id, lost = None, 0
        for _ in range(ROUNDS):
            reference_id, lost_now = run_round(options, data, client, reference_id, expected)
            lost += lost_now
        process, port = server.start(options, data)
        lost += check(client.Backend(f"localhost:{port}", os.path.join(data, "data")), expected)
        stopped = server.stop(process)
    print(f"{len(expected)} sessions acknowledged, {ROUNDS} kills, {lost} lost or behind")
    return 0 if lost == 0 and stopped and len(expected) > ROUNDS * CALLERS else 1


if __name__ == "__main__":
    sys.exit(main())
