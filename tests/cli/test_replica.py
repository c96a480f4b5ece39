# SPDX-License-Identifier: GPL-2.0-or-later
"""lede serve --follow: a copy has what its source has, whatever is killed meanwhile; it serves while the source is away, begins anew where
the log is not kept, and is promoted."""
import json
import os
import random
import select
import signal
import threading
import time
import urllib.error
import urllib.request

from program import Case, NEWS, Server, WAIT_S, environment, run, wait_until
import tap

SEED = int(os.environ.get('LEDE_SEED') or random.randrange(1 << 32))


def ask(server, method, path, document=None, headers=()):
    """(status, JSON or text, headers)"""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(server.url + path, body, {'Content-Type': 'application/json', **dict(headers)}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def put(server, identity, **document):
    return ask(server, 'PUT', '/documents/' + identity, document)


def documents(server):
    """All that is there, by id."""
    status, text, _ = ask(server, 'GET', '/export.ndjson?sort=newest')
    if status != 200:
        raise AssertionError(text)
    return {json.loads(line)['id']: line for line in text.splitlines()}


def state(server):
    return json.loads(ask(server, 'GET', '/replication')[1])


class Copies(Case):
    def setUp(self):
        super().setUp()
        self.servers = []
        self.addCleanup(self.stop_all)

    def stop_all(self):
        for server in self.servers:
            server.__exit__()

    def serve(self, name, *arguments, port=None, **settings):
        listen = ['--listen', f'127.0.0.1:{port}'] if port else []
        server = Server('--data', os.path.join(self.directory, name), *listen, *arguments, env=environment(**settings))
        self.servers.append(server)
        return server

    def port(self, server):
        return int(server.url.rsplit(':', 1)[1])

    def caught_up(self, source, copy):
        wait_until(lambda: state(copy)['position'] == state(source)['position'] and state(copy)['revision'] == state(source)['revision'],
                   'the copy to have what the source has')

    def same(self, source, copy):
        self.caught_up(source, copy)
        self.assertEqual(documents(source), documents(copy))

    def test_a_copy_has_what_its_source_has_within_a_second(self):
        source = self.serve('source')
        self.assertEqual(run('import', '--url', source.url, NEWS)[0], 0)
        copy = self.serve('copy', '--follow', source.url)
        self.same(source, copy)
        self.assertGreater(len(documents(copy)), 10)
        some = next(iter(documents(source)))
        for number in range(20):
            answer = json.loads(put(source, 'new', title=f'number {number}')[1])
            began = time.monotonic()
            found = json.loads(ask(copy, 'GET', f'/search?q={number}&min_revision={answer["revision"]}&timeout=5s')[1])
            self.assertLess(time.monotonic() - began, 5)
            self.assertGreaterEqual(found['revision'], answer['revision'])
            self.assertIn('new', [hit['id'] for hit in found['hits']])
            self.assertIn(f'number {number}"', ask(copy, 'GET', '/documents/new')[1])
        self.assertEqual(ask(source, 'PATCH', f'/documents/{some}', {'section': 'patched'})[0], 200)
        self.assertEqual(ask(source, 'DELETE', '/documents/new')[0], 204)
        self.same(source, copy)
        self.assertEqual(ask(source, 'GET', f'/documents/{some}')[2]['ETag'], ask(copy, 'GET', f'/documents/{some}')[2]['ETag'])
        self.assertEqual(json.loads(ask(source, 'GET', '/search?q=the&facets=source,section')[1])['facets'],
                         json.loads(ask(copy, 'GET', '/search?q=the&facets=source,section')[1])['facets'])
        ready = json.loads(ask(copy, 'GET', '/health/ready')[1])
        self.assertEqual((ready['source'], ready['connected']), (source.url, True))
        self.assertLess(ready['behind_s'], 1)
        self.assertEqual([follower['behind_bytes'] for follower in state(source)['followers']], [0])

    def test_a_copy_takes_no_writes_until_it_is_promoted(self):
        source = self.serve('source')
        put(source, 'a', title='a ferry')
        copy = self.serve('copy', '--follow', source.url)
        for status, text, _ in (put(copy, 'b', title='b'), ask(copy, 'DELETE', '/documents/a'), ask(copy, 'PATCH', '/documents/a', {'title': 'x'}),
                                ask(copy, 'POST', '/documents/delete', {'q': 'ferry', 'confirm': 1})):
            self.assertEqual((status, json.loads(text)['type']), (403, '/problems/read-only'))
        self.assertEqual(ask(source, 'POST', '/replication/promote')[0], 409)
        self.assertEqual(run('promote', '--url', copy.url)[:2], (0, 'promoted: it takes writes\n'))
        self.assertEqual(put(copy, 'b', title='b')[0], 201)
        put(source, 'c', title='c')
        time.sleep(0.3)
        self.assertEqual(set(documents(copy)), {'a', 'b'})
        self.assertNotIn('source', json.loads(ask(copy, 'GET', '/health/ready')[1]))
        copy.stop()
        code, _, error = run('serve', '--data', os.path.join(self.directory, 'copy'), '--listen', '127.0.0.1:0', '--follow', source.url)
        self.assertEqual(code, 2)
        self.assertIn('has an archive of its own', error)

    def test_a_data_directory_is_promoted(self):
        source = self.serve('source')
        put(source, 'a', title='a ferry')
        copy = self.serve('copy', '--follow', source.url)
        data = os.path.join(self.directory, 'copy')
        self.assertIn('lede promote --url', run('promote', '--data', data)[2])
        copy.stop()
        self.assertEqual(run('import', '--data', data, NEWS)[0], 2)
        self.assertEqual(run('promote', '--data', data)[0], 0)
        self.assertEqual(run('promote', '--data', data)[0], 2)
        self.assertEqual(run('import', '--data', data, NEWS)[0], 0)

    def test_an_archive_of_its_own_and_a_copy_are_no_place_and_no_source(self):
        source = self.serve('source')
        put(source, 'a', title='a ferry')
        copy = self.serve('copy', '--follow', source.url)
        code, _, error = run('serve', '--data', os.path.join(self.directory, 'second'), '--listen', '127.0.0.1:0', '--follow', copy.url)
        self.assertEqual(code, 2)
        self.assertIn('this is a copy itself', error)
        own = self.serve('own')
        put(own, 'mine', title='mine')
        own.stop()
        code, _, error = run('serve', '--data', os.path.join(self.directory, 'own'), '--listen', '127.0.0.1:0', '--follow', source.url)
        self.assertEqual(code, 2)
        self.assertIn('which no copy takes the place of', error)

    def test_a_copy_comes_with_a_key(self):
        data = os.path.join(self.directory, 'source')
        source = self.serve('source')
        put(source, 'a', title='a ferry')
        key = run('key', 'new', '--rights', 'admin', '--data', data)[1].split()[-1]
        time.sleep(1.5)
        code, _, error = run('serve', '--data', os.path.join(self.directory, 'copy'), '--listen', '127.0.0.1:0', '--follow', source.url)
        self.assertEqual(code, 2)
        self.assertRegex(error, 'key')
        copy = self.serve('copy', '--follow', source.url, LEDE_REPLICA_KEY_FILE=self.write('key', key + '\n'))
        self.assertIn('a', documents(copy))

    def test_it_serves_while_its_source_is_away(self):
        source = self.serve('source')
        put(source, 'a', title='a ferry')
        copy = self.serve('copy', '--follow', source.url)
        port = self.port(source)
        source.stop(signal.SIGKILL)
        wait_until(lambda: not json.loads(ask(copy, 'GET', '/health/ready')[1])['connected'], 'the copy to miss its source')
        self.assertEqual(set(documents(copy)), {'a'})
        copy.stop()
        copy = self.serve('copy', '--follow', source.url)  # also from the start
        self.assertEqual(set(documents(copy)), {'a'})
        source = self.serve('source', port=port)
        put(source, 'b', title='b')
        self.same(source, copy)

    def test_a_log_that_is_not_kept_is_made_good_by_a_new_copy(self):
        source = self.serve('source', LEDE_STORE_LOG_BYTES='1MiB', LEDE_STORE_PENDING_BYTES='1MiB')
        put(source, 'a', title='a ferry')
        copy = self.serve('copy', '--follow', source.url)
        copy.stop()
        for number in range(150):
            put(source, f'long{number % 10}', body=f'{number} ' + 'words of news ' * 8000)
        copy = self.serve('copy', '--follow', source.url)
        ready, _, _ = select.select([copy.process.stdout], [], [], WAIT_S)
        self.assertTrue(ready, copy.log())
        copy.url = copy.process.stdout.readline().decode().split()[-1]  # the kernel picks another port
        self.same(source, copy)
        self.assertIn('opening a new copy', copy.log())
        put(source, 'z', title='z')
        self.same(source, copy)

    def test_a_write_waits_for_as_many_copies_as_are_wanted(self):
        source = self.serve('source', LEDE_REPLICA_COPIES='1', LEDE_REPLICA_COPIES_WAIT='300ms')
        status, text, headers = put(source, 'a', title='a ferry')
        self.assertEqual((status, json.loads(text)['type']), (503, '/problems/busy'))
        self.assertIn('has not come to 1 copies yet', json.loads(text)['detail'])
        self.assertTrue(headers['Retry-After'])
        self.assertEqual(set(documents(source)), {'a'})
        self.serve('copy', '--follow', source.url)
        wait_until(lambda: put(source, 'b', title='b')[0] in (200, 201), 'the copy to follow')
        self.assertEqual(put(source, 'c', title='c')[0], 201)
        code, _, error = run('import', '--url', source.url, NEWS)
        self.assertEqual(code, 0, error)

    def test_what_was_answered_is_in_the_copy_that_is_promoted(self):
        print(f'# LEDE_SEED={SEED}', flush=True)
        rng = random.Random(SEED)
        for turn in range(3):
            source = self.serve(f'source{turn}', LEDE_REPLICA_COPIES='1')
            copy = self.serve(f'copy{turn}', '--follow', source.url)
            answered = []

            def write(thread):
                for number in range(10000):
                    identity = f't{thread}-{number}'
                    try:
                        if put(source, identity, title=f'number {number}')[0] == 201:
                            answered.append(identity)
                    except OSError:
                        return

            threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.5, 1.5))
            source.stop(signal.SIGKILL)
            for thread in threads:
                thread.join(WAIT_S)
            self.assertEqual(run('promote', '--url', copy.url)[0], 0)
            self.assertEqual(set(answered) - set(documents(copy)), set())
            self.assertGreater(len(answered), 5)
            print(f'# {len(answered)} answered', flush=True)
            copy.stop()

    def test_whatever_is_killed_nothing_is_lost(self):
        """Writes go on while source and copy are killed in turn; what was answered is in both at the end, and no copy shows less than a revision
        that it told."""
        print(f'# LEDE_SEED={SEED}', flush=True)
        rng = random.Random(SEED)
        source = self.serve('source', LEDE_STORE_PENDING_BYTES='64KiB')
        copy = self.serve('copy', '--follow', source.url, LEDE_STORE_PENDING_BYTES='64KiB')
        ports = {'source': self.port(source), 'copy': self.port(copy)}
        answered, ends, failures = {}, threading.Event(), []

        def write():
            number = 0
            while not ends.is_set():
                number += 1
                identity = f'd{rng.randrange(300)}'
                try:
                    if put(source, identity, title=f'version {number}', body='news ' * rng.randrange(200))[0] in (200, 201):
                        answered[identity] = number
                except OSError:
                    answered.pop(identity, None)  # it may be there or not
                    time.sleep(0.02)

        def read():
            highest = 0
            while not ends.is_set():
                try:
                    found = json.loads(ask(copy, 'GET', '/search?limit=0')[1])
                except (OSError, ValueError):
                    continue
                if found.get('revision', highest) < highest:
                    failures.append(f'revision {found["revision"]} after {highest}')
                highest = max(highest, found.get('revision', 0))
                time.sleep(0.005)

        threads = [threading.Thread(target=write), threading.Thread(target=read)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(8):
                time.sleep(rng.uniform(0.1, 0.8))
                if rng.random() < 0.5:
                    source.stop(signal.SIGKILL)
                    source = self.serve('source', port=ports['source'], LEDE_STORE_PENDING_BYTES='64KiB')
                else:
                    copy.stop(signal.SIGKILL)
                    copy = self.serve('copy', '--follow', f'http://127.0.0.1:{ports["source"]}', port=ports['copy'], LEDE_STORE_PENDING_BYTES='64KiB')
        finally:
            ends.set()
            for thread in threads:
                thread.join(WAIT_S)
        self.same(source, copy)
        there = documents(copy)
        lost = [identity for identity, number in answered.items() if f'version {number}"' not in there.get(identity, '')]
        self.assertEqual(([], []), (lost, failures))
        self.assertGreater(len(answered), 20)


if __name__ == '__main__':
    tap.main(globals())
