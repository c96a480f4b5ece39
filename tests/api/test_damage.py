# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged files, lost permissions, directories that take no writes: what is damaged is named, what is not is served, and nothing crashes.

    LEDE_TEST_CASES=500 python3 tests/api/test_damage.py fuzz      LEDE_SEED repeats a run"""
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from program import BINARY, Program, SAMPLE, SANITIZED, WAIT_S, read_documents
import tap

NOBODY = 65534
QUERIES = ('the', 'ferry OR council', '"of the"', 'w*')


def command(*words, **how):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=WAIT_S, check=False, **how)


def archive():
    """A data directory at rest: several segments, documents replaced and deleted. Returns it, and what it answers."""
    lede = Program()
    documents = read_documents(SAMPLE)
    for start in range(0, len(documents), 20):
        assert lede.bulk(documents[start:start + 20]).status == 200
    for document in documents[5:9]:
        assert lede.put(document['id'], {**document, 'title': document['title'] + ' again'}).status == 200
    assert lede.delete(documents[50]['id']).status in (200, 204)
    whole = Answers(lede, [document['id'] for document in documents])
    assert lede.stop() == 0
    return lede, whole


class Answers:
    """What a program says of every document, and of some queries."""

    def __init__(self, lede, identities):
        self.documents, self.refused = {}, []
        for identity in identities:
            answer = lede.get('/documents/' + identity)
            if answer.status == 200:
                self.documents[identity] = answer.json
            elif answer.status != 404:
                self.refused.append(answer)
        self.stats = lede.get('/stats').json
        self.total, self.found = None, {}
        for query in ('', *QUERIES):
            answer = lede.get('/search', q=query, limit=1000, fields='id', facets='source,section', highlight='none')
            if answer.status != 200:
                self.refused.append(answer)
                continue
            self.found[query] = {hit['id'] for hit in answer.json['hits']}
            if query == '':
                self.total = answer.json['total']['value']
        for path in ('/suggest?q=co', '/health/ready', '/search?q=ferry&collapse=story', '/search.csv?q=the'):
            answer = lede.ask('GET', path)
            if answer.status != 200:
                self.refused.append(answer)


class Broken:
    """A copy of an archive that something is done to."""

    def __init__(self, original):
        self.home = tempfile.mkdtemp(prefix='lede-damage-')
        self.data = os.path.join(self.home, 'data')
        shutil.copytree(original, self.data)

    def segments(self):
        with open(os.path.join(self.data, 'manifest.json')) as file:
            return [os.path.join(self.data, 'segments', f"{entry['number']:06}") for entry in json.load(file)['segments']]

    def remove(self):
        subprocess.run(['chmod', '-R', 'u+rwX', self.home], check=False)
        shutil.rmtree(self.home, ignore_errors=True)


def damage(path, dice):
    """Flip, overwrite, cut, lengthen or remove; returns what was done."""
    size = os.path.getsize(path)
    kind = dice.choice(('flip', 'flip', 'flip', 'zero', 'cut', 'longer', 'remove') if size else ('longer', 'remove'))
    if kind == 'remove':
        os.unlink(path)
        return kind
    if kind == 'cut':
        os.truncate(path, dice.randrange(size))
        return kind
    with open(path, 'r+b') as file:
        if kind == 'longer':
            file.seek(0, os.SEEK_END)
            file.write(dice.randbytes(dice.randint(1, 9000)))
            return kind
        at, count = dice.randrange(size), dice.choice((1, 1, 4, 64, 4096))
        file.seek(at)
        old = file.read(count)
        file.seek(at)
        file.write(bytes(len(old)) if kind == 'zero' else bytes(byte ^ dice.randint(1, 255) for byte in old))
    return f'{kind} {count} at {at} of {size}'


class Fuzz(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.original, cls.whole = archive()
        assert not cls.whole.refused and cls.whole.total == len(cls.whole.documents)

    @classmethod
    def tearDownClass(cls):
        cls.original.remove()

    def expect_right_or_told(self, lede):
        """What is not quarantined is answered as if nothing were wrong; the rest is counted."""
        now = Answers(lede, [*self.whole.documents, 'no-such'])
        self.assertEqual([answer.text for answer in now.refused], [])
        told = now.stats['quarantined']
        self.assertEqual(now.stats['quarantined_segments'], len(told))
        for identity, document in now.documents.items():
            self.assertEqual(document, self.whole.documents[identity])
        missing = len(self.whole.documents) - len(now.documents)
        self.assertEqual(missing, sum(segment['documents'] for segment in told), told)
        self.assertEqual((now.total, now.stats['documents']), (len(now.documents), len(now.documents)))
        for query, found in now.found.items():
            self.assertEqual(found, self.whole.found[query] & set(now.documents), query)
        return told

    def expect_repaired(self, data):
        checked = command('check', '--data', data, '--repair')
        self.assertIn(checked.returncode, (0, 1), checked.stdout + checked.stderr)
        lost = int(checked.stdout.split(' lost;')[0].rsplit(' ', 1)[1])
        lede = Program(data)
        try:
            now = Answers(lede, self.whole.documents)
            self.assertEqual([answer.text for answer in now.refused], [])
            self.assertEqual(len(now.documents) + lost, len(self.whole.documents), checked.stdout)
            self.assertEqual(now.total, len(now.documents))
            for identity, document in now.documents.items():
                self.assertEqual(document, self.whole.documents[identity])
            if checked.returncode == 0:
                self.assertEqual((now.stats['quarantined'], now.found), ([], self.whole.found))
        finally:
            self.assertEqual(lede.stop(), 0)
            lede.remove()
        return lost

    def one_case(self, dice):
        broken = Broken(self.original.data)
        try:
            segment = dice.choice(broken.segments())
            name = dice.choice(sorted(os.listdir(segment)))
            done = f'{os.path.basename(segment)}/{name}: {damage(os.path.join(segment, name), dice)}'
            with self.subTest(done):
                lede = Program(broken.data)
                try:
                    told = self.expect_right_or_told(lede)
                    log = lede.log_text()
                finally:
                    code = lede.stop()
                    lede.remove()
                self.assertEqual(code, 0, done)
                for segment in told:
                    self.assertIn(f"segment {segment['segment']:06} is damaged", log)
                self.expect_repaired(broken.data)
        finally:
            broken.remove()

    @tap.timeout(100000)
    def test_fuzz_what_is_damaged_is_named_and_the_rest_is_right(self):
        cases = int(os.environ.get('LEDE_TEST_CASES') or 8)
        seed = os.environ.get('LEDE_SEED', '20220119')
        print(f'# seed {seed}, {cases} cases', flush=True)
        dice = random.Random(seed)
        for _ in range(cases):
            self.one_case(dice)

    @staticmethod
    def is_told(lede):
        """Statistics read the damaged segment, too: until it is out they may be a 500."""
        answer = lede.get('/stats')
        return answer.status == 200 and answer.json['quarantined']

    @tap.timeout(120)
    def test_damage_that_comes_while_it_is_served_is_a_500_at_most_and_then_left_out(self):
        broken = Broken(self.original.data)
        lede = Program(broken.data)
        try:
            self.assertEqual(lede.get('/stats').json['quarantined'], [])
            # The largest: of a small one all may be in the server's memory, and a merge may take it away meanwhile.
            path = max((os.path.join(segment, 'postlist.glass') for segment in broken.segments()), key=os.path.getsize)
            with open(path, 'r+b') as file:
                file.write(bytes(os.path.getsize(path)))
            end = time.monotonic() + WAIT_S
            while not self.is_told(lede):
                answer = lede.get('/search', q='the', limit=1000)
                self.assertIn(answer.status, (200, 500), answer.text)
                self.assertLess(time.monotonic(), end, 'it was never found')
                time.sleep(0.02)
            told = self.expect_right_or_told(lede)
            self.assertIn('postlist.glass', told[0]['what'])
            self.assertEqual(lede.get('/health/ready').json['quarantined'], told)
            self.assertIn('lede_quarantined_segments 1', lede.get('/metrics').text)
            self.assertEqual(lede.put('new', {'title': 'written beside it'}).status, 201)
        finally:
            self.assertEqual(lede.stop(), 0)
            lede.remove()
            broken.remove()


class Permissions(unittest.TestCase):
    """As somebody whom permissions bind."""

    def setUp(self):
        if SANITIZED:
            self.skipTest('a sanitizer writes its report where nobody may')
        self.original, self.whole = archive()
        self.addCleanup(self.original.remove)
        self.data, self.home = self.original.data, self.original.home
        if os.geteuid() == 0:
            self.original.identity = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}
            subprocess.run(['chown', '-R', f'{NOBODY}:{NOBODY}', self.home], check=True)
        if self.command('version').returncode != 0 and self.command('--version').returncode != 0:
            self.skipTest('nobody may run the program')
        self.addCleanup(subprocess.run, ['chmod', '-R', 'u+rwX', self.home], check=False)

    def command(self, *words):
        try:
            return command(*words, **self.original.identity)
        except PermissionError:
            self.skipTest('nobody may run the program')

    def refused(self):
        done = self.command('serve', '--data', self.data, '--listen', '127.0.0.1:0')
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        return done.stderr

    def test_a_directory_that_may_not_be_written_is_refused_with_what_is_wrong(self):
        for name in ('', 'journal', 'segments'):
            path = os.path.join(self.data, name).rstrip('/')
            os.chmod(path, 0o555)
            message = self.refused()
            self.assertIn(path, message)
            self.assertIn('Permission denied', message)
            os.chmod(path, 0o755)
        self.original.start()
        self.assertEqual(self.original.total(), self.whole.total)
        self.assertEqual(self.original.stop(), 0)

    def test_segments_that_may_not_be_read_at_all_are_refused_and_stay_listed(self):
        path = os.path.join(self.data, 'segments')
        os.chmod(path, 0)
        self.assertIn('Permission denied', self.refused())
        os.chmod(path, 0o755)
        for name in os.listdir(path):
            os.chmod(os.path.join(path, name), 0)
        self.assertIn('none of the segments', self.refused())
        for name in os.listdir(path):
            os.chmod(os.path.join(path, name), 0o755)
        self.original.start()
        self.assertEqual((self.original.total(), self.original.get('/stats').json['quarantined']), (self.whole.total, []))
        self.assertEqual(self.original.stop(), 0)

    def test_one_file_that_may_not_be_read_takes_its_segment_out_until_it_is_mended(self):
        segment = os.path.join(self.data, 'segments', sorted(os.listdir(os.path.join(self.data, 'segments')))[0])
        path = os.path.join(segment, 'docdata.glass')
        os.chmod(path, 0)
        self.original.start()
        # Found where it is opened, or by the scrub, which begins with the start.
        until = time.monotonic() + 60
        while not (told := self.original.get('/stats').json['quarantined']) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual([entry['segment'] for entry in told], [int(os.path.basename(segment))])
        self.assertIn('docdata.glass', told[0]['what'])
        self.assertIn('Permission denied', told[0]['what'])
        self.assertEqual(self.original.total() + told[0]['documents'], self.whole.total)
        self.assertEqual(self.original.stop(), 0)
        os.chmod(path, 0o644)
        self.assertEqual(self.command('check', '--data', self.data, '--repair').returncode, 0)
        self.original.start()
        self.assertEqual((self.original.total(), self.original.get('/stats').json['quarantined']), (self.whole.total, []))
        self.assertEqual(self.original.stop(), 0)

    @tap.timeout(120)
    def test_a_directory_that_takes_no_writes_any_more_is_read_on_and_recovers(self):
        lede = self.original
        lede.start()
        paths = [self.data, os.path.join(self.data, 'journal'), os.path.join(self.data, 'segments')]
        for path in paths:
            os.chmod(path, 0o555)
        answer = lede.put('refused', {'title': 'refused'})
        self.assertIn(answer.status, (500, 507), answer.text)
        self.assertEqual(answer['Content-Type'], 'application/problem+json')
        self.assertIn('Permission denied', answer.json['detail'])
        self.assertNotIn(self.data, answer.text)
        self.assertNotIn(self.data, lede.bulk([{'id': 'refused', 'title': 'refused'}]).text)
        self.assertFalse(lede.get('/health/ready').json['writable'])
        self.assertGreaterEqual(lede.total(), self.whole.total)
        for path in paths:
            os.chmod(path, 0o755)
        self.assertEqual(lede.put('after', {'title': 'after'}).status, 201)
        self.assertTrue(lede.get('/health/ready').json['writable'])
        self.assertEqual(lede.get('/stats').json['quarantined'], [])
        self.assertIsNotNone(lede.document('after'))
        self.assertEqual(lede.stop(), 0)


class ReadOnlyDisk(unittest.TestCase):
    @tap.timeout(120)
    def test_a_disk_that_is_mounted_read_only_is_refused_with_what_is_wrong(self):
        if os.geteuid() != 0:
            self.skipTest('mounting needs root')
        original, _ = archive()
        home = tempfile.mkdtemp(prefix='lede-read-only-')
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', home], capture_output=True, check=False).returncode != 0:
            self.skipTest('this machine mounts no tmpfs')
        try:
            data = os.path.join(home, 'data')
            shutil.copytree(original.data, data)
            subprocess.run(['mount', '-o', 'remount,ro', home], check=True)
            done = command('serve', '--data', data, '--listen', '127.0.0.1:0')
            self.assertEqual(done.returncode, 2)
            self.assertIn('Read-only file system', done.stderr)
            self.assertIn(data, done.stderr)
            subprocess.run(['mount', '-o', 'remount,rw', home], check=True)
            lede = Program(data)
            self.assertGreater(lede.total(), 100)
            self.assertEqual(lede.stop(), 0)
            lede.remove()
        finally:
            subprocess.run(['umount', home], check=True)
            os.rmdir(home)
            original.remove()


class SetAside(unittest.TestCase):
    def test_writes_that_were_set_aside_are_counted(self):
        lede = Program()
        try:
            self.assertEqual(lede.get('/stats').json['set_aside'], 0)
            self.assertEqual(lede.stop(), 0)
            with open(os.path.join(lede.data, 'set-aside.ndjson'), 'w', encoding='utf-8') as file:
                file.write('{"kind": "delete", "reason": "a test", "bytes": "x"}\n')
            lede.start()
            self.assertEqual(lede.get('/stats').json['set_aside'], 1)
            self.assertIn('lede_set_aside 1', lede.get('/metrics').text.splitlines())
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
