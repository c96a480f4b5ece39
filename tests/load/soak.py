#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""soak.py LEDE [--minutes N] [--seed N] [--writers N] [--readers N]

Reading, writing, reloading (SIGHUP), stopping and killing (-9), for so long, on a directory of its own. Each writer has ids of its own and
remembers what was answered; what was under way when the server died may be there or not, and is looked up. Every few seconds all pause and
everything is held against what writers remember: each document by its id, by search of the word that its last version alone has, by totals,
facets and deletions. In the first half the server is killed and stopped again and again; in the second one process lives, and its
descriptors, threads and memory are measured while all pause. It ends with a kill, a start, and a last look.

Exits 0 where nothing was lost or wrong and the second half is flat."""
import argparse
import contextlib
import glob
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
QUERIES = os.path.join(os.path.dirname(HERE), 'bench', 'queries.txt')
SAMPLE = os.path.join(os.path.dirname(HERE), 'data', 'news.ndjson')
NDJSON = {'Content-Type': 'application/x-ndjson'}
JSON = {'Content-Type': 'application/json'}
IDS_A_WRITER = 300
WAIT_S = 300  # for a start, an answer, a stop
LOOK_EVERY_S = 10
BUSY = (429, 503)
WORDS = 'harbour ferry budget minister storm election border strike verdict rescue harvest tunnel museum glacier parliament orchestra'.split()
PATHS = ['/search?q={q}', '/search?q={q}&facets=source,section&histogram=day', '/search?q={q}&sort=newest&limit=50&format=html&highlight=title,body',
         '/suggest?q={q}', '/search.rss?q={q}', '/search.csv?q={q}&limit=100', '/search?q={q}&collapse=story&explain=true', '/documents/{id}/similar',
         '/documents/{id}', '/stats', '/metrics', '/search?q={q}&match=any&expand=feedback', '/search?q=e*+NEAR/5+a*&timeout=200ms']


class Wrong(Exception):
    """A promise that was broken."""


class Server:
    """The program, its connections, and what it takes."""

    def __init__(self, lede, home):
        self.lede, self.home, self.data = lede, home, os.path.join(home, 'data')
        self.starts, self.process, self.port = 0, None, 0
        self.start()

    def start(self):
        environment = dict(os.environ, LEDE_LOG_LEVEL='warning', LEDE_SERVER_CONNECTIONS='256', LEDE_SERVER_DOCUMENT_CACHE='16MiB',
                           LEDE_SERVER_ANSWER_CACHE='4MiB')  # small, so that what fills them is not taken for growth
        with open(os.path.join(self.home, 'log'), 'ab') as log:
            self.process = subprocess.Popen([self.lede, 'serve', '--data', self.data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE,
                                            stderr=log, text=True, env=environment)
        found = re.search(r':(\d+)$', self.process.stdout.readline().rstrip())
        if not found:
            raise Wrong('the server did not start: ' + self.log_end())
        self.port = int(found[1])
        self.starts += 1

    def end(self, how):
        """Kill it, or stop it; a stop has to be a good one."""
        self.process.send_signal(how)
        code = self.process.wait(WAIT_S)
        self.process.stdout.close()
        if how == signal.SIGTERM and code != 0:
            raise Wrong(f'it ended with {code} on SIGTERM: {self.log_end()}')

    def check_alive(self):
        if self.process.poll() is not None:
            raise Wrong(f'it died by itself, {self.process.returncode}: {self.log_end()}')

    def log_end(self):
        with open(os.path.join(self.home, 'log'), errors='replace', encoding='utf-8') as file:
            return '\n'.join(file.read().splitlines()[-40:])

    def takes(self):
        """Descriptors, threads, MiB of memory, files and MiB of the data directory."""
        at = f'/proc/{self.process.pid}'
        with open(f'{at}/status', encoding='ascii') as file:
            facts = dict(line.split(':', 1) for line in file)
        sizes = []
        for path in glob.glob(self.data + '/**', recursive=True):
            with contextlib.suppress(OSError):  # a merge may remove it
                sizes.append(os.path.getsize(path))
        return {'descriptors': len(os.listdir(f'{at}/fd')), 'threads': int(facts['Threads']), 'memory_mib': int(facts['VmRSS'].split()[0]) / 1024,
                'files': len(sizes), 'disk_mib': sum(sizes) / 2**20}


class World:
    """What all threads share: the server, when it may be asked, and what went wrong."""

    def __init__(self, server):
        self.server, self.faults = server, []
        self.changed = threading.Condition()
        self.paused, self.busy, self.is_over = False, 0, False
        self.counts = {}

    def count(self, what, by=1):
        with self.changed:
            self.counts[what] = self.counts.get(what, 0) + by

    @contextlib.contextmanager
    def turn(self):
        """A step of a worker; none is taken while all pause."""
        with self.changed:
            while self.paused and not self.is_over:
                self.changed.wait(1)
            self.busy += 1
        try:
            yield
        finally:
            with self.changed:
                self.busy -= 1
                self.changed.notify_all()

    @contextlib.contextmanager
    def pause(self):
        with self.changed:
            self.paused = True
            end = time.monotonic() + 2 * WAIT_S
            while self.busy > 0:
                self.changed.wait(1)
                if time.monotonic() > end:
                    raise Wrong(f'{self.busy} requests have no answer')
        try:
            yield
        finally:
            with self.changed:
                self.paused = False
                self.changed.notify_all()

    def work(self, step):
        """A thread's life: steps until the end, or until something is wrong."""
        while not self.is_over:
            try:
                with self.turn():
                    if not self.is_over:
                        step()
            except Exception as fault:  # noqa: BLE001: whatever it is ends the soak
                self.faults.append(f'{step.__self__.__class__.__name__}: {fault.__class__.__name__}: {fault}')
                self.is_over = True


