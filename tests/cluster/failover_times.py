# SPDX-License-Identifier: GPL-2.0-or-later
"""For how long does no write go through when something dies or is parted? Three nodes, three members of etcd, six hosts; a client at a node that
stays writes one document after the other. By hand: LEDE_BINARY=… python3 tests/cluster/failover_times.py [TURNS [LEASE]]"""
import os
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import network  # noqa: E402
import test_cluster  # noqa: E402


class Writing:
    """Writes at one node, until it is closed; the longest time between two answers, from a moment on."""

    def __init__(self, node):
        self.node, self.stops, self.answers, self.searches = node, threading.Event(), [], []
        self.threads = [threading.Thread(target=self.write), threading.Thread(target=self.search)]
        for thread in self.threads:
            thread.start()

    def write(self):
        number = 0
        while not self.stops.is_set():
            number += 1
            began = time.monotonic()
            if self.node.ask('PUT', '/documents/w', {'title': f'number {number}'}, seconds=30)[0] in (200, 201):
                self.answers.append((began, time.monotonic()))
            time.sleep(0.005)

    def search(self):
        while not self.stops.is_set():
            began = time.monotonic()
            self.searches.append((self.node.ask('GET', '/search?q=number', seconds=30)[0], time.monotonic() - began))
            time.sleep(0.02)

    def close(self):
        self.stops.set()
        for thread in self.threads:
            thread.join()

    def gap_after(self, moment):
        ends = [end for _, end in self.answers]
        later = [end for end in ends if end > moment]
        before = max((end for end in ends if end <= moment), default=moment)
        return max((b - a for a, b in zip([before, *later], later)), default=float('inf'))


def faults(run):
    """Name, what to do to the node that leads, and how it is undone."""
    def others(leader):
        return [node.host for node in run.nodes if node is not leader]

    def etcd_leader():
        return run.etcd.members[run.etcd.leader()]
    return [
        ('nothing', lambda leader: None, lambda leader, _: None),
        ('the leader is killed (kill -9)', lambda leader: leader.process.kill(), lambda leader, _: leader.process.start()),
        ('the leader is stopped (SIGTERM)', lambda leader: leader.process.stop(), lambda leader, _: leader.process.start()),
        ('the leader hangs (SIGSTOP)', lambda leader: leader.process.pause(), lambda leader, _: leader.process.go_on()),
        ('the leader is parted from all', lambda leader: run.net.part([leader.host], others(leader) + run.etcd.hosts),
         lambda leader, _: run.net.heal()),
        ('the leader is parted from the other nodes', lambda leader: run.net.part([leader.host], others(leader)), lambda leader, _: run.net.heal()),
        ('another copy is killed', lambda leader: None, None),
        ('the leader of etcd is killed', lambda leader: (etcd := etcd_leader(), etcd.kill())[0], lambda leader, etcd: etcd.start()),
    ]


def measure(run, name, fault, undo):
    run.wait('a leader', lambda: run.leader() is not None)
    leader = run.leader()
    stays, other = [node for node in run.nodes if node is not leader]
    writing = Writing(stays)
    try:
        time.sleep(1.5)
        moment = time.monotonic()
        if undo is None:
            other.process.kill()
            what = None
        else:
            what = fault(leader)
        time.sleep(14)
    finally:
        writing.close()
        if undo is None:
            other.process.start()
        else:
            undo(leader, what)
    run.wait('all to follow', lambda: all(node.ask('GET', '/cluster', seconds=2)[1] and node.ask('GET', '/cluster', seconds=2)[1][0]['role'] != 'joining'
                                          for node in run.nodes))
    failed = sum(status != 200 for status, _ in writing.searches)
    slowest = max(took for _, took in writing.searches)
    return writing.gap_after(moment), failed, slowest


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if len(sys.argv) > 2:
        os.environ['LEDE_CLUSTER_LEASE'] = test_cluster.LEASE = sys.argv[2]
    with network.Network() as net:
        run = test_cluster.Run(net, 1)
        for name, fault, undo in faults(run):
            found = [measure(run, name, fault, undo) for _ in range(turns)]
            gaps = [gap for gap, _, _ in found]
            print(f'| {name} | {statistics.median(gaps):.2f} | {max(gaps):.2f} | {sum(failed for _, failed, _ in found)} | '
                  f'{max(slowest for _, _, slowest in found) * 1000:.0f} |', flush=True)


if __name__ == '__main__':
    main()
