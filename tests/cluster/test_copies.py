# SPDX-License-Identifier: GPL-2.0-or-later
"""A server and two copies on three hosts, while all are killed, paused and parted: no read shows less than `min_revision` names, what was
answered is everywhere at the end, and with `copies = 1` in the copy that is promoted when the server is lost.

LEDE_SEED chooses the faults, LEDE_COPIES_SECONDS how long they come."""
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
import network  # noqa: E402
import tap  # noqa: E402

SEED = int(os.environ.get('LEDE_SEED', time.time_ns() % 1_000_000))
SECONDS = float(os.environ.get('LEDE_COPIES_SECONDS', '20'))
LEDE = os.environ.get('LEDE_BINARY', '')
PORT = 5333
WRITERS = 3
WAIT_S = 60


class Node:
    def __init__(self, net, name, source=None):
        self.host = net.add(name)
        self.url = f'http://{self.host.address}:{PORT}'
        follow = ['--follow', source.url] if source else []
        self.process = self.host.start([LEDE, 'serve', '--data', os.path.join(net.home, name), '--listen', f'{self.host.address}:{PORT}', *follow],
                                       {'LEDE_SERVER_OPEN': 'true', 'LEDE_REPLICA_COPIES': '0' if source else '1', 'LEDE_REPLICA_NAME': name,
                                        'LEDE_STORE_PENDING_BYTES': '64KiB', 'LEDE_REPLICA_COPIES_WAIT': '3s'})

    def ask(self, method, path, document=None, seconds=10):
        """(status, JSON) from this host itself, so that only what is between the servers is parted; status None: no answer."""
        try:
            connection = self.host.connect(self.host, PORT, seconds)
            try:
                connection.request(method, path, None if document is None else json.dumps(document), {'Content-Type': 'application/json'})
                answer = connection.getresponse()
                text = answer.read()
            finally:
                connection.close()
            return answer.status, json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError):
            return None, None

    def wait(self, what, condition):
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            status, answer = self.ask('GET', '/replication')
            if status == 200 and condition(answer):
                return answer
            time.sleep(0.05)
        raise AssertionError(f'{self.host.name}: waited in vain for {what}; {open(self.process.log, errors="replace").read()[-2000:]}')

    def documents(self):
        found = {}
        connection = self.host.connect(self.host, PORT, WAIT_S)
        try:
            connection.request('GET', '/export.ndjson?sort=newest')
            for line in connection.getresponse().read().splitlines():
                document = json.loads(line)
                found[document['id']] = document['title']
        finally:
            connection.close()
        return found


