# SPDX-License-Identifier: GPL-2.0-or-later
"""lede search and lede stats: what is shown, in which form, and the exit codes."""
import csv
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import termios
import unicodedata

from program import BINARY, Case, NEWS, Server, environment, run
import tap


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 0 if unicodedata.combining(c) else 1 for c in text)


def on_terminal(*arguments, width=60, **extra):
    """Standard output as a terminal of this width gets it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, width, 0, 0))
    kept = {key: value for key, value in environment(**extra).items() if key != 'NO_COLOR' or 'NO_COLOR' in extra}
    done = subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL,
                          timeout=60, env=kept, check=False)
    os.close(slave)
    text = b''
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(master)
    return done.returncode, text.decode().replace('\r\n', '\n')


def without_colour(text):
    import re
    return re.sub('\x1b\\[[0-9;]*m', '', text)


class Search(Case):
    def setUp(self):
        super().setUp()
        self.imported(NEWS)

    def search(self, *arguments):
        return run('search', '--data', self.data, *arguments)

    def test_a_word_with_a_minus_is_left_out_and_is_no_flag(self):
        path = self.write('minus.ndjson', ''.join(json.dumps({'id': name, 'title': title}) + '\n' for name, title in (
            ('both', 'ferry aground'), ('one', 'ferry sails'), ('dashed', 'minus h'))))
        self.assertEqual(0, run('import', '--data', self.path('minus'), path)[0])

        def found(*words):
            code, out, err = run('search', '--json', '--data', self.path('minus'), *words)
            self.assertIn(code, (0, 1), err)
            return [hit['id'] for hit in json.loads(out)['hits']]
        self.assertEqual(['one'], found('ferry', '-aground'))
        self.assertEqual(['one'], found('--limit', '5', 'ferry', '--offset', '0', '-aground'))
        self.assertEqual(['one'], found('--', 'ferry', '-aground'))
        self.assertEqual({'one', 'dashed'}, set(found('-aground')))
        self.assertIn('Usage: lede search', run('search', 'ferry', '-h')[1])
        code, _, err = run('search', 'ferry', '--limt', '5')
        self.assertEqual(2, code)
        self.assertIn("unknown or ambiguous flag '--limt'", err)

    def test_each_format_has_the_same_hits(self):
        ids = [hit['id'] for hit in json.loads(self.search('--json', '-n', '4', 'ferry')[1])['hits']]
        self.assertEqual(len(ids), 4)
        code, out, err = self.search('--format', 'ndjson', '-n', '4', 'ferry')
        self.assertEqual((code, err, [json.loads(line)['id'] for line in out.splitlines()]), (0, '', ids))
        code, out, err = self.search('--format', 'csv', '--limit', '4', 'ferry')
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual((code, err, [row['id'] for row in rows]), (0, '', ids))
        code, out, err = self.search('--format', 'table', '-n', '4', 'ferry')
        self.assertEqual((code, err, len(out.splitlines())), (0, '', 5))
        for line, row in zip(out.splitlines(), rows):
            self.assertRegex(line, '^' + row['published'][:10] + '  ' + row['source'])
        for name in ('text', 'table', 'json', 'ndjson', 'csv'):
            self.assertEqual(self.search('--format', name, 'nothingofthekind')[0], 1)
        code, out, err = self.search('--format', 'xml', 'ferry')
        self.assertEqual((code, out), (2, ''))
        self.assertIn('expected text, table, json, ndjson or csv', err)

    def test_filters_are_those_of_the_server(self):
        def found(*arguments):
            return json.loads(self.search('--json', '-n', '100', 'ferry', *arguments)[1])
        every = found()['hits']
        for flag, key in (('--source', 'source'), ('--section', 'section'), ('--author', 'author'), ('--lang', 'language')):
            value = next(hit['document'][key] for hit in every if hit['document'].get(key))
            value = value[0] if isinstance(value, list) else value
            hits = found(flag, value)['hits']
            self.assertEqual([hit['id'] for hit in hits], [hit['id'] for hit in every if value in (hit['document'].get(key) or '')], flag)
        self.assertEqual(len(found('--after', '2024-11-19')['hits']) + len(found('--before', '2024-11-18')['hits']), len(every))
        code, _, err = self.search('ferry', '--after', 'someday')
        self.assertEqual(code, 2)
        self.assertIn('after', err)

    def test_n_stands_before_a_number_and_only_where_there_is_a_limit(self):
        self.assertIn('--limit: expected N behind it', self.search('ferry', '-n')[2])
        self.assertIn("unknown or ambiguous flag '-n'", run('stats', '--data', self.data, '-n', '3')[2])

    def test_on_a_terminal_it_goes_through_a_pager(self):
        arguments = ('search', '--data', self.data, '-n', '3', 'ferry')
        plain, paged = (on_terminal(*arguments, LEDE_PAGER=pager)[1].splitlines() for pager in ('', 'sed s/^/:/'))
        self.assertEqual(paged[:-1], [':' + line for line in plain[:-1]])
        self.assertRegex(paged[-1], '^:1-3 of ')
        self.assertEqual(on_terminal(*arguments, LEDE_PAGER='exit 0')[0], 0)
        self.assertNotIn(':', run(*arguments, env=environment(LEDE_PAGER='sed s/^/:/'))[1][:1])

    def test_hits_are_shown_with_rank_marks_source_and_date(self):
        code, out, err = self.search('harbour', 'painting')
        self.assertEqual((0, ''), (code, err))
        self.assertIn('  1. Cleaner finds lost *harbour painting* behind boiler\n'
                      if '*harbour painting*' in out else
                      '  1. Cleaner finds lost *harbour* *painting* behind boiler\n', out)
        self.assertIn('     The Osterquay Post · 2024-08-06 · op-2024-0806-02\n', out)
        self.assertRegex(out, r'1-\d+ of \d+ documents?, [\d.]+ ms\n$')

    def test_nothing_found_returns_1(self):
        code, out, _ = self.search('xyzzyplugh')
        self.assertEqual(1, code)
        self.assertRegex(out, r'^0 documents, [\d.]+ ms\n$')

    def test_where_nothing_is_found_changes_that_would_find_something_are_told(self):
        code, out, _ = self.search('harbour', 'zq')
        self.assertEqual(code, 1)
        self.assertRegex(out, r'\n  leave out “zq” \(\d+ documents\): harbour\n$')

    def test_a_page_is_chosen_by_flags(self):
        code, out, _ = self.search('--limit', '2', '--offset', '3', '--sort', 'newest', 'the')
        self.assertEqual(0, code)
        self.assertIn('  4. ', out)
        self.assertIn('  5. ', out)
        self.assertNotIn('  6. ', out)
        self.assertIn('4-5 of ', out)

    def test_json_is_the_servers_answer(self):
        code, out, _ = self.search('--json', '--limit', '1', 'harbour')
        answer = json.loads(out)
        self.assertEqual((0, 1), (code, len(answer['hits'])))
        self.assertIn('<mark>', json.dumps(answer['hits']))
        self.assertEqual(1, self.search('--json', 'xyzzyplugh')[0])

    def test_no_query_shows_everything_newest_first(self):
        code, out, _ = self.search('--limit', '1')
        self.assertEqual(0, code)
        self.assertIn('1-1 of 171 documents', out)

    def test_a_query_that_cannot_be_understood_is_shown_with_a_caret(self):
        code, out, err = self.search('harbour', 'published:soon')
        self.assertEqual((2, ''), (code, out))
        lines = err.split('\n')
        self.assertEqual('  harbour published:soon', lines[1])
        self.assertEqual(lines[1].index('soon'), lines[2].index('^'))
        self.assertIn('write 2022-01-19', err)

    def test_what_was_read_as_words_is_told_beside_the_hits(self):
        code, out, err = self.search('harbour', 'titel:strike')
        self.assertIn(code, (0, 1))
        self.assertIn("'titel:' was read as words: unknown field 'titel'", err)

    def test_the_caret_stands_right_behind_wide_characters(self):
        code, _, err = self.search('会議', 'published:開く')
        self.assertEqual(2, code)
        lines = err.split('\n')
        self.assertEqual(columns(lines[1][:lines[1].index('開')]), lines[2].index('^'))

    def test_a_wrong_flag_value_is_refused_in_the_servers_words(self):
        code, _, err = self.search('--limit', '-1', 'x')
        self.assertEqual(2, code)
        self.assertIn('limit: expected', err)
        self.assertEqual(2, self.search('--sort', 'best', 'x')[0])

    def test_marks_are_coloured_on_a_terminal_unless_unwanted(self):
        code, out = on_terminal('search', '--data', self.data, 'harbour')
        self.assertEqual(0, code)
        self.assertIn('\x1b[1;33mharbour\x1b[0m', out)
        self.assertNotIn('*harbour*', out)
        _, plain = on_terminal('search', '--data', self.data, 'harbour', NO_COLOR='1')
        self.assertNotIn('\x1b', plain)
        self.assertIn('*harbour*', plain)

    def test_lines_fit_the_terminal_for_wide_characters_too(self):
        for query in ('harbour', '会議 OR 青凪', 'der'):
            _, out = on_terminal('search', '--data', self.data, query, width=44)
            for line in without_colour(out).split('\n'):
                if 'https://' not in line:
                    self.assertLessEqual(columns(line), 44, line)

    def test_escape_sequences_of_a_document_do_not_reach_the_terminal(self):
        path = self.write('evil.ndjson', json.dumps({'id': 'evil', 'title': 'zebra \x1b[31mred\x07', 'body': 'zebra \x9b5m'}))
        self.imported(path)
        _, out, _ = self.search('zebra')
        self.assertNotIn('\x1b', out)
        self.assertNotIn('\x07', out)
        self.assertNotIn('\x9b', out)
        self.assertIn('[31mred', out)

    def test_a_running_server_is_asked(self):
        with Server('--data', self.data) as server:
            code, out, _ = run('search', '--url', server.url, 'harbour')
            self.assertEqual(0, code)
            self.assertIn('*harbour*', out)
            code, out, _ = run('stats', '--url', server.url)
            self.assertEqual(0, code)
            self.assertIn('writes since the start', out)

    def test_a_mistyped_directory_is_not_made(self):
        for command in ('search', 'stats'):
            code, _, err = run(command, '--data', self.path('typo'))
            self.assertEqual(2, code)
            self.assertIn("expected a data directory made by lede serve or lede import, found '", err)
            self.assertFalse(os.path.exists(self.path('typo')))

    def test_an_answer_that_is_not_ledes_is_said(self):
        import http.server
        import threading

        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'<html>')

            def log_message(self, *_arguments):
                pass
        with http.server.HTTPServer(('127.0.0.1', 0), Other) as other:
            thread = threading.Thread(target=other.handle_request)
            thread.start()
            code, _, err = run('stats', '--url', f'http://127.0.0.1:{other.server_port}')
            thread.join(10)
        self.assertEqual(2, code)
        self.assertIn("something that is not Lede's JSON", err)

    def test_stats_are_a_table_or_json(self):
        code, out, _ = run('stats', '--data', self.data)
        self.assertEqual(0, code)
        self.assertRegex(out, r'documents +171\n')
        self.assertRegex(out, r'  ja +15\n')
        code, out, _ = run('stats', '--data', self.data, '--json')
        self.assertEqual((0, 171), (code, json.loads(out)['documents']))


tap.main(globals())
