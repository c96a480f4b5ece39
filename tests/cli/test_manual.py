# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual: its pages are formatted without a warning, and say what the program, its settings and its language have."""
import os
import re
import shutil
import subprocess

from program import Case, NEWS, SOURCE, WAIT_S, run
import tap

PAGES = os.environ['LEDE_MANUAL'].split(':')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def page(name):
    return read(next(path for path in PAGES if os.path.basename(path) == name))


def warnings(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    return done.stderr if command[0] == 'groff' else done.stdout


class Manual(Case):
    def formatted_without_a_warning(self, *command):
        if not shutil.which(command[0]):
            self.skipTest(f'{command[0]} is not installed')
        self.assertEqual(3, len(PAGES))
        for path in PAGES:
            self.assertEqual('', warnings(*command, path))
        self.assertNotEqual('', warnings(*command, self.write('broken.1', page('lede.1') + '.Nosuch\n.It\n.XX \\*[nosuch]\n')))

    def test_groff_formats_each_page_without_a_warning(self):
        self.formatted_without_a_warning('groff', '-ww', '-mdoc', '-Tutf8')

    def test_mandoc_formats_each_page_without_a_warning(self):
        self.formatted_without_a_warning('mandoc', '-Tlint', '-W', 'warning')

    def test_the_program_is_told_whole(self):
        text = page('lede.1')
        commands = re.findall(r'(?m)^  ([a-z]+) ', run('--help')[1])
        for command in commands:
            self.assertTrue(re.search(rf'(?m)^\.Nm\n\.Cm {command}\b', text), command)
            flags = re.findall(r'(?m)^  --([a-z-]+)', run(command, '--help')[1]) if command != 'help' else []
            for flag in flags:
                self.assertTrue(re.search(rf'\bFl -{flag}\b', text), f'{command} --{flag}')

    def test_each_setting_has_words_bounds_and_its_default(self):
        text = page('lede.ini.5')
        settings = re.findall(r'(?m)^#([a-z_]+) = (.*)$', read(os.path.join(SOURCE, 'config', 'lede.ini')))
        self.assertGreater(len(settings), 40)
        for key, default in settings:
            self.assertTrue(re.search(rf'(?m)^\.It Va (.* , )?{key}( ,.*)?\n[^.]', text), key)
            self.assertTrue(re.search(rf'(?m)^\.Va {key} :\n.+; default\n\.Li {re.escape(default)} [.;]$', text), key)
        self.assertIn('.Va queue_wait :\na duration, 0 to 1h; default\n.Li 50ms .\n', text)
        self.assertIn('.Va body_bytes :\na size, 32MiB to 64GiB; default\n.Li 512MiB .\n', text)

    def test_each_form_of_the_language_is_told(self):
        told = ' '.join(page('lede-query.7').replace('\\&', '').split())
        table = re.findall(r'(?m)^\| (`.*) \|(?: .*)?\|(.*)\|$', read(os.path.join(SOURCE, 'index', 'query', 'README.md')))
        forms = [form for row in table for cell in (row[0].split(' | ')[0], row[1]) for form in re.findall(r'`([^`]+)`', cell)]
        self.assertGreater(len(forms), 60)
        self.assertEqual([], [form for form in forms if form.replace('\\|', '|') not in told])

    def test_each_example_of_the_language_is_understood(self):
        self.imported(NEWS)
        examples = re.search(r'(?s)\.Sh EXAMPLES\n\.Bd -literal\n(.*?)\.Ed', page('lede-query.7')).group(1).splitlines()
        self.assertGreater(len(examples), 9)
        for example in examples:
            code, _, err = run('search', '--data', self.data, '--', example)
            self.assertIn(code, (0, 1), (example, err))
        self.assertEqual(2, run('search', '--data', self.data, '--', 'NEAR/0 ferry')[0])


tap.main(globals())