class Copies(unittest.TestCase):
    def setUp(self):
        self.net = network.Network()
        self.addCleanup(self.net.close)
        self.chance = random.Random(SEED)
        self.source = Node(self.net, 's')
        self.source.wait('the start', lambda state: True)
        self.copies = [Node(self.net, name, self.source) for name in ('a', 'b')]
        for copy in self.copies:
            copy.wait('the copy', lambda state: state['role'] == 'copy')
        self.nodes = [self.source, *self.copies]
        self.ends = threading.Event()
        self.faults = []
        self.answered = {}  # id: (number, revision) of the last write that was answered
        self.counts = {'answered': 0, 'unknown': 0, 'reads': 0, 'late': 0}

    # ---- What clients do ----

    def write(self, writer):
        """Writes one document again and again, and looks for it at any node as soon as it is answered."""
        chance = random.Random(f'{SEED}-{writer}')
        identity, number = f'w{writer}', 0
        while not self.ends.is_set():
            number += 1
            status, answer = self.source.ask('PUT', f'/documents/{identity}', {'title': f'number {number}', 'body': f'of{identity}'})
            if status not in (200, 201):
                self.counts['unknown'] += 1
                time.sleep(0.05)
                continue
            self.counts['answered'] += 1
            self.answered[identity] = number
            self.read(chance.choice(self.nodes), identity, number, answer['revision'])
            status, _ = self.source.ask('PUT', f'/documents/{identity}-{number}', {'title': f'number {number}'})
            if status == 201:
                self.answered[f'{identity}-{number}'] = number

    def read(self, node, identity, number, revision):
        status, answer = node.ask('GET', f'/search?q=of{identity}&min_revision={revision}&timeout=2s&limit=1')
        if status != 200 or answer['revision'] < revision:
            self.counts['late'] += 1  # it says that it has not come so far
            return
        self.counts['reads'] += 1
        shown = int(answer['hits'][0]['document']['title'].split()[1]) if answer['hits'] else 0
        if shown < number:
            self.faults.append(f'{node.host.name} shows number {shown} of {identity} at revision {answer["revision"]}: {number} was answered at {revision}')

    # ---- Faults; each is over when it returns ----

    def kill(self):
        node = self.chance.choice(self.nodes)
        node.process.kill()
        time.sleep(self.chance.uniform(0, 1))
        node.process.start()

    def pause(self):
        node = self.chance.choice(self.nodes)
        node.process.pause()
        time.sleep(self.chance.uniform(0.2, 2))
        node.process.go_on()

    def part(self):
        node = self.chance.choice(self.nodes)
        self.net.part([node.host], [other.host for other in self.nodes if other is not node])
        time.sleep(self.chance.uniform(0.5, 3))
        self.net.heal()

    def unplug(self):
        node = self.chance.choice(self.nodes)
        node.host.unplug()
        time.sleep(self.chance.uniform(0.2, 2))
        node.host.plug()

    def trouble(self, seconds):
        threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                self.chance.choice([self.kill, self.pause, self.part, self.unplug])()
                time.sleep(self.chance.uniform(0.1, 1))
        finally:
            self.ends.set()
            for thread in threads:
                thread.join(WAIT_S)

    def lacks(self, documents):
        return [f'{identity}: {documents.get(identity)}, {number} was answered' for identity, number in self.answered.items()
                if int(documents.get(identity, 'number 0').split()[1]) < number]

    @tap.timeout(300)
    def test_nothing_that_was_answered_is_lost_and_no_read_is_older_than_it_says(self):
        print(f'# LEDE_SEED={SEED}', flush=True)
        self.trouble(SECONDS)
        print('# ' + ', '.join(f'{number} {what}' for what, number in self.counts.items()), flush=True)
        self.assertEqual(self.faults, [])
        self.assertGreater(self.counts['answered'], 10)
        self.assertGreater(self.counts['reads'], 10)
        place = self.source.wait('the source', lambda state: True)
        for copy in self.copies:
            copy.wait('the end of the log', lambda state: state['position'] >= place['position'])
        everywhere = [node.documents() for node in self.nodes]
        self.assertEqual(self.lacks(everywhere[0]), [])
        self.assertEqual([documents == everywhere[0] for documents in everywhere], [True] * 3)

    @tap.timeout(300)
    def test_what_was_answered_is_in_the_foremost_copy_when_the_server_is_lost(self):
        print(f'# LEDE_SEED={SEED}', flush=True)
        lost = threading.Timer(SECONDS / 2, self.source.process.kill)
        self.nodes = self.copies  # the source is killed once, for good
        threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        lost.start()
        until = time.monotonic() + SECONDS / 2 + 1
        while time.monotonic() < until:
            self.chance.choice([self.kill, self.pause, self.part, self.unplug])()
            time.sleep(self.chance.uniform(0.1, 0.5))
        self.ends.set()
        for thread in [*threads, lost]:
            thread.join(WAIT_S)
        print('# ' + ', '.join(f'{number} {what}' for what, number in self.counts.items()), flush=True)
        places = [copy.wait('the copy', lambda state: True)['position'] for copy in self.copies]
        foremost = self.copies[places.index(max(places))]
        self.assertEqual(foremost.ask('POST', '/replication/promote')[0], 200)
        self.assertEqual(self.faults, [])
        self.assertEqual(self.lacks(foremost.documents()), [])
        self.assertEqual(foremost.ask('PUT', '/documents/new', {'title': 'number 1'})[0], 201)


if __name__ == '__main__':
    missing = network.what_is_missing('nft') if LEDE else 'LEDE_BINARY names no program'
    if missing:
        tap.skip_all(missing)
    tap.main(globals())