class Client:
    """A connection that is kept. `rng` is its own, so that a seed says what it asks."""

    def __init__(self, world, rng):
        self.world, self.rng = world, rng
        self.connection, self.port = None, 0

    def ask(self, method, path, body=None, headers=None):
        """Status and body; (0, b'') where the server went away."""
        if self.port != self.world.server.port or not self.connection:
            self.port = self.world.server.port
            self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=WAIT_S)
        try:
            self.connection.request(method, path, body, headers or {})
            answer = self.connection.getresponse()
            data = answer.read()
            self.world.count(f'{answer.status}')
            return answer.status, data
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            self.world.count('broken off')
            time.sleep(0.05)
            return 0, b''

    def get(self, path):
        """The JSON of an answer that must come, and be whole, whatever is in between; None for 404."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and not self.world.faults:
            status, data = self.ask('GET', path)
            answer = json.loads(data) if status == 200 else {}
            if status == 200 and not answer.get('timed_out'):
                return answer
            if status == 200:
                status = 503
                self.world.count('timed out')
            if status == 404:
                return None
            if status not in (0, *BUSY):
                raise Wrong(f'GET {path}: {status} {data[:300]}')
            time.sleep(0.05)
        raise Wrong(f'GET {path}: no whole answer in {WAIT_S} s, or another thread met a fault')


class Writer(Client):
    """Writes to ids of its own. `known` has the word of each id's last version, None where it is deleted or never was."""

    def __init__(self, world, rng, number):
        super().__init__(world, rng)
        self.number, self.version = number, 0
        self.known = {f'w{number}-{i}': None for i in range(IDS_A_WRITER)}
        self.perhaps = {}  # id: what it may be beside that

    def word(self):
        self.version += 1
        return f'zq{self.number}x{self.version}'

    def document(self, identity, word):
        text = ' '.join(self.rng.choices(WORDS, k=self.rng.randint(5, 200)))
        return {'id': identity, 'title': f'{word} {self.rng.choice(WORDS)}', 'body': text, 'source': f'writer{self.number}', 'section': identity[-1],
                'published': f'2024-0{self.rng.randint(1, 9)}-1{self.rng.randint(0, 9)}T00:00:00Z'}

    def note(self, changes, status, good):
        """What a write came to; one that got no good answer may have been done."""
        if status in good:
            self.known.update(changes)
        elif status == 0 or status in BUSY:
            for identity, word in changes.items():
                self.perhaps.setdefault(identity, {self.known[identity]}).add(word)
        else:
            raise Wrong(f'a write of {len(changes)} was answered {status}')

    def step(self):
        if self.perhaps:
            self.resolve()
        self.rng.choices([self.put, self.bulk, self.lasting_bulk, self.delete, self.delete_many, self.patch, self.delete_by_query],
                         [40, 25, 5, 10, 5, 10, 5])[0]()

    def resolve(self):
        """What was under way when the server went: each id is one of what it may be."""
        for identity, words in sorted(self.perhaps.items()):
            found = self.get(f'/documents/{identity}')
            word = found['title'].split()[0] if found else None
            if word not in words:
                raise Wrong(f'{identity} is {word}, and may be one of {words}')
            self.known[identity] = word
        self.world.count('looked up', len(self.perhaps))
        self.perhaps = {}

    def choose(self, most):
        return self.rng.sample(sorted(self.known), self.rng.randint(1, most))

    def put(self):
        identity, word = self.choose(1)[0], self.word()
        status, _ = self.ask('PUT', f'/documents/{identity}', json.dumps(self.document(identity, word)).encode(), JSON)
        before = self.known[identity]
        self.note({identity: word}, status, (200, 201))
        if status in (200, 201) and self.rng.random() < .3:
            self.check_found(word, identity)
            if before:
                self.check_found(before, None)

    def check_found(self, word, identity):
        """An answered write is found at once, and what it replaced is not."""
        hits = [hit['id'] for hit in self.get(f'/search?q={word}&fields=id&spell=off')['hits']]
        if hits != ([identity] if identity else []):
            raise Wrong(f'{word} finds {hits}, expected {identity}')

    def send_bulk(self, parameters, good):
        changes = {identity: self.word() for identity in self.choose(100)}
        body = ''.join(json.dumps(self.document(identity, word)) + '\n' for identity, word in changes.items())
        status, data = self.ask('POST', '/documents' + parameters, body.encode(), NDJSON)
        if status in good and json.loads(data)['failed'] != 0:
            raise Wrong(f'a bulk failed in part: {data[:300]}')
        self.note(changes, status, good)

    def bulk(self):
        self.send_bulk(self.rng.choice(['', '?atomic=true']), (200,))

    def lasting_bulk(self):
        self.send_bulk('?wait=durable', (202,))
        self.check_searchable()

    def check_searchable(self):
        """What only lasts is searchable once a later write is."""
        identity, word = self.choose(1)[0], self.word()
        status, _ = self.ask('PUT', f'/documents/{identity}', json.dumps(self.document(identity, word)).encode(), JSON)
        self.note({identity: word}, status, (200, 201))

    def delete(self):
        identity = self.choose(1)[0]
        status, _ = self.ask('DELETE', f'/documents/{identity}')
        self.note({identity: None}, status, (204, 404))

    def delete_many(self):
        chosen = self.choose(30)
        body = ''.join(json.dumps({'id': identity}) + '\n' for identity in chosen)
        status, _ = self.ask('POST', '/documents?op=delete', body.encode(), NDJSON)
        self.note(dict.fromkeys(chosen), status, (200, 207, 422))

    def patch(self):
        identity, word = self.choose(1)[0], self.word()
        if not self.known[identity]:
            return
        status, _ = self.ask('PATCH', f'/documents/{identity}', json.dumps({'title': f'{word} patched'}).encode(),
                             {'Content-Type': 'application/merge-patch+json'})
        self.note({identity: word}, status, (200,))

    def delete_by_query(self):
        identity = self.choose(1)[0]
        word = self.known[identity]
        if not word or self.perhaps:
            return
        status, _ = self.ask('POST', '/documents/delete', json.dumps({'q': f'title:{word}', 'confirm': 1}).encode(), JSON)
        if status != 412:  # what lasts may not be searchable yet
            self.note({identity: None}, status, (200,))

    def check_all(self):
        """Everything, while nobody writes."""
        if self.perhaps:
            self.resolve()
        live = {identity: word for identity, word in self.known.items() if word}
        answer = self.get(f'/search?source=writer{self.number}&limit=1000&fields=id,title&highlight=none&facets=section&cache=0&timeout=30s')
        found = {hit['id']: hit['document']['title'].split()[0] for hit in answer['hits']}
        if found != live or answer['total']['value'] != len(live):
            lost = {identity: word for identity, word in live.items() if found.get(identity) != word}
            raise Wrong(f'of {len(live)} documents {len(found)} are found; lost {list(lost.items())[:5]}, more {sorted(set(found) - set(live))[:5]}')
        if sum(value['count'] for value in answer['facets']['section']) != len(live):
            raise Wrong(f'facets do not add up to {len(live)}: {answer["facets"]}')
        for identity in self.rng.sample(sorted(self.known), 10):
            document = self.get(f'/documents/{identity}')
            if (document and document['title'].split()[0]) != self.known[identity]:
                raise Wrong(f'{identity} is {document}, expected {self.known[identity]}')
            if self.known[identity]:
                self.check_found(self.known[identity], identity)
        return len(live)


