# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of the package in a clean Debian 12: install, search, upgrade, remove, purge. See README.md here. Speaks TAP.

    sh config/package && python3 tests/package/clean_root.py build/package
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, os.path.join(SOURCE, 'tests'))
import tap  # noqa: E402

PACKAGES = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else os.path.join(SOURCE, 'build', 'package')
MIRROR = 'http://deb.debian.org/debian'
WAIT_S = 600
# A mount that ends with the command.
CHROOT = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
ARCHIVE = '/var/lib/lede/lede-data'


def run(*command, code=0, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False, **how)
    if done.returncode != code:
        raise AssertionError(f'{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}')
    return done.stdout


def package(name):
    found = glob.glob(os.path.join(PACKAGES, name + '_[0-9]*.deb'))
    if len(found) != 1:
        raise AssertionError(f'expected one {name} in {PACKAGES}, found {found}')
    return found[0]


class Root:
    """Debian's smallest system in a directory, and nothing of it mounted for longer than a command."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='lede-root-')
        os.chmod(self.path, 0o755)  # the user lede has to reach it
        run('debootstrap', '--variant=minbase', 'bookworm', self.path, MIRROR)
        if os.path.exists('/etc/resolv.conf'):
            shutil.copy('/etc/resolv.conf', self.path + '/etc/resolv.conf')

    def command(self, *command):
        return ['unshare', '--mount', 'sh', '-c', CHROOT, self.path, *command]

    def run(self, *command, **how):
        environment = {key: value for key, value in os.environ.items() if key.lower().endswith('_proxy')}
        return run(*self.command(*command), env={**environment, 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/root',
                                                 'LC_ALL': 'C.UTF-8', 'DEBIAN_FRONTEND': 'noninteractive'}, **how)

    def as_lede(self, *command, **how):
        return self.run('setpriv', '--reuid=lede', '--regid=lede', '--clear-groups', *command, **how)

    def install(self, file):
        shutil.copy(file, self.path + '/tmp/new.deb')
        self.run('apt-get', 'install', '-qq', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', '/tmp/new.deb')
        os.unlink(self.path + '/tmp/new.deb')

    def status(self, path):
        return self.run('stat', '-c', '%U:%G %a', path).strip()

    def has(self, path):
        return os.path.lexists(self.path + path)

    def paths_named_lede(self):
        """All that is called so, but logs, caches, and what Debian's own packages have."""
        found = run('find', self.path, '-xdev', '-iname', '*lede*', '-not', '-path', '*/var/log/*', '-not', '-path', '*/var/cache/*').splitlines()
        return sorted(path[len(self.path):] for path in found if path != self.path)

    def accounts(self):
        with open(self.path + '/etc/passwd', encoding='utf-8') as users, open(self.path + '/etc/group', encoding='utf-8') as groups:
            return re.findall(r'(?m)^lede:', users.read() + groups.read())


def next_version(file, directory):
    """The same package with a higher version, and with other settings shipped."""
    tree = os.path.join(directory, 'tree')
    run('dpkg-deb', '-R', file, tree)
    for name, change in (('DEBIAN/control', lambda text: re.sub(r'(?m)^(Version: .*)$', r'\1.1', text)),
                         ('etc/lede/lede.ini', lambda text: text + '\n# Of the next version.\n')):
        with open(os.path.join(tree, name), encoding='utf-8') as old:
            text = change(old.read())
        with open(os.path.join(tree, name), 'w', encoding='utf-8') as new:
            new.write(text)
    run('dpkg-deb', '--root-owner-group', '-b', tree, os.path.join(directory, 'next.deb'))
    return os.path.join(directory, 'next.deb')


