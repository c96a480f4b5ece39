# SPDX-License-Identifier: GPL-2.0-or-later
"""A backup is searched and checked where nothing may be written."""
import os
import signal
import subprocess

from program import BINARY, Case, NEWS, Server, environment, run
import tap

MOUNT = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def tree(directory):
    """Every path below it with its size and times."""
    found = {}
    for place, names, files in os.walk(directory):
        for name in ['.', *names, *files]:
            stat = os.stat(os.path.join(place, name))
            found[os.path.join(place, name)] = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
    return found


def run_mounted(directory, *arguments):
    """Run with the directory mounted read-only, for this process alone."""
    done = subprocess.run(['unshare', '-m', 'sh', '-c', MOUNT, directory, BINARY, *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, env=environment(), check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class ReadOnly(Case):
    def backup(self):
        self.imported(NEWS)
        copy = self.path('copy')
        self.assertEqual(0, run('backup', '--data', self.data, '--copy', copy)[0])
        return copy

    def reads_all(self, how, copy, *flags):
        before = tree(copy)
        code, out, err = how('search', '--data', copy, *flags, 'council')
        self.assertEqual((0, ''), (code, err))
        self.assertIn(' documents, ', out)
        code, out, err = how('stats', '--data', copy, *flags)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'documents +171\n')
        self.assertIn('no: read-only', out)
        code, out, err = how('check', '--data', copy, *flags)
        self.assertEqual((0, ''), (code, err))
        self.assertRegex(out, r'(?m)^\d+ segments, 171 documents whole, 0 lost; 0 problems, 0 repaired\n$')
        self.assertEqual(before, tree(copy))

    def test_with_the_flag_nothing_is_written(self):
        copy = self.backup()
        self.reads_all(run, copy, '--read-only')
        lock = os.path.join(copy, 'lock')
        if os.path.exists(lock):
            os.unlink(lock)
        self.reads_all(run, copy, '--read-only')

    def test_a_read_only_mount_is_searched_and_checked_and_not_served(self):
        copy = self.backup()
        if run_mounted(copy, '--version')[0] != 0:
            self.skipTest('a mount namespace of our own is not allowed here')
        self.reads_all(lambda *arguments: run_mounted(copy, *arguments), copy)
        lock = os.path.join(copy, 'lock')
        if os.path.exists(lock):
            os.unlink(lock)
        self.reads_all(lambda *arguments: run_mounted(copy, *arguments), copy)
        code, _, err = run_mounted(copy, 'serve', '--listen', '127.0.0.1:0', '--data', copy)
        self.assertEqual(2, code)
        self.assertIn('lede restore makes a copy that can be served', err)

    def test_writes_that_are_not_applied_are_no_archive_to_read(self):
        with Server('--data', self.data) as server:
            self.assertEqual(0, run('import', '--url', server.url, NEWS)[0])
            code, _, err = run('search', '--data', self.data, '--read-only', 'council')
            self.assertEqual(2, code)
            self.assertIn('is in use by process', err)
            # One more, right before: within a second nothing but the journal has it.
            self.assertEqual(0, run('import', '--url', server.url, '-', stdin=b'{"title": "the last"}\n')[0])
            server.stop(signal.SIGKILL)
        before = tree(self.data)
        code, _, err = run('search', '--data', self.data, '--read-only', 'council')
        self.assertEqual(2, code)
        self.assertIn('has writes that are not applied yet', err)
        self.assertIn('open it once where it can be written', err)
        self.assertEqual(before, tree(self.data))
        self.assertEqual(0, run('search', '--data', self.data, 'council')[0])
        self.assertEqual(0, run('search', '--data', self.data, '--read-only', 'council')[0])


tap.main(globals())
