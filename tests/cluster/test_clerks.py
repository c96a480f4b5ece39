# SPDX-License-Identifier: GPL-2.0-or-later
"""Clerks work on registers in etcd by Lede's client (clerk.c), while members are killed, paused and parted: is what they were told what one register
could have shown them? LEDE_CLERK is the program; LEDE_SEED chooses the faults, LEDE_CLERK_SECONDS how long."""
import collections
import os
import random
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import history  # noqa: E402
import network  # noqa: E402
import tap  # noqa: E402

SEED = int(os.environ.get('LEDE_SEED', time.time_ns() % 1_000_000))
SECONDS = float(os.environ.get('LEDE_CLERK_SECONDS', '20'))
KEYS = 4


class Registers(unittest.TestCase):
    def setUp(self):
        self.net = network.Network()
        self.addCleanup(self.net.close)
        self.etcd = network.Etcd(self.net, 3)
        self.hosts = [self.net.add(f'n{number}') for number in range(3)]
        self.chance = random.Random(SEED)

    def start(self, seconds, old=None):
        """A clerk on each host, which asks another member first. old  the number of one that reads alone, what its member has, old maybe"""
        endpoints = self.etcd.endpoints.split(',')
        return [host.start([os.environ['LEDE_CLERK'], ','.join(endpoints[number:] + endpoints[:number]), str(number + 1), str(seconds), str(KEYS),
                            *(['serializable'] if number == old else [])])
                for number, host in enumerate(self.hosts)]

    def told(self, clerks):
        operations = []
        for clerk in clerks:
            self.assertEqual(clerk.child.wait(60), 0)
            operations += history.read_file(clerk.log)
        count = collections.Counter('refused' if operation.is_refused else operation.outcome for operation in operations)
        print(f'# {len(operations)} operations: ' + ', '.join(f'{number} {what}' for what, number in sorted(count.items())))
        return operations

    # ---- Faults; each is over when it returns ----

    def kill(self):
        member = self.chance.choice(self.etcd.members)
        member.kill()
        time.sleep(self.chance.uniform(0, 2))
        member.start()

    def pause(self):
        member = self.chance.choice(self.etcd.members)
        member.pause()
        time.sleep(self.chance.uniform(0.2, 3))
        member.go_on()

    def part(self):
        number = self.chance.randrange(3)
        alone = [self.etcd.hosts[number], self.hosts[number]]
        self.net.part(alone, [host for host in self.net.hosts if host not in alone])
        time.sleep(self.chance.uniform(0.5, 4))
        self.net.heal()

    def deafen(self):
        member, other = self.chance.sample(self.etcd.hosts, 2)
        member.be_deaf_to([other])
        time.sleep(self.chance.uniform(0.5, 3))
        self.net.heal()

    def unplug_clerk(self):
        host = self.chance.choice(self.hosts)
        host.unplug()
        time.sleep(self.chance.uniform(0.2, 2))
        host.plug()

    @tap.timeout(240)
    def test_what_clerks_are_told_is_what_a_register_could_have_shown(self):
        print(f'# LEDE_SEED={SEED}')
        clerks = self.start(SECONDS)
        ends = time.monotonic() + SECONDS - 1
        faults = collections.Counter()
        while time.monotonic() < ends:
            fault = self.chance.choice([self.kill, self.pause, self.part, self.deafen, self.unplug_clerk])
            faults[fault.__name__] += 1
            fault()
            time.sleep(self.chance.uniform(0.2, 1))
        print('# ' + ', '.join(f'{what} {number}' for what, number in sorted(faults.items())))
        for verdict in history.check_registers(self.told(clerks), seconds=30):
            if verdict.is_right is None:
                print(f'# {verdict.key}: {verdict.reason}')
            self.assertIsNot(verdict.is_right, False, f'{verdict.key}: {verdict.reason}')

    @tap.timeout(120)
    def test_reads_that_ask_one_member_alone_are_found_to_be_old(self):
        # A follower, and the clerk that asks it first, beside the rest.
        number = (self.etcd.leader() + 1) % 3
        clerks = self.start(6, number)
        time.sleep(1)
        alone = [self.etcd.hosts[number], self.hosts[number]]
        self.net.part(alone, [host for host in self.net.hosts if host not in alone])
        verdicts = history.check_registers(self.told(clerks), seconds=10)
        self.assertIn(False, [verdict.is_right for verdict in verdicts])


if __name__ == '__main__':
    why = network.what_is_missing('etcd', 'nft')
    if why:
        tap.skip_all(why)
    tap.main(globals())
