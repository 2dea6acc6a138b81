#!/usr/bin/python3 -B
"""Runs the journeys beside an imid and a gateway (phone_journeys.py).

usage: journey.py PROGRAM; the environment is that of tests/system.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from phone_journeys import travel


def main(program):
    return travel([program], actions=2, timeout_s=600, ca_variable="GS_TLS_CA_FILE")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
