# SPDX-License-Identifier: GPL-2.0-or-later
"""Three nodes of Lede and three members of etcd on six hosts, while all are killed, paused, parted and made deaf: is what clients of any node are
told what one machine could have shown them? Registers are documents that are put, put with If-Match, and read by an empty patch; sets are bodies
with atomic=true, read with min_revision.

LEDE_SEED chooses the faults, LEDE_CLUSTER_SECONDS how long they come, LEDE_CLUSTER_RUNS how often."""
import collections
import http.client
import json
import os
import random
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))
import history  # noqa: E402
import network  # noqa: E402
import tap  # noqa: E402

SEED = int(os.environ.get('LEDE_SEED', time.time_ns() % 1_000_000))
SECONDS = float(os.environ.get('LEDE_CLUSTER_SECONDS', '20'))
RUNS = int(os.environ.get('LEDE_CLUSTER_RUNS', '1'))
LEDE = os.environ.get('LEDE_BINARY', '')
PORT = 5333
KEYS = 3
CLIENTS = 6
TOGETHER = 3  # documents of an atomic body
WAIT_S = 60
LEASE = '2s'


class Node:
    def __init__(self, net, name, etcd):
        self.host = net.add(name)
        place = f'{self.host.address}:{PORT}'
        self.process = self.host.start([LEDE, 'serve', '--data', os.path.join(net.home, name), '--listen', place, '--cluster', 'news',
                                        '--etcd', etcd.endpoints, '--advertise', place],
                                       {'LEDE_SERVER_OPEN': 'true', 'LEDE_STORE_PENDING_BYTES': '64KiB', 'LEDE_CLUSTER_LEASE': LEASE,
                                        'LEDE_CLUSTER_WAIT': '4s'})

    def ask(self, method, path, document=None, seconds=2, headers=()):
        """(status, answer, headers) from this host itself, so that only what is between hosts is parted; status None: no answer. It is not
        waited for longer than a lease, so that clients of a node that hangs ask it again, after another leads."""
        try:
            connection = self.host.connect(self.host, PORT, seconds)
            try:
                connection.request(method, path, None if document is None else json.dumps(document),
                                   {'Content-Type': 'application/json', **dict(headers)})
                answer = connection.getresponse()
                text = answer.read()
            finally:
                connection.close()
            return answer.status, [json.loads(line) for line in text.splitlines()], answer.headers
        except (OSError, http.client.HTTPException, ValueError):
            return None, [], {}

    def log(self):
        with open(self.process.log, encoding='utf-8', errors='replace') as file:
            return file.read()


def register(number):
    return {'title': f'number {number}', 'published': '2024-01-01', 'section': 'register'}


