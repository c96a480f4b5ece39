# SPDX-License-Identifier: GPL-2.0-or-later
"""What was answered is there, whatever happens to the process."""
import concurrent.futures
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
import unittest

from program import BINARY, MIB, PLAIN, SANITIZED, Program, WithProgram, chunk, needs_shared
import tap


class Killed(unittest.TestCase):
    def setUp(self):
        self.lede = Program()

    def tearDown(self):
        code = self.lede.stop() if self.lede.process.poll() is None else 0
        self.lede.remove()
        self.assertEqual(code, 0)

    def kill_and_start(self):
        self.lede.kill()
        self.lede.start()

    def test_files_that_merging_has_replaced_go_while_writes_go_on(self):
        """All workers have rested, and hold what there was; then writes come without a pause."""
        folder = os.path.join(self.lede.data, 'segments')
        for number in range(60):
            self.assertIn(self.lede.put(f'n{number}', {'title': f'number {number}'}).status, (200, 201))
        time.sleep(3)
        before = set(os.listdir(folder))
        replaced = left = set()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for number in range(40):
                self.assertIn(self.lede.put(f'n{number}', {'title': f'again {number} {time.monotonic()}'}).status, (200, 201))
            with open(os.path.join(self.lede.data, 'manifest.json')) as file:
                replaced = before - {f"{entry['number']:06}" for entry in json.load(file)['segments']}
            left = replaced & set(os.listdir(folder))
            if replaced and not left:
                break
        self.assertTrue(replaced)
        self.assertEqual(left, set())

    def test_what_was_answered_is_found_after_sigkill(self):
        documents = self.lede.load_sample()
        self.lede.put('one', {'title': 'singleword'})
        self.lede.delete(documents[0]['id'])
        self.kill_and_start()
        self.assertEqual(self.lede.total(), len(documents))
        self.assertEqual(self.lede.ids('title:singleword'), ['one'])
        self.assertIsNone(self.lede.document(documents[0]['id']))
        again = self.lede.bulk(documents[1:]).json
        self.assertEqual((again['unchanged'], again['failed']), (len(documents) - 1, 0))

    def test_what_lasts_without_being_searchable_is_found_after_sigkill(self):
        answer = self.lede.bulk([{'id': f'd{n}', 'title': 'lasting'} for n in range(50)], wait='durable')
        self.assertEqual(answer.status, 202)
        self.kill_and_start()
        self.assertEqual(self.lede.total('lasting'), 50)

    def test_revisions_go_on_where_they_were(self):
        for n in range(5):
            before = self.lede.bulk([{'id': f'r{n}', 'title': 'revision'}]).json['revision']
        self.kill_and_start()
        self.assertGreaterEqual(self.lede.search('revision')['revision'], before)
        self.assertGreater(self.lede.bulk([{'id': 's', 'title': 'revision'}]).json['revision'], before)

    @tap.timeout(240)
    def test_nineteen_thousand_stories_are_received_unchanged_and_survive(self):
        with open(needs_shared('reuters.ndjson'), 'rb') as file:
            body = file.read()
        first = self.lede.bulk(body).json
        self.assertEqual((first['received'], first['created'], first['failed']), (19043, 19043, 0))
        self.kill_and_start()
        self.assertEqual(self.lede.total(), 19043)
        again = self.lede.bulk(body).json
        self.assertEqual((again['received'], again['unchanged']), (19043, 19043))
        answer = self.lede.search('crude oil "saudi arabia"', facets='section', histogram='month')
        self.assertEqual(answer['query']['parsed'], 'crude AND oil AND "saudi arabia"')
        marked = [text for hit in answer['hits'] for texts in hit['highlights'].values() for text in texts]
        self.assertTrue(any('<mark>saudi arabia</mark>' in text.lower() for text in marked))
        self.assertLessEqual(sum(bucket['count'] for bucket in answer['histogram']['buckets']), answer['total']['value'])


class Readers(WithProgram):
    settings = {'LEDE_SERVER_SEARCH_THREADS': '3'}

    def segments_on_the_disk(self):
        return set(os.listdir(os.path.join(self.lede.data, 'segments')))

    def test_threads_that_rest_hold_no_files_of_former_segments(self):
        documents = [{'id': f'r{n}', 'title': 'first', 'body': 'granite'} for n in range(40)]
        self.lede.bulk(documents)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda _: self.lede.total('granite'), range(60)))
        before = self.segments_on_the_disk()
        self.lede.bulk([{**document, 'title': 'second'} for document in documents])
        self.until(lambda: not before & self.segments_on_the_disk(), 30)
        self.assertEqual((self.lede.total('first'), self.lede.total('second')), (0, 40))


