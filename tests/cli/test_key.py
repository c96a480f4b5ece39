# SPDX-License-Identifier: GPL-2.0-or-later
"""lede key, and what the other commands do where keys are asked for."""
import json
import os

from program import Case, NEWS, Server, environment, run, summary
import tap

ADMIN = 'search,read,write,delete,admin'


class Keys(Case):
    def key(self, rights, *flags, where=()):
        code, out, err = run('key', 'new', '--rights', rights, *flags, *(where or ('--data', self.data)))
        self.assertEqual(0, code, err)
        self.assertRegex(out, r'^lede_[0-9a-f]{8}_[0-9a-f]{64}\n$')
        self.assertIn(out[5:13], err)
        self.assertNotIn(out[14:30], err)
        return self.write(f'{out[5:13]}.key', out)

    def listed(self, *where):
        code, out, err = run('key', 'list', '--json', *(where or ('--data', self.data)))
        self.assertEqual(0, code, err)
        return json.loads(out)['keys']

    def test_an_address_that_others_reach_needs_keys_or_the_word_that_it_is_open(self):
        for address in ('0.0.0.0:0', '[::]:0'):
            code, out, err = run('serve', '--data', self.data, '--listen', address)
            self.assertEqual((2, ''), (code, out))
            self.assertIn('expected keys', err)
            self.assertIn('lede key new', err)
            self.assertFalse(os.path.exists(self.data))
        with Server('--data', self.data, '--listen', '0.0.0.0:0', env=environment(LEDE_SERVER_OPEN='true')) as server:
            self.assertIn('warning there are no keys', server.log())
        self.key('admin')
        with Server('--data', self.data, '--listen', '0.0.0.0:0') as server:
            self.assertNotIn('there are no keys', server.log())

    def test_keys_are_made_told_rotated_and_revoked_in_a_directory_and_by_a_server(self):
        admin = self.key(ADMIN, '--note', 'all of it')
        with Server('--data', self.data) as server:
            for where in ((), ('--url', server.url, '--key-file', admin)):
                made = self.key('search,read', '--filter', 'source:AP', '--expires', '90d', '--rate', '20', '--searches', '0', where=where)
                identity = os.path.basename(made)[:8]
                told = next(key for key in self.listed(*where) if key['id'] == identity)
                self.assertEqual((['search', 'read'], 'source:AP', 20, 0), (told['rights'], told['filter'], told['rate'], told['searches']))
                self.assertIn(identity, run('key', 'list', *(where or ('--data', self.data)))[1])
                code, out, err = run('key', 'rotate', identity, '--overlap', '1h', *(where or ('--data', self.data)))
                self.assertEqual(0, code, err)
                self.assertEqual(out[5:13], next(key for key in self.listed(*where) if key['id'] == identity)['replaced_by'])
                self.assertEqual((0, '', ''), run('key', 'revoke', identity, *(where or ('--data', self.data))))
                self.assertNotIn(identity, [key['id'] for key in self.listed(*where)])
                code, out, err = run('key', 'revoke', identity, *(where or ('--data', self.data)))
                self.assertEqual((2, ''), (code, out))
                self.assertIn('no key has this id', err)

    def test_what_is_wrong_is_said(self):
        for words, expected in ((('new',), 'expected --rights'), (('new', '--rights', 'fly'), 'rights: expected a list of search'),
                                (('new', '--rights', 'search', '--filter', '(a'), 'filter: unbalanced'),
                                (('new', '--rights', 'search', '--note', 'a\x1b[31m'), 'note: expected a line'),
                                (('new', '--rights', 'search', '--expires', 'x'), 'expires: expected a moment'),
                                (('fly',), 'expected new, list'), (('revoke',), 'expected new, list'),
                                (('derive',), 'expected --key-file'), (('derive', '--key-file', NEWS, '--expires', '1d'), 'expected a key')):
            code, out, err = run('key', *words, '--data', self.data)
            self.assertEqual((2, ''), (code, out), words)
            self.assertIn(expected, err)

    def test_the_commands_take_a_key_from_a_file(self):
        admin, search = self.key(ADMIN), self.key('search')
        with Server('--data', self.data) as server:
            at = ('--url', server.url)
            for command in (('import', NEWS), ('search', 'ferry'), ('stats',), ('key', 'list'), ('backup', 'x')):
                code, out, err = run(*command, *at)
                self.assertEqual(2, code, command)
                self.assertIn('expected a key with the right', err)
            code, out, err = run('import', NEWS, *at, '--key-file', admin)
            self.assertEqual((0, 171), (code, summary(out)['documents']), err)
            self.assertEqual(0, run('search', 'ferry', *at, '--key-file', search)[0])
            self.assertEqual(0, run('stats', *at, '--key-file', admin)[0])
            self.assertIn("'admin'", run('stats', *at, '--key-file', search)[2])
            self.assertIn("'write'", run('import', NEWS, *at, '--key-file', search)[2])
            self.assertEqual((0, 'ready\n', ''), run('health', *at))
            self.assertIn('none.key', run('stats', *at, '--key-file', self.path('none.key'))[2])
        self.assertEqual(1, run('health', *at)[0])

    def test_a_directory_with_keys_is_searched_by_whoever_has_it(self):
        self.imported(NEWS)
        self.key('admin')
        self.assertEqual(0, run('search', 'ferry', '--data', self.data)[0])
        self.assertEqual(0, run('stats', '--data', self.data)[0])
        self.assertEqual(0, run('search', 'ferry', '--data', self.data, '--read-only')[0])

    def test_no_backup_has_keys(self):
        self.imported(NEWS)
        self.key('admin')
        self.assertEqual(0, run('backup', '--data', self.data, self.path('copy'))[0])
        self.assertFalse(os.path.exists(self.path('copy/keys.json')))
        self.assertEqual(0, run('check', '--data', self.data)[0])
        self.assertEqual(1, len(self.listed()))


tap.main(globals())
