# SPDX-License-Identifier: GPL-2.0-or-later
"""The container's steps without a container: a root that has what running needs and nothing else, mounted read-only, and a user that it
does not know."""
import os
import re
import shutil
import signal
import subprocess
import urllib.request

from program import BINARY, Case, NEWS, SOURCE, WAIT_S, environment
import tap

UID = 41234  # no user of the root
# A namespace of our own: the root read-only, the volume a file system with the owner that the test wants.
MOUNT = '''mount --bind "$0" "$0" && mount --rbind /proc "$0/proc" && mount -t tmpfs -o "uid=$1,mode=0755" volume "$0/var/lib/lede" &&
mount -o remount,ro,bind "$0" && shift && exec chroot --userspec=%d:%d "$0" "$@"''' % (UID, UID)


def dockerfile():
    """The instructions that the running container has, by their names."""
    with open(os.path.join(SOURCE, 'Dockerfile')) as file:
        last = file.read().split('\nFROM ')[-1]
    return re.findall(r'(?m)^([A-Z]+) (.*)$', last)


def libraries(binary):
    listed = subprocess.run(['ldd', binary], capture_output=True, text=True, check=True, timeout=WAIT_S).stdout
    return re.findall(r'(?m)(/\S+) \(0x', listed)


class Container(Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not shutil.which('dpkg'):
            self.skipTest('only root can make a root, of what dpkg knows')
        os.chmod(self.directory, 0o755)
        self.root = self.path('root')
        for folder in ('proc', 'tmp', 'var/lib/lede', 'usr/bin', 'etc/lede'):
            os.makedirs(os.path.join(self.root, folder))
        for file in libraries(BINARY):
            self.take(file)
        for package in ('tzdata', 'libexttextcat-data'):
            for file in subprocess.run(['dpkg', '-L', package], capture_output=True, text=True, check=True, timeout=WAIT_S).stdout.split('\n'):
                if file and os.path.isfile(file) and '/doc/' not in file:
                    self.take(file)
        shutil.copy(BINARY, os.path.join(self.root, 'usr/bin/lede'))
        for name in ('lede.ini', 'synonyms'):
            shutil.copy(os.path.join(SOURCE, 'config', name), os.path.join(self.root, 'etc/lede'))

    def take(self, file):
        target = self.root + file
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(file, target)

    def variables(self, **more):
        text = ' '.join(value for name, value in dockerfile() if name == 'ENV')
        return environment(PATH='/usr/bin:/bin:/usr/sbin:/sbin', HOME='/', **{**dict(pair.split('=', 1) for pair in text.split()), **more})

    def start(self, *arguments, owner=UID, **variables):
        command = ['unshare', '-m', 'sh', '-c', MOUNT, self.root, str(owner), '/usr/bin/lede', *arguments]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd='/',
                                env=self.variables(**variables))

    def may_mount(self):
        process = self.start('--version')
        out, err = process.communicate(timeout=WAIT_S)
        if 'unshare' in err or 'mount' in err or 'chroot' in err:
            self.skipTest('a mount namespace of our own is not allowed here')
        self.assertEqual((0, 'lede '), (process.returncode, out[:5]), err)

    def test_it_serves_as_any_user_on_a_read_only_root(self):
        self.may_mount()
        instructions = dict(dockerfile())
        self.assertEqual(('["lede"]', '["serve"]'), (instructions['ENTRYPOINT'], instructions['CMD']))
        process = self.start('serve', LEDE_SERVER_LISTEN='127.0.0.1:0')
        try:
            url = process.stdout.readline().split()[-1]
            with open(NEWS, 'rb') as file:
                request = urllib.request.Request(url + '/documents', file.read(), {'Content-Type': 'application/x-ndjson'})
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                self.assertEqual(200, answer.status)
            with urllib.request.urlopen(url + '/search?q=ferry+aground&lang=en', timeout=WAIT_S) as answer:
                self.assertIn(b'"language":"en"', answer.read().replace(b' ', b''))
            health = self.start('health', '--url', url)
            self.assertEqual('ready\n', health.communicate(timeout=WAIT_S)[0])
        finally:
            process.send_signal(signal.SIGTERM)
            err = process.communicate(timeout=WAIT_S)[1]
        self.assertEqual(0, process.returncode, err)

    def test_without_a_key_it_says_what_to_do(self):
        self.may_mount()
        process = self.start('serve')
        err = process.communicate(timeout=WAIT_S)[1]
        self.assertEqual(2, process.returncode)
        self.assertRegex(err, r'expected keys.*\n.*lede key new')

    def test_a_volume_of_another_is_told_with_the_remedy(self):
        self.may_mount()
        process = self.start('serve', owner=0, LEDE_SERVER_LISTEN='127.0.0.1:0')
        err = process.communicate(timeout=WAIT_S)[1]
        self.assertEqual(2, process.returncode)
        self.assertRegex(err, r"/var/lib/lede.*Permission denied\n.*user %d may not write.*chown" % UID)


tap.main(globals())
