# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers of every kind, and what must be there after what was answered.

A writer is a thread with ids of its own and one request under way. For each id it holds the states that may be: one after an answer,
two where an answer failed or never came. A document of version 7 says `v7w3` in its title, so a search can tell versions apart; its
body is kept, too."""
import http.client
import json
import random
import threading
import time
import urllib.parse

ABSENT = None
REQUEST_S = 60
SETTLE_S = 10  # until what lasts is found, too


class Lost(Exception):
    """There was no answer."""


STREAM_PARTS = 4


def in_parts(body, pause):
    """A body that streams: what comes later comes when others have been taken in."""
    size = len(body) // STREAM_PARTS + 1
    for at in range(0, len(body), size):
        if at:
            pause()
        yield body[at:at + size]


class Writer(threading.Thread):
    def __init__(self, number, seed, ids):
        super().__init__(daemon=True)
        self.number = number
        self.random = random.Random(f'{seed}-{number}')
        self.states = {f'w{number}-{n}': {ABSENT} for n in range(ids)}
        self.texts = {}        # the body of each version
        self.groups = []       # atomic bodies that were not answered: (before, after) of each id
        self.version = 0
        self.port = 0
        self.go_on = threading.Event()
        self.answered = 0
        self.refused = {}      # status: how often
        self.failures = []
        self.fresh = True
        self.is_durable_only = False  # something was answered that need not be found yet

    # ---- Asking ----

    def ask(self, method, path, body=None, kind='application/json'):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=REQUEST_S)
        try:
            connection.request(method, path, body=body, headers={'Content-Type': kind} if body is not None else {})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException) as why:
            raise Lost(str(why)) from why
        finally:
            connection.close()

    def as_sent(self, identity, version):
        return {'id': identity, 'title': f'v{version}w{self.number}', 'tags': [f'w{self.number}'], 'language': 'en',
                'published': '2022-01-19T00:00:00Z', 'body': self.texts[version]}

    def document(self, identity, body=None, size=None):
        """The next version; `body`: a patch leaves the one that there was."""
        self.version += 1
        self.texts[self.version] = body or 'the council heard of granite ' * (size or self.random.choice((1, 5, 60))) + f'b{self.version}'
        return self.version, self.as_sent(identity, self.version)

    def state(self, identity):
        """Of one that is settled."""
        return next(iter(self.states[identity]))

    def settled(self, count):
        """Ids whose state is known, at most so many."""
        known = [identity for identity, states in self.states.items() if len(states) == 1]
        return self.random.sample(known, min(count, len(known)))

    def present(self, count):
        return [identity for identity in self.settled(10000) if self.states[identity] != {ABSENT}][:count]

    def attempt(self, after, request, done, refused=()):
        """Send; `after` is what each id is then. A refusal (4xx) changes nothing; no answer, or 5xx, leaves both."""
        before = {identity: set(self.states[identity]) for identity in after}
        for identity, state in after.items():
            self.states[identity] = before[identity] | {state}
        status, body = request()
        if status in done:
            for identity, state in after.items():
                self.states[identity] = {state}
            self.answered += 1
            return True
        self.refused[status] = self.refused.get(status, 0) + 1
        if status < 500 and status not in refused:
            self.failures.append(f'{status} was not expected: {body[:300]}')
        return False

    # ---- Kinds of writes ----

    def put(self):
        for identity in self.settled(1):
            version, document = self.document(identity)
            self.attempt({identity: version}, lambda: self.ask(
                'PUT', '/documents/' + identity, json.dumps(document)), (200, 201))

    def reput(self):
        """As it is there: nothing changes, and that lasts, too."""
        for identity in self.present(1):
            version = self.state(identity)
            self.attempt({identity: version}, lambda: self.ask(
                'PUT', '/documents/' + identity, json.dumps(self.as_sent(identity, version))), (200,))

    def send(self, after, lines, wait, atomic=False, pause=None, operation='index'):
        """A bulk of lines. pause: called between the parts of what is then a stream."""
        before = {identity: self.state(identity) for identity in after}
        if not after:
            return
        query = urllib.parse.urlencode({'wait': wait, 'op': operation, **({'atomic': 'true'} if atomic else {})})
        body = ('\n'.join(lines) + '\n').encode()
        done = False
        try:
            self.is_durable_only = self.is_durable_only or wait == 'durable'
            done = self.attempt(after, lambda: self.ask(
                'POST', '/documents?' + query, in_parts(body, pause) if pause else body, 'application/x-ndjson'), (200, 202))
        finally:
            if atomic and not done:
                self.groups.append((before, after))

    def bulk(self, atomic=False, wait=None, count=None, pause=None):
        """What streams has a batch in each part."""
        after, lines = {}, []
        for identity in self.settled(count or self.random.randint(2, 14)):
            version, document = self.document(identity, size=150 if pause else None)
            after[identity] = version
            lines.append(json.dumps(document))
        self.send(after, lines, wait or self.random.choice(('durable', 'searchable')), atomic, pause)

    def rebulk(self):
        """All as it is there."""
        after = {identity: self.state(identity) for identity in self.present(self.random.randint(1, 8))}
        lines = [json.dumps(self.as_sent(identity, version)) for identity, version in after.items()]
        self.send(after, lines, self.random.choice(('durable', 'searchable')))

    def delete_lines(self):
        after = {identity: ABSENT for identity in self.present(2)}
        self.send(after, [json.dumps({'id': identity}) for identity in after], 'searchable', operation='delete')

    def atomic(self):
        self.bulk(atomic=True)

    def refused_atomic(self):
        """One of its lines is no document: nothing may be stored."""
        lines = [json.dumps(self.document(identity)[1]) for identity in self.settled(5)] + ['{"id": "no-text"}']
        status, body = self.ask('POST', '/documents?atomic=true', '\n'.join(lines) + '\n', 'application/x-ndjson')
        self.refused[status] = self.refused.get(status, 0) + 1
        if status != 422 and status < 500:
            self.failures.append(f'an atomic body with a bad line: {status} {body[:200]}')

    def delete(self):
        for identity in self.present(1):
            self.attempt({identity: ABSENT}, lambda: self.ask('DELETE', '/documents/' + identity), (200, 204))

    def patch(self):
        for identity in self.present(1):
            version, document = self.document(identity, self.texts[self.state(identity)])
            self.attempt({identity: version}, lambda: self.ask(
                'PATCH', '/documents/' + identity, json.dumps({'title': document['title']}),
                'application/merge-patch+json'), (200,))

    def delete_by_query(self):
        """412: what lasts is not searchable yet, so that none matches."""
        for identity in self.present(1):
            title = f'v{self.state(identity)}w{self.number}'
            self.attempt({identity: ABSENT}, lambda: self.ask(
                'POST', '/documents/delete', json.dumps({'q': f'title:{title}', 'tag': f'w{self.number}', 'confirm': 1})), (200,), (412,))

    KINDS = (put, put, reput, bulk, bulk, rebulk, atomic, atomic, refused_atomic, delete, delete_lines, patch, delete_by_query)

    def run(self):
        """Until there is no answer, or it is told to stop."""
        try:
            while self.go_on.is_set():
                self.random.choice(self.KINDS)(self)
        except Lost:
            pass

    def again(self):
        """A thread runs once: its heir, with what it knows."""
        heir = Writer(self.number, self.random.random(), 0)
        heir.states, heir.texts, heir.version = self.states, self.texts, self.version
        heir.answered, heir.refused, heir.groups = self.answered, self.refused, self.groups
        return heir


class Writers:
    def __init__(self, count, seed, ids=40):
        self.all = [Writer(n, seed, ids) for n in range(count)]

    def start(self, port):
        self.all = [writer.again() for writer in self.all]
        for writer in self.all:
            writer.port = port
            writer.go_on.set()
            writer.start()

    def stop(self):
        for writer in self.all:
            writer.go_on.clear()
        for writer in self.all:
            writer.join(REQUEST_S + 10)
            assert not writer.is_alive(), 'a writer hangs'
        failures = [failure for writer in self.all for failure in writer.failures]
        assert not failures, failures[:3]

    @property
    def answered(self):
        return sum(writer.answered for writer in self.all)

    def refusals(self):
        total = {}
        for writer in self.all:
            for status, count in writer.refused.items():
                total[status] = total.get(status, 0) + count
        return total

    # ---- What is there ----

    def check(self, lede, sample=2):
        """Compare with a server that rests; what is found is what later checks expect."""
        present = 0
        for writer in self.all:
            found, documents = self.settle(lede, writer)
            actual = {}
            for identity, states in writer.states.items():
                document = documents[identity]
                state = self.version_of(document)
                assert state in states, f'{identity}: found {state}, expected one of {states}'
                assert state is ABSENT or document['body'] == writer.texts[state], f'{identity}: another body than that of version {state}'
                assert found.get(identity) == state, f'{identity}: {state} by id, {found.get(identity)} by search'
                actual[identity] = state
            for before, after in writer.groups:
                self.check_group(before, after, actual)
            present += sum(state is not ABSENT for state in actual.values())
            for identity in list(found)[:sample]:
                word = f'v{found[identity]}w{writer.number}'
                assert lede.ids(f'title:{word}') == [identity], f'{word}: {lede.ids(word)}'
            writer.states = {identity: {state} for identity, state in actual.items()}
            writer.groups = []
        total = lede.total()
        assert total == present, f'{total} documents in all, {present} expected'
        return present

    @staticmethod
    def version_of(document):
        return int(document['title'][1:].split('w')[0]) if document else ABSENT

    def settle(self, lede, writer):
        """What is found by search and by id. What was answered as durable alone may come a little later."""
        end = time.monotonic() + (SETTLE_S if writer.is_durable_only else 0)
        while True:
            found, documents = self.by_search(lede, writer), self.by_id(lede, writer.states)
            is_there = all(found.get(identity, ABSENT) in states and found.get(identity, ABSENT) == self.version_of(documents[identity])
                           for identity, states in writer.states.items())
            if is_there or time.monotonic() >= end:
                writer.is_durable_only = False
                return found, documents
            time.sleep(0.02)

    @staticmethod
    def by_id(lede, identities):
        """Each fetched alone, on one connection."""
        connection = http.client.HTTPConnection('127.0.0.1', lede.port, timeout=REQUEST_S)
        documents = {}
        for identity in identities:
            connection.request('GET', '/documents/' + identity)
            reply = connection.getresponse()
            body = reply.read()
            assert reply.status in (200, 404), f'{identity}: {reply.status} {body[:200]}'
            documents[identity] = json.loads(body) if reply.status == 200 else None
        connection.close()
        return documents

    @staticmethod
    def by_search(lede, writer):
        hits = lede.search('', tag=f'w{writer.number}', limit=1000, fields='title', highlight='none')['hits']
        found = {}
        for hit in hits:
            assert hit['id'] not in found, f"{hit['id']} is found twice"
            found[hit['id']] = int(hit['document']['title'][1:].split('w')[0])
        return found

    @staticmethod
    def check_group(before, after, actual):
        """A later write may have gone over some; the others are all new, or all old."""
        new = [identity for identity in after if actual[identity] == after[identity]]
        old = [identity for identity in after if actual[identity] == before[identity]]
        assert not (new and old), f'an atomic body is there in part: {new} new, {old} old'


class Backups(threading.Thread):
    """Backups of one name, one after another, while others write."""

    def __init__(self, seed, before=None):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.port = 0
        self.go_on = threading.Event()
        self.answered = before.answered if before else 0
        self.revision = before.revision if before else 0  # that the last one answered holds
        self.failures = []

    def run(self):
        try:
            while self.go_on.is_set():
                connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=REQUEST_S)
                connection.request('POST', '/backup', json.dumps({'name': 'backup'}), {'Content-Type': 'application/json'})
                reply = connection.getresponse()
                body = reply.read()
                connection.close()
                if reply.status == 200:
                    self.answered += 1
                    self.revision = json.loads(body)['revision']
                elif reply.status < 500:
                    self.failures.append(f'{reply.status} was not expected: {body[:300]}')
                time.sleep(self.random.uniform(0, 0.1))
        except (OSError, http.client.HTTPException):
            pass

    def stop(self):
        self.go_on.clear()
        self.join(REQUEST_S + 10)
        assert not self.is_alive(), 'a backup hangs'
        assert not self.failures, self.failures[:3]
