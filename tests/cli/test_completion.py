# SPDX-License-Identifier: GPL-2.0-or-later
"""Shells complete lede's command lines: each is started at a terminal of its own, with the program's script, and keys are pressed.

The command that is run then is a function, which says what its words have become."""
import os
import pty
import re
import select
import shutil
import signal
import time

from program import Case, WAIT_S, environment, run
import tap

# How each shell is started without anybody's settings, takes the script, and says its words.
BASH = (['bash', '--noprofile', '--norc', '-i'],
        r'''bind 'set bell-style none'; source script/lede.bash; lede() { printf '<%s>' "$@"; echo ' SA''ID'; }''')
ZSH = (['zsh', '-f', '-i'],
       r'''fpath=($PWD/script $fpath); autoload -U compinit; compinit -u -D; lede() { printf '<%s>' "$@"; echo ' SA''ID'; }''')
FISH = (['fish', '--no-config', '-i'],
        r'''source script/lede.fish; function lede; printf '<%s>' $argv; echo ' SA''ID'; end''')
NAMES = {'bash': 'lede.bash', 'zsh': '_lede', 'fish': 'lede.fish'}
# What is typed, TAB; what the words are then.
LINES = [
    ('lede ser\t', ['serve']),
    ('lede help comp\tl\t', ['help', 'completion']),
    ('lede import --rej\t', ['import', '--rejects']),
    ('lede import --format nd\t', ['import', '--format', 'ndjson']),
    ('lede search --sort new\t', ['search', '--sort', 'newest']),
    ('lede key rev\t', ['key', 'revoke']),
    ('lede completion fi\t', ['completion', 'fish']),
    ('lede import thu\t', ['import', 'thursday news.ndjson']),
    ('lede import --rejects thu\t', ['import', '--rejects', 'thursday news.ndjson']),
    ('lede serve --data arch\t', ['serve', '--data', 'archive']),
    ('lede backup arch\t', ['backup', 'archive']),
    ('lede search thu\t', ['search', 'thu']),
    ('lede search --limit thu\t', ['search', '--limit', 'thu']),
]


class Terminal:
    """A shell at a terminal, for as long as a with block takes."""

    def __init__(self, command, directory):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.execvpe(command[0], command, environment(TERM='dumb', HOME=directory, HISTFILE='', PS1='', INPUTRC='/dev/null', LC_ALL='C.UTF-8'))
        self.text = ''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read_until(self, pattern):
        end = time.monotonic() + WAIT_S
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f'waited in vain for {pattern!r} in {self.text!r}')
            self.text += os.read(self.fd, 65536).decode(errors='replace')
        self.text = self.text[found.end():]
        return found

    def type(self, text):
        os.write(self.fd, text.encode())

    def words_of(self, line):
        """The words that the command gets when a line with TABs has been typed; zsh takes the slash behind a directory away again."""
        self.type(line + '\r')
        return re.findall(r'<([^>]*?)/?>', self.read_until(r'((<[^<>\r\n]*>)+) SAID').group(1))


class Completion(Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path('archive'))
        os.makedirs(self.path('script'))
        for name in ('thursday news.ndjson', 'archive of names'):
            self.write(name, '')

    def complete(self, shell, how):
        if not shutil.which(shell):
            self.skipTest(f'{shell} is not installed')
        command, first_line = how
        code, script, err = run('completion', shell)
        self.assertEqual((0, ''), (code, err))
        self.write(f'script/{NAMES[shell]}', script)
        with Terminal(command, self.directory) as terminal:
            terminal.type(first_line + '\r')
            self.assertEqual(['ready'], terminal.words_of('lede ready'))
            for line, words in LINES:
                self.assertEqual((line, words), (line, terminal.words_of(line)))

    def test_bash_completes(self):
        self.complete('bash', BASH)

    def test_zsh_completes(self):
        self.complete('zsh', ZSH)

    def test_fish_completes(self):
        self.complete('fish', FISH)

    def test_each_script_knows_each_command_and_flag(self):
        commands = re.findall(r'(?m)^  ([a-z]+) ', run('--help')[1])
        self.assertIn('completion', commands)
        for shell in NAMES:
            script = run('completion', shell)[1]
            self.assertRegex(script, r'\brss\b')  # a format of the table of formats
            for command in commands:
                self.assertRegex(script, rf'\b{command}\b')
                for flag in re.findall(r'(?m)^  --([a-z-]+)', run(command, '--help')[1] if command != 'help' else ''):
                    self.assertRegex(script, rf'(--|-l ){flag}\b')

    def test_another_shell_is_refused(self):
        code, out, err = run('completion', 'tcsh')
        self.assertEqual((2, ''), (code, out))
        self.assertIn("unknown shell 'tcsh'; expected bash, zsh or fish", err)


tap.main(globals())
