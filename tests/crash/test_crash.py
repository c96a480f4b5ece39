# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are killed, whose disk fails, whose power is cut; and what is there afterwards.

    python3 tests/crash/test_crash.py --mode kill --kills 500 [--seed N]     modes: kill, power, fail, all

Without --kills it is the test that CI runs: LEDE_CRASH_KILLS (20) in all. LEDE_BINARY is lede-faults."""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'api'), HERE]
from program import Program, WAIT_S  # noqa: E402
import tap  # noqa: E402
from victim import PLAIN, Victim  # noqa: E402
from writers import Backups, Writers  # noqa: E402

POINTS = ['journal-append', 'journal-sync', 'journal-file', 'journal-forget', 'build', 'commit', 'list', 'deletions', 'manifest-replace',
          'merge', 'merge-taken-over', 'replay', 'backup']
class Rounds:
    """Kills, one after another, of servers over one directory."""

    def __init__(self, seed, writers=4, ids=40):
        self.random = random.Random(seed)
        self.home = tempfile.mkdtemp(prefix='lede-crash-')
        self.lede = Victim(os.path.join(self.home, 'data'), self.home)
        self.writers = Writers(writers, seed, ids)
        self.backups = Backups(seed)
        os.mkdir(os.path.join(self.home, 'backups'))
        self.met = {}

    def count(self, what):
        self.met[what] = self.met.get(what, 0) + 1

    def start_writers(self):
        self.writers.start(self.lede.port)
        self.backups = Backups(self.random.random(), self.backups)
        self.backups.port = self.lede.port
        self.backups.go_on.set()
        self.backups.start()

    def stop_writers(self):
        self.writers.stop()
        self.backups.stop()

    def one_fault(self, action):
        """A plan: at a call, or at a point."""
        if self.random.random() < 0.5:
            return f'call={int(2 ** self.random.uniform(0, 10))},do={action}'
        return f'point={self.random.choice(POINTS)}:{int(2 ** self.random.uniform(0, 4))},do={action}'

    def kill_once(self, power):
        action = 'power' if power else 'kill'
        at_random = not power and self.random.random() < 0.4
        faults = '' if at_random else self.one_fault(action)
        if not self.lede.launch(faults, power, self.random.randrange(1 << 30)):
            self.count('killed while it started')
            return
        self.start_writers()
        limit = self.random.uniform(0.02, 0.8) if at_random else 1.5
        if not self.lede.wait_dead(limit):
            if power:
                self.lede.process.send_signal(signal.SIGUSR2)
                self.lede.wait_dead(10)
            else:
                self.lede.process.kill()
        self.lede.bury()
        self.stop_writers()
        self.count(f'{action} at a moment' if at_random else faults.split('=')[0] + ' ' + action)

    def check_backup(self):
        """Whatever came while one was taken, the one before is whole: by a program of its own, and by serving a copy."""
        path = os.path.join(self.home, 'backups', 'backup')
        if not os.path.exists(os.path.join(path, 'manifest.json')):
            assert self.backups.answered == 0, 'a backup that was answered has gone'
            return
        checked = subprocess.run([PLAIN, 'check', '--data', path], capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert checked.returncode == 0, f'a backup is damaged: {checked.stdout} {checked.stderr}'
        copy = os.path.join(self.home, 'copy')
        shutil.copytree(path, copy)
        lede = Program(copy)
        try:
            stats = lede.get('/stats').json
            assert stats['quarantined'] == [] and stats['documents'] == lede.total(), stats
            assert stats['revision'] >= self.backups.revision, (stats['revision'], self.backups.revision)
            assert f"{stats['documents']} documents whole" in checked.stdout, checked.stdout
        finally:
            lede.kill()
            lede.remove()
            shutil.rmtree(copy)

    def verify(self):
        self.check_backup()
        assert self.lede.launch(), 'it did not start again'
        present = self.writers.check(self.lede)
        self.lede.check_segments()
        stats = self.lede.get('/stats').json
        assert stats['quarantined'] == [], f"taken for damaged: {stats['quarantined']}"
        code = self.lede.stop()
        assert code == 0, f'it ended with {code}'
        return present

    def kills(self, count, power):
        done = 0
        while done < count:
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self.kill_once(power)
                done += 1
            self.verify()

    def fail_once(self):
        """The disk fails at a point, or a call; later it does not, and nothing needs to be started again."""
        action = self.random.choice(('enospc', 'eio', 'erofs', 'short'))
        ever = ',for=ever' if action != 'short' and self.random.random() < 0.7 else ''
        plan = self.one_fault(action) + ever
        if not re.match(r'call=\d\d', plan) and 'point' not in plan:
            plan = f'call={self.random.randrange(60, 900)},do={action}{ever}'
        # A disk that is full at the start is a test of its own.
        plan = plan.replace('point=replay', 'point=journal-sync')
        assert self.lede.launch(plan), f'it did not start: {plan}'
        self.start_writers()
        time.sleep(self.random.uniform(0.3, 1.5))
        assert self.lede.get('/search', q='granite').status == 200, 'reads stopped'
        self.stop_writers()
        assert self.lede.get('/search', q='granite').status == 200, 'reads stopped'
        self.lede.give('')
        self.recover(plan)
        self.writers.check(self.lede)
        if self.random.random() < 0.5:
            assert self.lede.stop() == 0
        else:
            self.lede.bury()
        self.count(f'{action}{ever}')

    def recover(self, plan):
        for _ in range(40):
            answer = self.lede.put('probe', {'title': 'probe', 'tags': ['probe']})
            if answer.status in (200, 201):
                assert self.lede.delete('probe').status in (200, 204)
                return
            time.sleep(0.05)
        raise AssertionError(f'after {plan} it takes no writes: {answer.status} {answer.text[:300]}')

    def fails(self, count):
        for _ in range(count):
            self.fail_once()
            self.verify()

    def summary(self):
        return ', '.join(f'{count} {what}' for what, count in sorted(self.met.items()))

    def close(self, keep=False):
        if self.lede.process and self.lede.process.poll() is None:
            self.lede.bury()
        if keep:
            print(f'# kept: {self.home}', flush=True)
        else:
            shutil.rmtree(self.home, ignore_errors=True)


def run(mode, count, seed):
    started = time.monotonic()
    rounds = Rounds(seed)
    kept = True
    print(f'# {mode}: {count}, seed {seed}', flush=True)
    try:
        if mode == 'fail':
            rounds.fails(count)
        else:
            rounds.kills(count, mode == 'power')
        kept = False
    finally:
        seconds = time.monotonic() - started
        print(f'# {mode}: {rounds.summary()}; {rounds.writers.answered} writes answered, refused '
              f'{rounds.writers.refusals()}; {rounds.backups.answered} backups; {seconds:.0f} s', flush=True)
        rounds.close(keep=kept and bool(os.environ.get('LEDE_CRASH_KEEP')))


def from_environment():
    return int(os.environ.get('LEDE_CRASH_KILLS', '20')), os.environ.get('LEDE_SEED', '20220119')


class Crash(unittest.TestCase):
    @tap.timeout(290)
    def test_answered_writes_survive_kills_at_any_moment_and_place(self):
        count, seed = from_environment()
        run('kill', count // 2, seed)

    @tap.timeout(290)
    def test_answered_writes_survive_power_losses(self):
        count, seed = from_environment()
        run('power', count // 4, seed)

    @tap.timeout(290)
    def test_a_disk_that_fails_loses_nothing_and_needs_no_restart(self):
        count, seed = from_environment()
        run('fail', count // 4, seed)


class FullAtTheStart(unittest.TestCase):
    @tap.timeout(120)
    def test_a_server_starts_on_a_full_disk_reads_and_recovers_without_a_restart(self):
        rounds = Rounds('full')
        lede = rounds.lede
        try:
            self.assertTrue(lede.launch())
            lede.bulk([{'id': f's{n}', 'title': 'searchable'} for n in range(20)])
            self.assertEqual(lede.stop(), 0)
            self.assertTrue(lede.launch('point=commit,do=kill'))
            self.assertEqual(lede.bulk([{'id': f'd{n}', 'title': 'durable'} for n in range(20)], wait='durable').status, 202)
            self.assertTrue(lede.wait_dead(10), 'it committed nothing')
            lede.bury()
            for action in ('enospc', 'eio', 'erofs'):
                # The first call opens the lock: without one nothing is served.
                self.assertTrue(lede.launch(f'call=2,do={action},for=ever'))
                self.assertEqual(lede.total('searchable'), 20)
                self.assertIn(lede.put('x', {'title': 'refused'}).status, (500, 507))
                self.assertFalse(lede.get('/stats').json['writable'])
                lede.give('')
                rounds.recover(action)
                self.assertEqual((lede.total('searchable'), lede.total('durable')), (20, 20))
                lede.bury()
        finally:
            rounds.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--mode', choices=('kill', 'power', 'fail', 'all'), default='all')
    parser.add_argument('--kills', type=int)
    parser.add_argument('--seed', default=os.environ.get('LEDE_SEED') or str(random.randrange(1 << 30)))
    arguments = parser.parse_args()
    if arguments.kills is None:
        if not shutil.which('xapian-check'):
            tap.skip_all('xapian-check is not installed')
        tap.main(globals(), [])
    for mode in ('kill', 'power', 'fail') if arguments.mode == 'all' else (arguments.mode,):
        run(mode, arguments.kills, arguments.seed)


if __name__ == '__main__':
    main()