class Run:
    """One cluster, its clients and its faults."""

    def __init__(self, net, seed):
        self.net, self.chance, self.seed = net, random.Random(seed), seed
        self.etcd = network.Etcd(net, 3)
        self.etcd.leader()
        self.nodes = [Node(net, name, self.etcd) for name in ('n1', 'n2', 'n3')]
        self.ends = threading.Event()
        self.registers, self.sets = history.History(), history.History()
        self.faults, self.done = [], collections.Counter()
        self.lock = threading.Lock()
        self.numbers = {}   # ETag: number
        self.seen = 0       # the highest revision that anybody was told
        self.next_number = 0
        self.renamed = collections.Counter()
        self.wait('a leader', lambda: self.leader() is not None)

    def wait(self, what, condition):
        until = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f'waited in vain for {what}; ' + '\n'.join(node.log()[-1500:] for node in self.nodes))
            time.sleep(0.05)

    def leader(self):
        for node in self.nodes:
            status, answer, _ = node.ask('GET', '/cluster', seconds=2)
            if status == 200 and answer[0]['role'] == 'leader':
                return node
        return None

    def number(self):
        with self.lock:
            self.next_number += 1
            return self.next_number

    def note(self, revision):
        with self.lock:
            self.seen = max(self.seen, revision)

    # ---- Clients ----

    @staticmethod
    def end(operation, status, answer, **how):
        """A 503 that says so did nothing; of any other failure nobody knows."""
        if status in (200, 201):
            operation.ok(**how)
        elif status == 412:
            operation.ok(is_refused=True)
        elif status == 503 and 'nothing was written' in answer[0].get('detail', ''):
            operation.fail()
        return operation.outcome

    def write(self, client, key, node):
        number = self.number()
        operation = self.registers.begin(client, 'write', key=key, value=number)
        status, answer, headers = node.ask('PUT', f'/documents/{key}', register(number))
        outcome = self.end(operation, status, answer)
        if outcome == history.OK:
            self.numbers[headers['ETag']] = number
            self.note(answer[0]['revision'])
        return outcome

    def cas(self, client, key, node):
        status, _, headers = node.ask('GET', f'/documents/{key}')
        expected = self.numbers.get(headers.get('ETag'))
        if status != 200 or expected is None:
            return 'nothing'
        number = self.number()
        operation = self.registers.begin(client, 'cas', key=key, value=[expected, number])
        status, answer, after = node.ask('PUT', f'/documents/{key}', register(number), headers={'If-Match': headers['ETag']})
        outcome = self.end(operation, status, answer)
        if status in (200, 201):
            self.numbers[after['ETag']] = number
            self.note(answer[0]['revision'])
        return outcome

    def read(self, client, key, node):
        """An empty patch changes nothing, and is answered only when it was proved that nothing is newer."""
        operation = self.registers.begin(client, 'read', key=key)
        status, answer, headers = node.ask('PATCH', f'/documents/{key}', {})
        if status == 404:
            operation.ok(None)
            return 'ok'
        if status != 200:
            operation.fail()
            return 'fail'
        end = time.monotonic()
        number = self.numbers.get(headers['ETag'])
        for other in self.nodes * 20:
            if number is not None:
                break
            _, found, named = other.ask('GET', f'/documents/{key}', seconds=2)
            if named.get('ETag') == headers['ETag']:
                number = self.numbers[headers['ETag']] = int(found[0]['title'].split()[1])
            time.sleep(0.05)
        if number is None:
            operation.fail()  # it was overwritten before anybody could look
            return 'unseen'
        operation.ok(number)
        operation.end = end
        return 'ok'

    def add(self, client, _key, node):
        first = self.number()
        names = [f's{first}-{part}' for part in range(TOGETHER)]
        operation = self.sets.begin(client, 'add', value=names)
        status, answer, _ = node.ask('POST', '/documents?atomic=true', [{'id': name, 'title': name, 'section': 'set'} for name in names])
        outcome = self.end(operation, status, answer)
        if outcome == history.OK:
            self.note(answer[0]['revision'])
        return outcome

    def look(self, client, _key, node):
        with self.lock:
            seen = self.seen
        operation = self.sets.begin(client, 'read')
        status, answer, _ = node.ask('GET', f'/export.ndjson?section=set&fields=title&sort=newest&min_revision={seen}&timeout=3s', seconds=5)
        if status != 200:
            operation.fail()
            return 'late'
        operation.ok([document['title'] for document in answer])
        return 'ok'

    def bound(self, client, key, node):
        """What a search shows is not older than the revision that it is bound to: of this client's own document."""
        number = self.number()
        name = f'own{client}x{self.renamed[client]}'
        writer = self.chances[client].choice(self.nodes)
        status, answer, _ = writer.ask('PUT', f'/documents/{name}', {'title': f'number {number}', 'body': f'of{name}'})
        if status not in (200, 201):
            # It may be done yet, after a later one: that is another document's.
            self.renamed[client] += 1
            return 'fail'
        status, found, _ = node.ask('GET', f'/search?q=of{name}&min_revision={answer[0]["revision"]}&timeout=3s&limit=1', seconds=5)
        if status != 200 or found[0]['revision'] < answer[0]['revision']:
            return 'late'
        shown = int(found[0]['hits'][0]['document']['title'].split()[1]) if found[0]['hits'] else 0
        if shown < number:
            self.faults.append(f'{node.host.name} shows {shown} of {name} at revision {found[0]["revision"]}: {number} was answered at '
                               f'{answer[0]["revision"]}')
        return 'ok'

    def work(self, client):
        chance = self.chances[client]
        deeds = [self.write, self.cas, self.cas, self.read, self.read, self.add, self.look, self.bound]
        while not self.ends.is_set():
            deed = chance.choice(deeds)
            # Most of the time at one node: else all clients would soon wait for one that hangs.
            node = self.nodes[client % 3] if chance.random() < 0.95 else chance.choice(self.nodes)
            outcome = deed(client, f'r{chance.randrange(KEYS)}', node)
            with self.lock:
                self.done[f'{deed.__name__} {outcome}'] += 1
            if outcome not in ('ok', history.OK):
                time.sleep(0.05)
            time.sleep(0.01)

    # ---- Faults; each is over when it returns ----

    def victim(self):
        """Often it is who leads."""
        leader = self.leader() if self.chance.random() < 0.5 else None
        return leader or self.chance.choice(self.nodes)

    def kill(self):
        node = self.victim()
        node.process.kill()
        time.sleep(self.chance.uniform(0, 3))
        node.process.start()

    def kill_two(self):
        two = self.chance.sample(self.nodes, 2)
        for node in two:
            node.process.kill()
        time.sleep(self.chance.uniform(0, 1))
        for node in two:
            node.process.start()

    def pause(self):
        node = self.victim()
        node.process.pause()
        time.sleep(self.chance.uniform(0.2, 5))
        node.process.go_on()

    def hang(self):
        """Who leads, for longer than its lease: what it is asked meanwhile it answers when another leads."""
        node = self.leader() or self.victim()
        node.process.pause()
        time.sleep(self.chance.uniform(3.5, 6))
        node.process.go_on()

    def kill_member(self):
        member = self.chance.choice(self.etcd.members)
        member.kill()
        time.sleep(self.chance.uniform(0, 2))
        member.start()

    def pause_member(self):
        member = self.chance.choice(self.etcd.members)
        member.pause()
        time.sleep(self.chance.uniform(0.2, 3))
        member.go_on()

    def part(self):
        """A node from all, from the others alone, or with a member from the rest."""
        node = self.victim()
        others = [other.host for other in self.nodes if other is not node]
        member = self.chance.choice(self.etcd.hosts)
        rest = [host for host in self.etcd.hosts if host is not member]
        groups = self.chance.choice([([node.host], others + self.etcd.hosts), ([node.host], others), ([node.host, member], others + rest)])
        self.net.part(*groups)
        time.sleep(self.chance.uniform(0.5, 5))
        self.net.heal()

    def deafen(self):
        host, other = self.chance.sample([node.host for node in self.nodes] + self.etcd.hosts, 2)
        host.be_deaf_to([other])
        time.sleep(self.chance.uniform(0.5, 4))
        self.net.heal()

    def unplug(self):
        node = self.victim()
        node.host.unplug()
        time.sleep(self.chance.uniform(0.2, 4))
        node.host.plug()

    def trouble(self, seconds):
        self.chances = [random.Random(f'{self.seed}-{client}') for client in range(CLIENTS)]
        threads = [threading.Thread(target=self.work, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        faults = collections.Counter()
        try:
            while time.monotonic() < until:
                fault = self.chance.choice([self.kill, self.kill, self.kill_two, self.pause, self.hang, self.hang, self.kill_member, self.pause_member, self.part, self.part,
                                            self.deafen, self.unplug])
                faults[fault.__name__] += 1
                fault()
                time.sleep(self.chance.uniform(0.1, 2))
        finally:
            self.ends.set()
            for thread in threads:
                thread.join(WAIT_S)
        return faults

    # ---- The end ----

    def documents(self, node):
        status, answer, _ = node.ask('GET', '/export.ndjson?sort=newest', seconds=WAIT_S)
        return {document['id']: document for document in answer} if status == 200 else None

    def settle(self):
        """All that is told at the end: each node alike, with what was read there."""
        self.wait('writes to be taken', lambda: self.nodes[0].ask('PUT', '/documents/end', {'title': 'end'}, seconds=10)[0] in (200, 201))
        _, answer, _ = self.nodes[0].ask('PATCH', '/documents/end', {}, seconds=10)
        self.note(answer[0]['revision'])
        for client in range(KEYS):
            self.read('end', f'r{client}', self.nodes[0])
        for node in self.nodes:
            self.wait('a node to be up', lambda: self.look('end', None, node) == 'ok')
        everywhere = [self.documents(node) for node in self.nodes]
        return [found == everywhere[0] for found in everywhere]

    def verdicts(self):
        return [*history.check_registers(self.registers.operations, seconds=40), history.check_set(self.sets.operations)]


class Histories(unittest.TestCase):
    def one(self, seed):
        with network.Network() as net:
            run = Run(net, seed)
            faults = run.trouble(SECONDS)
            alike = run.settle()
            print(f'# LEDE_SEED={seed}: ' + ', '.join(f'{what} {number}' for what, number in sorted(faults.items())))
            print('#   ' + ', '.join(f'{number} {what}' for what, number in sorted(run.done.items())), flush=True)
            logs = '\n'.join(node.log()[-3000:] for node in run.nodes)
            self.assertEqual(run.faults, [])
            self.assertEqual(alike, [True] * 3, logs)
            for verdict in run.verdicts():
                if verdict.is_right is None:
                    print(f'#   {verdict.key}: {verdict.reason}')
                self.assertIsNot(verdict.is_right, False, f'LEDE_SEED={seed} {verdict.key}: {verdict.reason}\n{logs}')
            self.assertGreater(sum(number for what, number in run.done.items() if what.endswith('ok')), 20)

    @tap.timeout(300 + int(RUNS * (SECONDS + 120)))
    def test_what_clients_of_any_node_are_told_is_what_one_machine_could_have_shown(self):
        for turn in range(RUNS):
            self.one(SEED + turn)


if __name__ == '__main__':
    why = network.what_is_missing('etcd', 'nft') if LEDE else 'LEDE_BINARY names no program'
    if why:
        tap.skip_all(why)
    tap.main(globals())
