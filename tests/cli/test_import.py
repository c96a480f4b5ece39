# SPDX-License-Identifier: GPL-2.0-or-later
"""lede import: every form and source, rejects, summaries and exit codes."""
import gzip
import json
import os
import pty
import signal
import subprocess
import time

from program import BINARY, Case, DATA, MESSY, NEWS, Server, environment, run, summary, wait_until, zstd
import tap


def document_count(path):
    with open(path, 'rb') as file:
        return sum(1 for line in file if line.strip())


def listening_sockets(pid):
    """The descriptors of a process that are listening sockets."""
    listening = set()
    for table in ('tcp', 'tcp6'):
        with open(f'/proc/{pid}/net/{table}', encoding='ascii') as file:
            rows = [line.split() for line in file][1:]
        listening |= {f'socket:[{row[9]}]' for row in rows if row[3] == '0A'}
    found = []
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            found.append(os.readlink(f'/proc/{pid}/fd/{name}'))
        except FileNotFoundError:
            continue
    return sorted(listening & set(found))


class Import(Case):
    def test_the_sample_news_is_imported_once(self):
        count = document_count(NEWS)
        self.assertEqual({'documents': count, 'created': count, 'updated': 0, 'unchanged': 0, 'failed': 0},
                         self.imported(NEWS))
        self.assertEqual({'documents': count, 'created': 0, 'updated': 0, 'unchanged': count, 'failed': 0},
                         self.imported(NEWS))

    def test_a_server_takes_the_same(self):
        with Server('--data', self.data) as server:
            code, out, err = run('import', '--url', server.url + '/', NEWS)
            self.assertEqual((0, ''), (code, err))
            self.assertEqual(document_count(NEWS), summary(out)['created'])
            self.assertEqual(document_count(NEWS), server.total())

    def test_gzip_and_standard_input_and_both_are_read(self):
        with open(NEWS, 'rb') as file:
            news = file.read()
        count = document_count(NEWS)
        packed = self.write('news.ndjson.gz', gzip.compress(news))
        self.assertEqual(count, self.imported(packed)['created'])
        self.assertEqual(count, self.imported('-', stdin=news)['unchanged'])
        self.assertEqual(count, self.imported('-', stdin=gzip.compress(news))['unchanged'])

    def test_zstd_is_read(self):
        with open(NEWS, 'rb') as file:
            news = file.read()
        packed = self.write('news.ndjson.zst', zstd(news[:5000]) + zstd(news[5000:]) + bytes(100))
        self.assertEqual(document_count(NEWS), self.imported(packed)['created'])

    def test_a_version_of_a_wire_that_comes_late_replaces_no_later_one(self):
        def item(version, status, text):
            return self.write(f'v{version}.xml', f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:w:1" version="{version}">
<itemMeta><itemClass qcode="ninat:text"/><provider literal="Wire"/><versionCreated>2022-01-19T17:04:00Z</versionCreated>
<pubStatus qcode="stat:{status}"/></itemMeta><contentMeta><headline>{text}</headline></contentMeta>
<contentSet><inlineData contenttype="text/plain">{text} quillword</inlineData></contentSet></newsItem>""")

        def found():
            return json.loads(run('search', '--data', self.data, '--format', 'json', 'quillword')[1])['hits']
        first, kill, back = item(9, 'usable', 'First'), item(10, 'canceled', 'Kill'), item(11, 'usable', 'Back')
        self.assertEqual(1, self.imported(kill)['created'])
        code, out, err = run('import', '--data', self.data, first)
        self.assertEqual((0, 1, 0), (code, summary(out)['unchanged'], summary(out)['updated']))
        self.assertIn('1 document was an older version of what is stored, which stays', err)
        self.assertEqual([], found())
        self.assertEqual(1, self.imported(back)['updated'])
        with Server('--data', self.data) as server:
            code, out, err = run('import', '--url', server.url, first, kill)
            self.assertEqual((0, 2), (code, summary(out)['unchanged']), err)
            self.assertIn('2 documents were older versions of what is stored', err)
        self.assertEqual(['Back'], [hit['document']['title'] for hit in found()])

    def test_columns_of_tables_are_called_as_the_map_says(self):
        table = self.write('table.csv', 'nr;headline;story;when;tags\n7;Ferry;"One, ""two"";\nthree";2022-01-19;sea\n')
        tabs = self.write('table.tsv', 'headline\tstory\tnr\nTram\tOf trams\t8\n')
        for flag in (('--data', self.data), None):
            with Server('--data', self.path('served')) if not flag else open(os.devnull) as server:
                where = flag or ('--url', server.url)
                code, out, err = run('import', *where, '--map', 'title=headline,body=story,published=when,id=nr', table, tabs)
                self.assertEqual((0, '', 2), (code, err, summary(out)['created']))
                found = json.loads(run('search', *where, '--format', 'json', '')[1])['hits']
                self.assertEqual([('7', 'Ferry', '2022-01-19T00:00:00Z', ['sea']), ('8', 'Tram', None, None)],
                                 [(hit['id'], hit['document']['title'], hit['document'].get('published'), hit['document'].get('tags')) for hit in found])
                self.assertEqual(1, json.loads(run('search', *where, '--format', 'json', 'body:"two three"')[1])['total']['value'])
        # without a map the columns are what they are called, and there is no title
        code, out, err = run('import', '--data', self.path('other'), '--format', 'csv', tabs)
        self.assertEqual((1, 1), (code, summary(out)['failed']), err)

    def test_a_map_that_names_no_field_is_refused_before_anything_is_read(self):
        table = self.write('table.csv', 'headline,body\nFerry,Of ferries\n')
        for said in ('titel=headline', 'title', 'title=', '=headline', 'title=headline,,body=body'):
            code, out, err = run('import', '--data', self.data, '--map', said, table)
            self.assertEqual((2, ''), (code, out), said)
            self.assertIn('--map: expected FIELD=COLUMN', err)
        self.assertFalse(os.path.exists(self.data))

    def test_utf_16_is_read_and_what_is_neither_it_nor_utf_8_refused(self):
        text = 'Zürich elects\n\nThe council met.\n'
        wide = self.write('wide.txt', text.encode('utf-16'))
        self.assertEqual(1, self.imported(wide)['created'])
        self.assertEqual(1, self.imported(self.write('same.txt', text))['unchanged'])
        self.assertEqual(1, self.imported(self.write('bare.txt', text.encode('utf-16-be')))['unchanged'])
        binary = self.write('binary.txt', '日本語の見出し\n本文'.encode('utf-16-le'))
        code, out, err = run('import', '--data', self.data, binary)
        self.assertEqual((1, 1), (code, summary(out)['failed']))
        self.assertIn('NUL bytes', err)

    def test_what_comes_before_damage_is_kept_and_its_line_told(self):
        text = b''.join(b'{"id": "d%d", "title": "Damaged"}\n' % number for number in range(3))
        for name, packed in (('a.ndjson.gz', gzip.compress(text) + b'rubbish'), ('b.ndjson.zst', zstd(text) + b'rubbish')):
            code, out, err = run('import', '--data', self.path(name + '.data'), self.write(name, packed))
            self.assertEqual((1, 3, 1), (code, summary(out)['created'], summary(out)['failed']), err)
            self.assertIn(f'{name}:4: ', err)

    def test_an_array_and_a_single_object_are_read(self):
        array = self.write('array.json', '[\n {"id": "a",\n  "title": "One"},\n {"id": "b", "title": "Two"}\n]\n')
        single = self.write('one.json', '{\n "id": "c",\n "title": "Three"\n}\n')
        self.assertEqual(3, self.imported(array, single)['created'])

    def test_text_files_have_their_first_line_as_title(self):
        self.assertEqual(3, self.imported(os.path.join(DATA, 'plain'))['created'])
        with open(os.path.join(DATA, 'plain', 'lighthouse.txt'), encoding='utf-8') as file:
            title = file.readline().strip()
        code, out, _ = run('search', '--data', self.data, '--json', 'lighthouse')
        self.assertEqual(0, code)
        self.assertIn(title, [hit['document']['title'] for hit in json.loads(out)['hits']])

    def test_of_a_directory_what_is_not_named_as_news_is_passed_over(self):
        self.write('a.ndjson', '{"id": "a", "title": "A"}\n')
        self.write('picture.png', b'\x89PNG')
        self.write('.hidden.ndjson', '{"id": "h", "title": "H"}\n')
        data = self.path('data')
        code, out, err = run('import', '--data', data, self.directory)
        self.assertEqual(0, code, err)
        self.assertEqual(1, summary(out)['created'])
        self.assertIn('passed over 1 file of unknown kind', err)

    def test_formats_are_told_by_content_and_a_kill_takes_the_story_out(self):
        item = '<item><title>Harbour closed</title><guid>https://g.example/1</guid></item>'
        self.write('feed', '<rss><channel><title>Gazette</title>' + item + '</channel></rss>')
        self.write('news.ndjson', '{"id": "n", "title": "Harbour open"}\n')
        with open(os.path.join(DATA, 'formats', 'newsml_g2.xml'), encoding='utf-8') as file:
            story = file.read().replace('2022-01-21', '2022-01-19')
        self.write('wire.xml', story)
        data = self.path('data')
        code, out, err = run('import', '--data', data, self.directory)
        self.assertEqual((1, 4), (code, summary(out)['created']), err)
        self.assertIn('wire.xml:5: expected a story', err)
        self.assertEqual(2, json.loads(run('search', '--data', data, '--json', 'harbour')[1])['total']['value'])
        self.assertEqual(0, run('search', '--data', data, 'ferries')[0])
        kill = self.write('kill.xml', story.replace('stat:usable', 'stat:canceled'))
        code, out, err = run('import', '--data', data, kill)
        self.assertEqual(1, summary(out)['updated'], err)
        self.assertEqual(1, run('search', '--data', data, 'ferries')[0])

    def test_what_becomes_of_a_file_is_explained(self):
        path = self.write('a.rss', '<rss><channel><item><title>A</title><link>/no</link></item></channel></rss>')
        code, out, err = run('import', '--explain', path)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r' 1  title +title \(HTML to a line\) +A\n')
        self.assertRegex(out, r'not mapped, kept as it came:\n +1  link +/no\n')

    def test_a_named_format_wins_over_the_name(self):
        path = self.write('story.dat', 'The title\n\nThe body.\n')
        self.assertEqual(1, self.imported('--format', 'text', path)['created'])
        code, out, err = run('import', '--data', self.data, '--format', 'sgml', path)
        self.assertEqual((2, ''), (code, out))
        self.assertIn("expected auto, ndjson, json, text, wxr, rss, ", err)

    def test_binary_data_is_called_so(self):
        for name, data in (('nul', b'\0\1\2\3binary'), ('far', b'words, and then' + bytes(100))):
            code, _, err = run('import', '--data', self.data, self.write(name, data))
            self.assertEqual(1, code)
            self.assertIn('found what looks like binary data', err)

    def test_a_charset_is_decoded_and_bytes_that_are_none_are_told(self):
        latin = self.path('latin.ndjson')
        with open(latin, 'wb') as file:
            file.write(b'{"id": "l1", "title": "caf\xe9"}\n{"id": "l2", "title": "plain"}\n')
        code, out, err = run('import', '--data', self.data, latin)
        self.assertEqual((0, 2), (code, summary(out)['created']))
        self.assertIn('1 document had bytes that are no UTF-8', err)
        code, out, err = run('import', '--data', self.data, '--charset', 'ISO-8859-1', latin)
        self.assertEqual((0, 1, 1, ''), (code, summary(out)['updated'], summary(out)['unchanged'], err))
        code, out, err = run('import', '--data', self.data, '--charset', 'latin-99', latin)
        self.assertEqual((2, True), (code, 'ISO-8859-1' in err))

    def test_text_files_are_read_in_the_charset_that_is_named(self):
        path = self.path('story.txt')
        with open(path, 'wb') as file:
            file.write('Титул\n\nТекст.\n'.encode('koi8-r'))
        self.assertEqual(1, self.imported('--charset', 'KOI8-R', path)['created'])
        self.assertEqual(1, self.imported('--format', 'text', self.write('same.txt', 'Титул\n\nТекст.\n'))['unchanged'])

    def test_ids_that_are_no_utf_8_are_rejected(self):
        path = self.path('ids.ndjson')
        with open(path, 'wb') as file:
            file.write(b'{"id": "art-\xe9", "title": "a"}\n{"id": "art-\xe8", "title": "b"}\n{"title": "c\xe9"}\n{"title": "c\xe8"}\n')
        counts = self.imported(path, code=1)
        self.assertEqual((2, 2), (counts['created'], counts['failed']))

    def test_rejected_lines_are_told_and_counted(self):
        code, out, err = run('import', '--data', self.data, MESSY)
        self.assertEqual(1, code)
        self.assertEqual({'documents': 8, 'created': 2, 'updated': 0, 'unchanged': 0, 'failed': 6}, summary(out))
        for line in (2, 3, 4, 5, 6, 7):
            self.assertIn(f'{MESSY}:{line}: ', err)

    def test_a_rejects_file_has_each_line_with_its_reason(self):
        rejects = self.path('rejects.ndjson')
        self.imported('--rejects', rejects, MESSY, code=1)
        with open(rejects, encoding='utf-8') as file:
            found = [json.loads(line) for line in file]
        with open(MESSY, encoding='utf-8') as file:
            lines = file.read().split('\n')
        self.assertEqual([2, 3, 4, 5, 6, 7], [reject['line'] for reject in found])
        for reject in found:
            self.assertEqual(MESSY, reject['file'])
            self.assertIn(reject['status'], (400, 422))
            self.assertTrue(reject['type'].startswith('/problems/'))
            self.assertTrue(reject['detail'])
            self.assertEqual(lines[reject['line'] - 1], reject['text'])
        self.assertEqual('/published', found[3]['pointer'])

    def test_a_rejects_file_is_complete_where_a_server_names_only_the_first(self):
        lines = [json.dumps({'id': f'n{i}', 'title': 'T'} if i % 2 else {'id': f'n{i}'}) for i in range(1000)]
        path = self.write('many.ndjson', '\n'.join(lines))
        rejects = self.path('rejects.ndjson')
        counts = self.imported('--rejects', rejects, path, code=1)
        self.assertEqual((500, 500), (counts['created'], counts['failed']))
        with open(rejects, encoding='utf-8') as file:
            self.assertEqual(list(range(1, 1001, 2)), [json.loads(line)['line'] for line in file])

    def test_without_a_rejects_file_ten_are_told_and_the_rest_counted(self):
        path = self.write('bad.ndjson', '{}\n' * 25)
        code, out, err = run('import', '--data', self.data, path)
        self.assertEqual(1, code)
        self.assertEqual(25, summary(out)['failed'])
        self.assertEqual(10, err.count('bad.ndjson:'))
        self.assertIn('15 more rejected', err)

    def test_a_document_too_large_is_rejected_alone(self):
        path = self.write('large.ndjson', '{"id": "a", "title": "A"}\n{"id": "b", "title": "' + 'x' * (9 << 20) +
                          '"}\n{"id": "c", "title": "C"}\n')
        code, out, err = run('import', '--data', self.data, path)
        self.assertEqual(1, code)
        self.assertEqual((2, 1), (summary(out)['created'], summary(out)['failed']))
        self.assertIn('large.ndjson:2: ', err)

    def test_a_broken_file_does_not_hold_up_the_next(self):
        broken = self.write('broken.json', '[{"id": "a", "title": "A"}, {"id": ]')
        with open(NEWS, 'rb') as file:
            cut = self.write('cut.ndjson.gz', gzip.compress(file.read())[:-3000])
        good = self.write('good.ndjson', '{"id": "g", "title": "G"}\n')
        code, _, err = run('import', '--data', self.data, broken, cut, good)
        self.assertEqual(1, code)
        self.assertIn('broken.json:', err)
        self.assertIn('cut.ndjson.gz:', err)
        self.assertEqual(0, run('search', '--data', self.data, 'title:G')[0])

    def test_what_is_not_there_is_said_before_anything_is_imported(self):
        code, out, err = run('import', '--data', self.data, NEWS, self.path('none.ndjson'))
        self.assertEqual((2, ''), (code, out))
        self.assertIn('none.ndjson', err)
        self.assertFalse(os.path.exists(self.data))

    def test_no_server_is_said(self):
        code, _, err = run('import', '--url', 'http://127.0.0.1:9', NEWS)
        self.assertEqual(2, code)
        self.assertIn("cannot ask 'http://127.0.0.1:9'", err)
        code, _, err = run('import', '--url', 'ftp://x', NEWS)
        self.assertEqual(2, code)
        self.assertIn('expected a URL such as', err)
        code, _, err = run('import', '--url', 'http://127.0.0.1:9', '--data', self.data, NEWS)
        self.assertEqual(2, code)
        self.assertIn('found both', err)

    def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(self):
        with open(NEWS, 'rb') as file:
            news = [json.loads(line) for line in file]
        lines = [json.dumps({**item, 'id': f"{item['id']}-{i}"}) for i in range(8) for item in news]
        path = self.write('news.ndjson', '\n'.join(lines))
        master, slave = pty.openpty()
        done = subprocess.run([BINARY, 'import', '--data', self.data, path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=slave, timeout=60, env=environment(), check=False)
        os.close(slave)
        drawn = os.read(master, 65536).decode()
        os.close(master)
        self.assertEqual(0, done.returncode)
        self.assertRegex(drawn, r'\[[#-]{24}\] +\d+%  \d+ documents, [\d.]+ MB, \d+/s, [\d.]+ MB/s')
        self.assertTrue(drawn.endswith('\r\x1b[K'))

    def test_into_a_directory_nothing_listens(self):
        process = subprocess.Popen([BINARY, 'import', '--data', self.data, '-'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        with process:
            wait_until(lambda: os.path.exists(self.path('data/manifest.json')), 'the store')
            listening = []
            for _ in range(20):
                process.stdin.write(b'{"title": "A"}\n')
                process.stdin.flush()
                time.sleep(0.05)
                listening += listening_sockets(process.pid)
            process.communicate(timeout=60)
        self.assertEqual((0, []), (process.returncode, listening))

    def test_ctrl_c_finishes_what_was_handed_over_and_returns_130(self):
        process = subprocess.Popen([BINARY, 'import', '--data', self.data, '-'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        with process:
            process.stdin.write(b'{"id": "a", "title": "A"}\n')
            process.stdin.flush()
            wait_until(lambda: os.path.exists(self.path('data/manifest.json')), 'the store')
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(b'{"id": "b", "title": "B"}\n', timeout=60)
        self.assertEqual(130, process.returncode, err)
        self.assertIn('finishing', err.decode())
        summary(out.decode())

    def test_a_signal_ends_it_at_a_quiet_input(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        for number in (signal.SIGINT, signal.SIGTERM):
            for source in ('-', fifo):
                with self.subTest(number=number, source=source):
                    data = self.path(f'data-{number}-{os.path.basename(source)}')
                    process = subprocess.Popen([BINARY, 'import', '--data', data, source], stdin=subprocess.PIPE,
                                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
                    with process:
                        wait_until(lambda: os.path.exists(os.path.join(data, 'manifest.json')), 'the store')
                        time.sleep(0.3)
                        process.send_signal(number)
                        self.assertEqual(130, process.wait(30))

    def test_what_a_quiet_input_gave_is_found_before_its_end(self):
        with Server('--data', self.data) as server:
            process = subprocess.Popen([BINARY, 'import', '--url', server.url, '-'], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            with process:
                for number in range(3):
                    process.stdin.write(b'{"id": "d%d", "title": "quiet"}\n' % number)
                    process.stdin.flush()
                    wait_until(lambda: server.total('quiet') == number + 1, 'the document')
                out, err = process.communicate(timeout=60)
            self.assertEqual((0, 3), (process.returncode, summary(out.decode())['created']), err)

    def test_what_may_not_be_read_is_told_and_the_rest_imported(self):
        news = self.path('news')
        os.makedirs(os.path.join(news, 'closed'))
        deep = os.path.join(news, *['deep'] * 70)
        os.makedirs(deep)
        for name in ('a.ndjson', 'closed/b.ndjson', 'shut.ndjson', 'z.ndjson'):
            with open(os.path.join(news, name), 'w') as file:
                file.write(f'{{"id": "{name}", "title": "readable"}}\n')
        nobody = {}
        if os.geteuid() == 0:
            for path in (self.directory, news):
                os.chmod(path, 0o777)
            nobody = {'user': 65534, 'group': 65534, 'extra_groups': []}
        os.chmod(os.path.join(news, 'closed'), 0)
        os.chmod(os.path.join(news, 'shut.ndjson'), 0)
        self.addCleanup(os.chmod, os.path.join(news, 'closed'), 0o700)
        rejects = self.path('rejects.ndjson')
        done = subprocess.run([BINARY, 'import', '--data', self.data, '--rejects', rejects, news], capture_output=True, timeout=60,
                              env=environment(), check=False, **nobody)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertEqual((2, 3), (summary(done.stdout.decode())['created'], summary(done.stdout.decode())['failed']))
        with open(rejects, encoding='utf-8') as file:
            found = {os.path.relpath(reject['file'], news).rstrip('/'): (reject['status'], reject['detail']) for reject in map(json.loads, file)}
        self.assertEqual({'closed', 'shut.ndjson', '/'.join(['deep'] * 64)}, set(found))
        self.assertEqual({500}, {status for status, _ in found.values()})
        self.assertIn('Permission denied', found['closed'][1])

    def test_killed_and_run_again_it_goes_on_without_duplicates(self):
        lines = [json.dumps({'title': f'Item {i}', 'body': f'The council of ward {i} met and talked about item {i}. ' * 20})
                 for i in range(6000)]
        path = self.write('news.ndjson', '\n'.join(lines))
        process = subprocess.Popen([BINARY, 'import', '--data', self.data, path], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
        with process:
            journal = self.path('data/journal')
            wait_until(lambda: process.poll() is not None or
                       os.path.isdir(journal) and any(entry.stat().st_size > 0 for entry in os.scandir(journal)), 'the first documents')
            process.kill()
            process.wait(60)
        again = self.imported(path)
        self.assertEqual({'documents': 6000, 'updated': 0, 'failed': 0}, {key: again[key] for key in ('documents', 'updated', 'failed')})
        self.assertEqual(6000, again['created'] + again['unchanged'])
        self.assertEqual(6000, self.imported(path)['unchanged'])
        self.assertIn(' 6,000\n', run('stats', '--data', self.data)[1])

    def test_a_news_article_as_plain_text_reads_well(self):
        shared = os.environ.get('LEDE_SHARED') or os.path.join(os.path.dirname(os.path.dirname(DATA)), '..', 'shared')
        path = os.path.join(shared, 'data', '000_c2ff69d04b4610b3.txt')
        if not os.path.exists(path):
            self.skipTest('the shared data is not here')
        self.assertEqual(1, self.imported(path)['created'])
        for query in ('blinken lavrov', '"peaceful way"', 'donbras OR crimea'):
            code, out, _ = run('search', '--data', self.data, query)
            self.assertEqual(0, code, query)
            self.assertIn('1-1 of 1 document,', out)
        self.assertIn('*peaceful way*', run('search', '--data', self.data, '"peaceful way"')[1])


tap.main(globals())