class PlainText(unittest.TestCase):
    def setUp(self):
        self.lede = Program()

    def tearDown(self):
        code = self.lede.stop()
        self.lede.remove()
        self.assertEqual(code, 0)

    def load(self, path):
        run = subprocess.run([BINARY, 'import', '--url', self.lede.url, path], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_plain_files_are_found_by_their_words(self):
        self.load(PLAIN)
        self.assertEqual(self.lede.total(), len([name for name in os.listdir(PLAIN) if name.endswith('.txt')]))
        for hit in self.lede.search('', fields='id,title')['hits']:
            self.assertIn(hit['id'], self.lede.ids(hit['document']['title'].replace('"', ' ').replace(':', ' ').replace('-', ' ')))

    def test_an_article_with_curly_quotes_and_stray_line_breaks_is_found(self):
        self.load(needs_shared('000_c2ff69d04b4610b3.txt'))
        for query, marks in (('blinken lavrov', ['Blinken', 'Lavrov']), ('"peaceful way"', ['peaceful way']),
                             ('donbras OR crimea', ['Crimea', 'Donbras'])):
            hit, = self.lede.search(query)['hits']
            fragment = hit['highlights']['body'][0]
            for mark in marks:
                self.assertIn(f'<mark>{mark}</mark>', fragment)
            self.assertNotIn('\n', fragment)


class Streams(unittest.TestCase):
    @tap.timeout(200)
    def test_a_long_chunked_stream_is_indexed_in_bounded_memory(self):
        size = (8 if SANITIZED else 120) * MIB
        line = json.dumps({'id': 'same', 'title': 'streaming', 'body': 'word ' * 2000}).encode() + b'\n'
        block = line * (MIB // len(line))
        lede = Program()
        try:
            with lede.client() as client:
                client.send(b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
                            b'Transfer-Encoding: chunked\r\n\r\n')
                for _ in range(size // len(block)):
                    client.send(chunk(block))
                client.send(chunk(b''))
                client.socket.settimeout(120)
                answer = json.loads(client.reply().body)
            self.assertEqual(answer['received'], size // len(block) * (MIB // len(line)))
            self.assertEqual((answer['created'], answer['failed']), (1, 0))
            if not SANITIZED:
                self.assertLess(lede.memory_peak_mib(), 200)
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


class LimitedProgram(Program):
    """Its files may not grow beyond 2 MiB."""
    identity = {'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))}


class FileSizeLimit(unittest.TestCase):
    @tap.timeout(120)
    def test_a_limit_of_file_size_is_a_full_disk(self):
        lede = LimitedProgram(**{'LEDE_STORE_PENDING_BYTES': '64KiB'})
        self.assertEqual(lede.put('before', {'title': 'before'}).status, 201)
        words = ' '.join(f'word{number}' for number in range(2000))
        answer = lede.bulk([{'id': str(number), 'title': 'many', 'body': f'{number} {words}'} for number in range(1000)])
        self.assertEqual(answer.status, 507, answer.text)
        self.assertEqual((answer['Content-Type'], answer.json['type']), ('application/problem+json', '/problems/no-space'))
        self.assertNotIn(lede.home, answer.text)
        self.assertIsNone(lede.process.poll())
        end = time.monotonic() + 20
        while ' status=507 ' not in lede.log_text() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertRegex(lede.log_text(), r'error POST /documents status=507 .* request=' + answer['X-Request-Id'] +
                         r' reason=.*File too large')
        self.assertEqual(lede.total('title:before'), 1)
        self.assertEqual(lede.stop(), 0)
        lede.identity = {}
        lede.start()
        self.assertEqual(lede.put('after', {'title': 'after'}).status, 201)
        self.assertEqual(lede.total('title:before OR title:after'), 2)
        self.assertEqual(lede.stop(), 0)
        lede.remove()

    def test_a_command_that_writes_tells_it(self):
        home = tempfile.mkdtemp(prefix='lede-limit-')
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        path = os.path.join(home, 'many.ndjson')
        with open(path, 'w') as file:
            for number in range(1000):
                words = ' '.join(f'word{number}-{word}' for word in range(300))
                file.write(json.dumps({'id': str(number), 'title': 'many', 'body': words}) + '\n')
        done = subprocess.run([BINARY, 'import', '--data', os.path.join(home, 'data'), path], capture_output=True, text=True,
                              timeout=100, check=False, **LimitedProgram.identity)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn('File too large', done.stderr)


if __name__ == '__main__':
    tap.main(globals())
