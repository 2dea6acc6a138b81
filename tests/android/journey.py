#!/usr/bin/python3 -B
"""Runs JourneyTest beside an imid and a gateway (phone_journeys.py).

usage: journey.py CLASSPATH LIBRARY_FOLDER; the environment is that of tests/system.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from phone_journeys import travel


def main(classpath, library):
    return travel(["java", "-Xcheck:jni", f"-Djava.library.path={library}", "-cp", classpath,
                   "org.junit.runner.JUnitCore", "org.imi.sdk.JourneyTest"],
                  actions=3, timeout_s=300, ca_variable="CA")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
