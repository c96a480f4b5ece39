# SPDX-License-Identifier: GPL-2.0-or-later
"""lede check, compact, backup, restore: what each prints, what it leaves, how it ends."""
import json
import os
import re
import signal

from program import Case, NEWS, Server, run
import tap


def flip(path, share):
    """Change bytes that are not zero, from a share of the file on."""
    with open(path, 'r+b') as file:
        data = bytearray(file.read())
        changed = 0
        for i in range(int(len(data) * share), len(data)):
            if data[i] and changed < 600:
                data[i] ^= 0x5a
                changed += 1
        file.seek(0)
        file.write(data)


class Care(Case):
    def build(self):
        self.imported(NEWS)
        code, out, err = run('compact', '--data', self.data)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'before: 171 documents, \d+ segments, .* MB\nafter: 171 documents, \d+ segments, .* MB\n')

    def segment(self):
        """The directory of a segment that has documents."""
        with open(self.path('data/manifest.json'), encoding='utf-8') as file:
            listed = json.load(file)['segments']
        number = next(entry['number'] for entry in listed if entry['state'] == 'sealed')
        return self.path(f'data/segments/{number:06}')

    def test_a_whole_archive_is_said_to_be_whole(self):
        self.build()
        code, out, err = run('check', '--data', self.data)
        self.assertEqual((0, ''), (code, err), out)
        self.assertRegex(out, r'\n?\d+ segments, 171 documents whole, 0 lost; 0 problems, 0 repaired\n$')

    def test_after_a_crash_a_start_and_a_stop_nothing_is_to_be_applied(self):
        with Server('--data', self.data) as server:
            self.assertEqual(0, run('import', '--url', server.url, NEWS)[0])
            server.stop(signal.SIGKILL)
        self.assertIn('are to be applied', run('check', '--data', self.data)[1])
        with Server('--data', self.data) as server:
            self.assertEqual(171, server.total())
            self.assertEqual(0, server.stop())
        code, out, err = run('check', '--data', self.data)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'^\d+ segments, 171 documents whole, 0 lost; 0 problems, 0 repaired\n$')

    def test_damage_is_found_and_mended(self):
        self.build()
        flip(os.path.join(self.segment(), 'postlist.glass'), 0.3)
        code, out, err = run('check', '--data', self.data)
        self.assertEqual(1, code)
        self.assertIn('postlist.glass is not what it was when it was sealed', out)
        self.assertIn('--repair', err)
        code, out, _ = run('check', '--data', self.data, '--repair')
        self.assertEqual(0, code, out)
        self.assertRegex(out, r'171 documents whole, 0 lost; 0 problems, 1 repaired')
        self.assertEqual(0, run('check', '--data', self.data)[0])
        self.assertIn('of 5 documents', run('search', '--data', self.data, 'ferry aground')[1])

    def test_an_archive_that_is_served_is_neither_checked_nor_compacted(self):
        self.build()
        with Server('--data', self.data):
            for command in (('check',), ('compact',), ('backup', self.path('b'))):
                code, _, err = run(*command, '--data', self.data)
                self.assertEqual(2, code)
                self.assertIn('is in use by process', err)
            self.assertIn('--url', run('backup', self.path('b'), '--data', self.data)[2])

    def test_what_is_no_archive_is_refused(self):
        for command in (('check',), ('compact',), ('backup', self.path('b'))):
            self.assertEqual(2, run(*command, '--data', self.path('nothing'))[0])
        self.assertFalse(os.path.exists(self.path('nothing')))
        self.assertEqual(2, run('restore', self.path('nothing'), '--data', self.data)[0])

    def test_a_backup_is_restored_and_served(self):
        self.build()
        code, out, err = run('backup', self.path('backup'), '--data', self.data)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'171 documents at revision \d+, \d+ segments \(0 kept\), 0\.0 MB copied, [\d.]+ MB linked')
        code, out, _ = run('backup', '--copy', self.path('backup'), '--data', self.data)
        self.assertEqual(0, code)
        kept = re.search(r'(\d+) segments \((\d+) kept\)', out)
        self.assertEqual(kept.group(1), kept.group(2))
        code, out, _ = run('restore', self.path('backup'), '--data', self.path('again'))
        self.assertEqual(0, code)
        self.assertIn('171 documents', out)
        self.assertEqual(2, run('restore', self.path('backup'), '--data', self.data)[0])
        with Server('--data', self.path('again')) as server:
            self.assertEqual(171, server.total())

    def test_a_server_makes_a_backup_where_its_settings_allow(self):
        os.mkdir(self.path('backups'))
        settings = self.write('lede.ini', f'[store]\nbackups = {self.path("backups")}\n')
        self.build()
        with Server('--data', self.data, '--config', settings) as server:
            code, out, err = run('backup', 'nightly', '--url', server.url)
            self.assertEqual((0, ''), (code, err))
            self.assertIn("'nightly': 171 documents", out)
            code, _, err = run('backup', '../elsewhere', '--url', server.url)
            self.assertEqual(2, code)
            self.assertIn('expected 1 to 100 letters', err)
        with Server('--data', self.path('backups/nightly')) as server:
            self.assertEqual(171, server.total())

    def test_a_server_without_a_place_for_backups_says_so(self):
        self.build()
        with Server('--data', self.data) as server:
            code, _, err = run('backup', 'nightly', '--url', server.url)
        self.assertEqual(2, code)
        self.assertIn('backups in [store]', err)


tap.main(globals())