class Reader(Client):
    """Asks whatever there is; an answer is an answer, a refusal one that may be."""

    def __init__(self, world, rng, writers):
        super().__init__(world, rng)
        with open(QUERIES, encoding='utf-8') as file:
            self.queries = [line.strip() for line in file if line.strip()] + WORDS
        self.identities = [identity for writer in writers for identity in writer.known]

    def step(self):
        path = self.rng.choice(PATHS).format(q=urllib.parse.quote(self.rng.choice(self.queries)), id=self.rng.choice(self.identities))
        status, data = self.ask('GET', path)
        if status not in (0, 200, 404, *BUSY) or (status == 404 and not path.startswith('/documents/')):
            raise Wrong(f'GET {path}: {status} {data[:300]}')
        if status == 200 and path.startswith('/search?'):
            answer = json.loads(data)
            if answer['total']['value'] < len(answer['hits']):
                raise Wrong(f'GET {path}: {len(answer["hits"])} hits of {answer["total"]}')


def slope(values):
    """By least squares, a step."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((i - middle) ** 2 for i in range(len(values)))
    return sum((i - middle) * (value - mean) for i, value in enumerate(values)) / spread if spread else 0


class Soak:
    def __init__(self, arguments, home):
        rng = random.Random(arguments.seed)
        self.rng, self.seconds = random.Random(rng.random()), arguments.minutes * 60
        self.world = World(Server(arguments.lede, home))
        self.writers = [Writer(self.world, random.Random(rng.random()), number) for number in range(arguments.writers)]
        self.readers = [Reader(self.world, random.Random(rng.random()), self.writers) for _ in range(arguments.readers)]
        self.looks = []  # of the second half: (seconds, what it takes)

    def load_sample(self):
        with open(SAMPLE, 'rb') as file:
            status, data = Client(self.world, self.rng).ask('POST', '/documents', file.read(), NDJSON)
        if status != 200:
            raise Wrong(f'the sample was answered {status} {data[:300]}')

    def look(self, started, measures):
        with self.world.pause():
            live = sum(writer.check_all() for writer in self.writers)
            time.sleep(.2)
            takes = self.world.server.takes()
        self.world.count('looks')
        if measures:
            self.looks.append((time.monotonic() - started, takes))
        print(f'{time.monotonic() - started:7.0f} s  {live} documents, ' + ', '.join(f'{name} {value:.0f}' for name, value in takes.items()), flush=True)

    def disturb(self, is_first_half):
        how = self.rng.choice([signal.SIGHUP, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM] if is_first_half else [signal.SIGHUP])
        self.world.count(how.name)
        self.world.server.check_alive()
        if how == signal.SIGHUP:
            self.world.server.process.send_signal(how)
        else:
            self.world.server.end(how)
            self.world.server.start()

    def run(self):
        started = time.monotonic()
        self.load_sample()
        threads = [threading.Thread(target=self.world.work, args=(worker.step,), daemon=True) for worker in (*self.writers, *self.readers)]
        for thread in threads:
            thread.start()
        look_every_s = min(LOOK_EVERY_S, self.seconds / 8)
        next_look = time.monotonic() + look_every_s
        while time.monotonic() - started < self.seconds and not self.world.faults:
            passed = time.monotonic() - started
            time.sleep(self.rng.uniform(.2, 1) * look_every_s / 3)
            self.disturb(passed < self.seconds / 2)
            if time.monotonic() >= next_look:
                self.look(started, passed >= self.seconds / 2)
                next_look = time.monotonic() + look_every_s
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.world.pause())
            self.world.is_over = True
        for thread in threads:
            thread.join(WAIT_S)
        if not self.world.faults:
            self.last_look(started)

    def last_look(self, started):
        for how in (signal.SIGKILL, signal.SIGTERM):
            self.world.server.end(how)
            self.world.server.start()
            live = sum(writer.check_all() for writer in self.writers)
            print(f'{time.monotonic() - started:7.0f} s  {live} documents are there after {how.name}', flush=True)
        self.world.server.end(signal.SIGTERM)

    def verdict(self):
        """What grew in the second half. The first quarter of it is for caches to fill."""
        looks = self.looks[len(self.looks) // 4:]
        allowed = {'descriptors': .25, 'threads': .05, 'memory_mib': .15, 'files': .5}
        print('requests: ' + ', '.join(f'{what} {count}' for what, count in sorted(self.world.counts.items())))
        for name, share in allowed.items() if len(looks) >= 3 else ():
            values = [takes[name] for _, takes in looks]
            grown = slope(values) * (len(values) - 1)
            hours = (looks[-1][0] - looks[0][0]) / 3600
            print(f'{name}: {values[0]:.0f} … {values[-1]:.0f} (least {min(values):.0f}, most {max(values):.0f}), slope {grown / hours:+.1f} an hour')
            if grown > max(share * values[0], 8) and len(looks) >= 12:
                self.world.faults.append(f'{name} grew by {grown:.0f} within {hours * 60:.0f} minutes')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('--minutes', type=float, default=30)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument('--writers', type=int, default=3)
    parser.add_argument('--readers', type=int, default=4)
    arguments = parser.parse_args()
    print(f'seed {arguments.seed}', flush=True)
    home = tempfile.mkdtemp(prefix='lede-soak-')
    soak = None
    try:
        soak = Soak(arguments, home)
        try:
            soak.run()
        except Wrong as fault:
            soak.world.faults.append(str(fault))
        soak.verdict()
        for fault in soak.world.faults:
            print('WRONG: ' + fault)
        if soak.world.faults:
            print(soak.world.server.log_end())
        return 1 if soak.world.faults else 0
    finally:
        if soak:
            soak.world.is_over = True
            if soak.world.server.process.poll() is None:
                soak.world.server.process.kill()
                soak.world.server.process.wait(WAIT_S)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
