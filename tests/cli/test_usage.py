# SPDX-License-Identifier: GPL-2.0-or-later
"""Help, versions, flags: what is wrong is said with what was expected, and the exit codes are kept."""
from program import Case, run
import tap

COMMANDS = ('serve', 'import', 'search', 'stats', 'check', 'compact', 'backup', 'restore', 'key', 'top', 'health', 'completion')


class Usage(Case):
    def test_help_lists_every_command(self):
        code, out, err = run('--help')
        self.assertEqual((0, ''), (code, err))
        for command in COMMANDS:
            self.assertIn(f'  {command} ', out)

    def test_without_a_command_the_help_is_shown_and_2_returned(self):
        code, out, _ = run()
        self.assertEqual(2, code)
        self.assertIn('Usage: lede COMMAND', out)

    def test_each_command_explains_itself_in_both_ways(self):
        for command in COMMANDS:
            code, out, err = run(command, '--help')
            self.assertEqual((0, ''), (code, err))
            self.assertTrue(out.startswith(f'Usage: lede {command} '), out)
            self.assertEqual((0, out, ''), run('help', command))

    def test_the_version_is_told(self):
        code, out, _ = run('--version')
        self.assertEqual(0, code)
        self.assertRegex(out, r'^lede \d+\.\d+\.\d+ \(Xapian 1\.\d+\.\d+\)\n$')

    def test_an_unknown_command_is_refused_with_the_known_ones(self):
        code, out, err = run('serch')
        self.assertEqual((2, ''), (code, out))
        self.assertIn("unknown command 'serch'; expected serve, import, follow, search, stats, check, compact, backup, promote, cluster, restore, key, top, mcp, health, completion, help", err)

    def test_the_flag_that_is_unknown_is_named(self):
        for given in ('-x', '-xy', '--nonsense', '--nonsense=1'):
            code, _, err = run('stats', '--json', given, 'word')
            self.assertEqual(2, code)
            self.assertIn(f"unknown or ambiguous flag '{given}'", err)
        self.assertIn("unknown or ambiguous flag '-x'", run('import', 'word', '-x')[2])

    def test_an_unknown_flag_is_refused_with_the_known_ones(self):
        for command, known in (('serve', '--listen'), ('import', '--rejects'), ('search', '--limit'), ('stats', '--json')):
            code, out, err = run(command, '--nonsense', 'x')
            self.assertEqual((2, ''), (code, out))
            self.assertIn(f"{command}: unknown or ambiguous flag '--nonsense'; expected --", err)
            self.assertIn(known, err)
        self.assertIn("unknown flag '--nonsense'", run('--nonsense')[2])

    def test_a_flag_without_its_value_says_what_is_missing(self):
        code, _, err = run('search', 'x', '--limit')
        self.assertEqual(2, code)
        self.assertIn('--limit: expected N behind it', err)

    def test_too_few_and_too_many_words_are_refused(self):
        code, _, err = run('import')
        self.assertEqual(2, code)
        self.assertIn("expected 'lede import", err)
        code, _, err = run('serve', 'extra')
        self.assertEqual(2, code)
        self.assertIn("unexpected 'extra'", err)

    def test_a_word_behind_two_dashes_is_no_flag(self):
        code, _, err = run('search', '--data', self.path('none'), '--', '--help')
        self.assertEqual(2, code)
        self.assertIn('expected a data directory', err)


tap.main(globals())