class CleanRoot(unittest.TestCase):
    """In order: each finds what the one before it left."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix='lede-package-')
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.root = Root()
        cls.addClassCleanup(shutil.rmtree, cls.root.path, ignore_errors=True)
        cls.before = cls.root.paths_named_lede()
        cls.root.run('apt-get', 'update', '-qq')

    def found(self):
        return self.root.as_lede('lede', 'search', '--data', ARCHIVE, 'ferry', 'aground')

    @tap.timeout(WAIT_S)
    def test_it_installs_with_its_user_and_its_directory(self):
        self.root.install(package('lede'))
        self.assertEqual('lede:lede 700', self.root.status('/var/lib/lede'))
        self.assertRegex(self.root.run('lede', '--version'), r'^lede \d')
        self.root.run('lede', 'serve', '--check', '--config', '/etc/lede/lede.ini')
        self.assertTrue(self.root.has('/etc/systemd/system/multi-user.target.wants/lede.service'))
        self.assertFalse(self.root.has('/etc/systemd/system/sockets.target.wants/lede.socket'))

    @tap.timeout(WAIT_S)
    def test_systemd_finds_nothing_wrong_in_its_units(self):
        if not self.root.has('/usr/bin/systemd-analyze'):
            self.skipTest('systemd was not installed for its user')
        self.root.run('systemd-analyze', 'verify', '--man=no', 'lede.service', 'lede.socket')

    @tap.timeout(WAIT_S)
    def test_news_are_imported_and_found(self):
        self.root.as_lede('lede', 'import', '--data', ARCHIVE, '/usr/share/lede/sample-news/news.ndjson')
        self.assertIn('runs *aground*', self.found())

    @tap.timeout(WAIT_S)
    def test_it_serves_by_the_installed_settings(self):
        process = subprocess.Popen(self.root.command('setpriv', '--reuid=lede', '--regid=lede', '--clear-groups', 'env', '-C', '/var/lib/lede',
                                                     'lede', 'serve', '--config', '/etc/lede/lede.ini', '--listen', '127.0.0.1:0'),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = process.stdout.readline().split()[-1]
            with urllib.request.urlopen(url + '/search?q=ferry+aground', timeout=60) as answer:
                self.assertIn(b'<mark>Ferry</mark>', answer.read())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        self.assertEqual(0, process.returncode)

    @tap.timeout(WAIT_S)
    def test_the_symbols_are_those_of_the_program(self):
        self.root.install(package('lede-dbg'))
        build_id = re.search(r'Build ID: ([0-9a-f]+)', run('readelf', '-n', self.root.path + '/usr/bin/lede')).group(1)
        self.assertTrue(self.root.has(f'/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug'))
        self.root.run('apt-get', 'purge', '-qq', '-y', 'lede-dbg')

    @tap.timeout(WAIT_S)
    def test_an_upgrade_keeps_news_and_changed_settings(self):
        settings = self.root.path + '/etc/lede/lede.ini'
        with open(settings, 'a', encoding='utf-8') as file:
            file.write('\n[log]\nlevel = warning\n')
        self.root.install(next_version(package('lede'), self.directory))
        self.assertRegex(self.root.run('dpkg-query', '-W', '-f=${Version}', 'lede'), r'-1\.1$')
        with open(settings, encoding='utf-8') as file:
            self.assertTrue(file.read().endswith('\n[log]\nlevel = warning\n'))
        self.assertIn('runs *aground*', self.found())

    @tap.timeout(WAIT_S)
    def test_removing_keeps_news_and_settings(self):
        self.root.run('apt-get', 'remove', '-qq', '-y', 'lede')
        self.assertFalse(self.root.has('/usr/bin/lede'))
        self.assertTrue(self.root.has(ARCHIVE + '/manifest.json') and self.root.has('/etc/lede/lede.ini'))
        self.root.install(package('lede'))
        self.assertIn('runs *aground*', self.found())

    @tap.timeout(WAIT_S)
    def test_purging_leaves_nothing(self):
        self.root.run('apt-get', 'purge', '-qq', '-y', 'lede')
        self.assertEqual(self.before, self.root.paths_named_lede())
        self.assertEqual([], self.root.accounts())


if os.geteuid() != 0 or not all(map(shutil.which, ('debootstrap', 'unshare', 'dpkg-deb', 'readelf'))):
    tap.skip_all('only root can make a root; debootstrap, unshare, dpkg-deb and readelf are needed')
tap.main(globals())
