"""A bad mobile network between this machine and a network namespace: packets of IP pass a link with
a rate, a delay and losses in either direction, over real TCP at both ends. In user space, as many
kernels come without netem. Needs root, ip, and /dev/net/tun.
"""
import collections
import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000  # linux/if_tun.h
PACKET_MAX = 65536
QUEUE_PACKETS = 100  # that wait for the link; a router throws away more
NETWORK = "10.213.%d.%d"  # two links at once are two networks of four addresses


def why_not():
    """What is missing to make such a link; empty when nothing is."""
    if os.geteuid() != 0:
        return "root"
    if not shutil.which("ip"):
        return "ip (iproute2)"
    return "" if os.path.exists("/dev/net/tun") else "/dev/net/tun"


class Direction:
    """Packets on their way; seed makes the same ones get lost."""

    def __init__(self, out, bits_per_s, delay_s, loss, seed):
        self.out, self.bits_per_s, self.delay_s, self.loss = out, bits_per_s, delay_s, loss
        self.random = random.Random(seed)
        self.free_at = 0.0  # when the packet before has left
        self.leaving = collections.deque()  # moments at which those that wait will have left
        self.bytes = self.packets = self.lost = 0

    def take(self, packet, now):
        """When it arrives; None when it does not."""
        while self.leaving and self.leaving[0] <= now:
            self.leaving.popleft()
        self.packets += 1
        if len(self.leaving) >= QUEUE_PACKETS or self.random.random() < self.loss:
            self.lost += 1
            return None
        self.bytes += len(packet)
        self.free_at = max(now, self.free_at) + 8 * len(packet) / self.bits_per_s
        self.leaving.append(self.free_at)
        return self.free_at + self.delay_s


class SlowLink:
    """The namespace and the link to it, as long as the block lives."""

    def __init__(self, bits_per_s, round_trip_s, loss):
        own = os.getpid() % 0x4000
        self.namespace = f"imi-{own}"
        self.here, self.there = (NETWORK % (own >> 6, (own & 63) * 4 + host) for host in (1, 2))
        self.options = bits_per_s, round_trip_s / 2, loss
        self.ended = threading.Event()

    def __enter__(self):
        self._ip("netns", "add", self.namespace)
        try:
            near, far = self.namespace + "-near", self.namespace + "-far"
            here, there = self._open(near), self._open(far)
            self._ip("link", "set", far, "netns", self.namespace)
            self._address(near, self.here, ["ip"])
            inside = ["ip", "-n", self.namespace]
            self._address(far, self.there, inside)
            subprocess.run([*inside, "link", "set", "lo", "up"], check=True)
        except BaseException:
            self._ip("netns", "del", self.namespace)
            raise
        self.up, self.down = Direction(here, *self.options, 1), Direction(there, *self.options, 2)
        self.thread = threading.Thread(target=self._carry, args=({there: self.up, here: self.down},))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        os.close(self.up.out)
        os.close(self.down.out)
        self._ip("netns", "del", self.namespace)

    def wrap(self, path, program):
        """Write a script that runs a program beyond the link."""
        with open(path, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {self.namespace} {program} "$@"\n')
        os.chmod(path, 0o755)

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True)

    @staticmethod
    def _address(name, address, ip):
        subprocess.run([*ip, "address", "add", f"{address}/30", "dev", name], check=True)
        subprocess.run([*ip, "link", "set", name, "up"], check=True)

    @staticmethod
    def _open(name):
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        return tun

    def _carry(self, directions):
        """directions: by where their packets come in."""
        under_way, count = [], 0
        while not self.ended.is_set():
            now = time.monotonic()
            while under_way and under_way[0][0] <= now:
                _, _, out, packet = heapq.heappop(under_way)
                os.write(out, packet)
            wait_s = min(under_way[0][0] - now, 0.1) if under_way else 0.1
            for tun in select.select(list(directions), [], [], wait_s)[0]:
                packet = os.read(tun, PACKET_MAX)
                direction = directions[tun]
                arrives = direction.take(packet, time.monotonic())
                if arrives is not None:
                    count += 1
                    heapq.heappush(under_way, (arrives, count, direction.out, packet))
