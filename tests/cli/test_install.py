# SPDX-License-Identifier: GPL-2.0-or-later
"""`meson install` puts everything in its place below DESTDIR, and nothing else."""
import os
import shutil
import subprocess

from program import Case, WAIT_S, environment
import tap

BUILD, PREFIX, SETTINGS, UNITS, ZSH = (os.environ['LEDE_' + name] for name in ('BUILD', 'PREFIX', 'SETTINGS_DIR', 'UNIT_DIR', 'ZSH_DIR'))
PROGRAMS = [f'{PREFIX}/bin/lede', f'{PREFIX}/libexec/lede/lede-pdf-text']
EXPECTED = sorted(PROGRAMS + [
    f'{SETTINGS}/lede.ini', f'{SETTINGS}/synonyms', f'{UNITS}/lede.service', f'{UNITS}/lede.socket',
] + [f'{PREFIX}/{name}' for name in (
    'lib/sysusers.d/lede.conf', 'lib/tmpfiles.d/lede.conf',
    'share/man/man1/lede.1', 'share/man/man5/lede.ini.5', 'share/man/man7/lede-query.7',
    'share/bash-completion/completions/lede.bash', f'share/zsh/{ZSH}/_lede', 'share/fish/vendor_completions.d/lede.fish',
    'share/doc/lede/README.md', 'share/doc/lede/nginx.conf', 'share/doc/lede/Caddyfile',
    'share/lede/monitoring/grafana-dashboard.json', 'share/lede/monitoring/alerts.yml',
    'share/lede/sample-news/news.ndjson', 'share/lede/sample-news/README.md')])


class Install(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which('meson'):
            self.skipTest('meson is not installed')
        self.root = self.path('root')
        done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', self.root],
                              capture_output=True, text=True, timeout=WAIT_S, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_all_is_in_its_place_and_nothing_else(self):
        found = sorted('/' + os.path.relpath(os.path.join(folder, name), self.root)
                       for folder, _, names in os.walk(self.root) for name in names)
        self.assertEqual(EXPECTED, found)
        for path in found:
            self.assertEqual(0o755 if path in PROGRAMS else 0o644, os.stat(self.root + path).st_mode & 0o777, path)

    def test_the_program_runs_there_with_the_settings_there(self):
        done = subprocess.run([f'{self.root}{PREFIX}/bin/lede', 'serve', '--check', '--config', f'{self.root}{SETTINGS}/lede.ini'],
                              capture_output=True, text=True, timeout=WAIT_S, env=environment(), check=False)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_the_unit_names_what_was_installed(self):
        with open(f'{self.root}{UNITS}/lede.service', encoding='utf-8') as file:
            unit = file.read()
        self.assertIn(f'\nExecStart={PREFIX}/bin/lede serve --config {SETTINGS}/lede.ini\n', unit)
        self.assertIn('\nUser=lede\n', unit)
        with open(f'{self.root}{PREFIX}/lib/sysusers.d/lede.conf', encoding='utf-8') as file:
            self.assertIn('\nu lede - ', file.read())


tap.main(globals())
