# SPDX-License-Identifier: GPL-2.0-or-later
"""The network of namespaces does what tests of a cluster rely on."""
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import network  # noqa: E402
import tap  # noqa: E402

LISTEN = 'import socket; s = socket.create_server(("0.0.0.0", 7))\nwhile True: s.accept()[0].sendall(b"here")'
LEAVE = ('import sys, time; sys.path.insert(0, {here!r}); import network; net = network.Network(); a = net.add("a"); p = a.start(["sleep", "600"]);'
         ' print(p.pid, net.home, flush=True); time.sleep(600)')


def hears(listener, caller):
    """Does a connection come to be?"""
    def call():
        with socket.create_connection((listener.address, 7), timeout=1) as connection:
            return connection.recv(10) == b'here'
    try:
        return caller.run(call)
    except OSError:
        return False


def is_there(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
            return file.read().split()[2] != 'Z'
    except FileNotFoundError:
        return False


def wait_until(condition, seconds):
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    return condition()


class Networks(unittest.TestCase):
    def setUp(self):
        self.links = network.command('ip', '-o', 'link')
        self.net = network.Network()
        self.addCleanup(self.net.close)

    def listeners(self, *names):
        hosts = [self.net.add(name) for name in names]
        for host in hosts:
            host.start([sys.executable, '-c', LISTEN])
        self.assertTrue(wait_until(lambda: all(hears(a, b) for a in hosts for b in hosts), 10))
        return hosts

    def test_hosts_hear_each_other_and_the_machines_own_network_is_as_it_was(self):
        self.listeners('a', 'b', 'c')
        self.assertEqual(network.command('ip', '-o', 'link'), self.links)

    def test_groups_that_are_parted_do_not_hear_each_other_until_they_are_healed(self):
        a, b, c = self.listeners('a', 'b', 'c')
        self.need('nft')
        self.net.part([a], [b, c])
        self.assertFalse(hears(a, b) or hears(b, a) or hears(c, a))
        self.assertTrue(hears(b, c) and hears(c, b))
        self.net.heal()
        self.assertTrue(hears(a, b) and hears(b, a) and hears(c, a))

    def need(self, program):
        missing = network.what_is_missing(program)
        if missing:
            self.skipTest(missing)

    def test_a_cable_can_be_pulled(self):
        a, b = self.listeners('a', 'b')
        a.unplug()
        self.assertFalse(hears(a, b))
        a.plug()
        self.assertTrue(wait_until(lambda: hears(a, b), 5))

    def test_what_a_host_sends_can_be_late(self):
        a, b = self.listeners('a', 'b')
        self.need('tc')
        a.delay(300)
        begun = time.monotonic()
        self.assertTrue(hears(a, b))
        self.assertGreater(time.monotonic() - begun, 0.3)

    def test_processes_are_paused_killed_and_started_again(self):
        a, b = self.listeners('a', 'b')
        process = a.processes[0]
        process.pause()
        self.assertFalse(hears(a, b))
        process.go_on()
        self.assertTrue(hears(a, b))
        process.kill()
        self.assertFalse(process.is_running() or hears(a, b))
        process.start()
        self.assertTrue(wait_until(lambda: hears(a, b), 10))

    def test_everything_is_gone_at_the_end(self):
        a, = self.listeners('a')
        pid, home = a.processes[0].pid, self.net.home
        self.net.close()
        self.assertFalse(is_there(pid) or os.path.exists(home))
        self.assertFalse([name for name in network.namespaces() if name.startswith(f'lede{os.getpid()}-')])

    def test_what_a_killed_test_left_is_gone_when_the_next_begins(self):
        child = subprocess.Popen([sys.executable, '-c', LEAVE.format(here=HERE)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.stdout.close)
        pid, home = child.stdout.readline().split()
        left = [name for name in network.namespaces() if name.startswith(f'lede{child.pid}-')]
        self.assertEqual(len(left), 2)
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        self.assertTrue(wait_until(lambda: not is_there(pid), 5))
        self.assertTrue(os.path.exists(home))
        network.remove_stale()
        self.assertFalse(os.path.exists(home))
        self.assertFalse([name for name in network.namespaces() if name.startswith(f'lede{child.pid}-')])


class Members(unittest.TestCase):
    def setUp(self):
        missing = network.what_is_missing('etcd', 'nft')
        if missing:
            self.skipTest(missing)
        self.net = network.Network()
        self.addCleanup(self.net.close)
        self.etcd = network.Etcd(self.net, 3)

    @tap.timeout(120)
    def test_a_parted_leader_cannot_commit_the_others_can_and_healing_joins_it_again(self):
        etcd = self.etcd
        self.assertIsNotNone(etcd.put(0, 'k', 'before'))
        parted = etcd.leader()
        others = [number for number in range(3) if number != parted]
        self.net.part([etcd.hosts[parted]], [etcd.hosts[number] for number in others])
        self.assertIsNone(etcd.put(parted, 'k', 'parted', seconds=3))
        begun = time.monotonic()
        revision = None
        while revision is None and time.monotonic() - begun < 30:
            revision = etcd.put(others[0], 'k', 'after', seconds=1)
        print(f'# the others wrote {time.monotonic() - begun + 3:.1f} s after their leader was parted')
        self.assertIsNotNone(revision)
        self.assertIn(etcd.leader(), others)
        self.assertIsNone(etcd.get(parted, 'k', seconds=3))
        self.assertEqual(etcd.get(parted, 'k', serializable=True), 'before')
        self.net.heal()
        begun = time.monotonic()
        etcd.wait(parted)
        print(f'# the parted member answered {time.monotonic() - begun:.1f} s after it was healed')
        self.assertEqual(etcd.get(parted, 'k'), 'after')
        self.assertIsNotNone(etcd.put(parted, 'k', 'healed'))
        self.assertEqual(etcd.get(others[0], 'k'), 'healed')

    @tap.timeout(120)
    def test_a_parted_member_ends_watches_that_ask_for_a_leader(self):
        etcd = self.etcd
        parted = (etcd.leader() + 1) % 3
        host = etcd.hosts[parted]
        connection = host.connect(host, 2379, 30)
        self.addCleanup(connection.close)
        connection.request('POST', '/v3/watch', '{"create_request": {"key": "YQ=="}}', {'Grpc-Metadata-Hasleader': 'true'})
        answer = connection.getresponse()
        self.assertIn(b'created', answer.readline())
        self.net.part([host], [other for other in etcd.hosts if other is not host])
        begun = time.monotonic()
        self.assertIn(b'no leader', answer.readline())
        print(f'# the watch ended {time.monotonic() - begun:.1f} s after its member was parted')

    @tap.timeout(120)
    def test_a_killed_member_comes_back_with_what_it_had(self):
        etcd = self.etcd
        self.assertIsNotNone(etcd.put(0, 'k', 'v'))
        for member in etcd.members:
            member.kill()
        for member in etcd.members:
            member.start()
        etcd.wait(0)
        self.assertEqual(etcd.get(0, 'k'), 'v')


if __name__ == '__main__':
    why = network.what_is_missing()
    if why:
        tap.skip_all(why)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap.main(globals())
