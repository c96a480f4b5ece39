# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy that is killed, whose disk fails, whose power is cut, while it is fetched or follows: afterwards it has what its source has.

LEDE_CRASH_KILLS (20) says how many faults, LEDE_SEED which. LEDE_BINARY is lede-faults; the source has no faults."""
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from test_crash import POINTS, from_environment
from victim import PLAIN, Victim
from program import Program, WAIT_S
import tap

COPYING = ['copy-ready', 'copy-replace']


class Copy(Victim):
    """A copy may also end by itself, where it cannot be fetched."""

    def launch(self, faults='', power=False, seed=1):
        try:
            return super().launch(faults, power, seed)
        except AssertionError:
            if not faults:
                raise
            return False


class Rounds:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.home = tempfile.mkdtemp(prefix='lede-copy-')
        self.source = Program(LEDE_STORE_PENDING_BYTES='64KiB')
        self.copy = Copy(os.path.join(self.home, 'data'), self.home, LEDE_REPLICA_SOURCE=self.source.url, LEDE_REPLICA_NAME='copy')
        self.ends = threading.Event()
        self.writer = None
        self.written = 0
        self.met = {}

    def write(self):
        chance = random.Random(self.written)
        while not self.ends.is_set():
            self.written += 1
            number = chance.randrange(60)
            if chance.random() < 0.2:
                self.source.delete(f'd{number}')
            else:
                self.source.put(f'd{number}', {'title': f'version {self.written}', 'body': 'granite ' * chance.randrange(400)})

    def start_writer(self):
        self.ends.clear()
        self.writer = threading.Thread(target=self.write)
        self.writer.start()

    def stop_writer(self):
        self.ends.set()
        self.writer.join(WAIT_S)

    def plan(self, action, ever=''):
        chance = self.random.random()
        if chance < 0.5:
            return f'call={int(2 ** self.random.uniform(0, 9))},do={action}{ever}'
        point = self.random.choice(COPYING if chance < 0.7 else POINTS)
        return f'point={point}:{int(2 ** self.random.uniform(0, 3))},do={action}{ever}'

    def fault_once(self):
        """A directory that is new, or a copy; a fault at a call, at a point, or at a moment."""
        action = self.random.choice(['kill', 'kill', 'power', 'power', 'eio', 'enospc'])
        is_new = self.random.random() < 0.4
        if is_new:
            shutil.rmtree(self.copy.data, ignore_errors=True)
        plan = self.plan(action, ',for=ever' if action in ('eio', 'enospc') and self.random.random() < 0.5 else '')
        came_up = self.copy.launch(plan, action == 'power', self.random.randrange(1 << 30))
        what = f'{"new" if is_new else "old"} {action}'
        self.met[what] = self.met.get(what, 0) + 1
        if not came_up:
            return
        if not self.copy.wait_dead(self.random.uniform(0.1, 1)):
            if action in ('eio', 'enospc'):
                self.copy.give('')
                time.sleep(0.2)
            if action == 'power':
                self.copy.process.send_signal(signal.SIGUSR2)
                self.copy.wait_dead(10)
            elif self.random.random() < 0.8:
                self.copy.process.kill()
            else:
                self.copy.process.terminate()
                self.copy.wait_dead(WAIT_S)
        self.copy.bury()

    def documents(self, program):
        answer = program.get('/export.ndjson', sort='newest')
        assert answer.status == 200, answer.text
        return {json.loads(line)['id']: line for line in answer.text.splitlines()}

    def verify(self):
        """It starts, comes to the end of the log, and is the same; its files are whole."""
        assert self.copy.launch(), 'it did not start again'
        place = self.source.get('/replication').json
        until = time.monotonic() + WAIT_S
        here = {}
        while time.monotonic() < until and here.get('position') != place['position']:
            here = self.copy.get('/replication').json
            time.sleep(0.02)
        assert here['position'] == place['position'], (here, place, self.copy.log_text()[-2000:])
        there = self.documents(self.source)
        found = self.documents(self.copy)
        assert found == there, sorted(set(found.items()) ^ set(there.items()))[:4]
        assert self.copy.get('/stats').json['set_aside'] == 0
        assert self.copy.stop() == 0
        checked = subprocess.run([PLAIN, 'check', '--data', self.copy.data], capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def go(self, count):
        for _ in range(count):
            self.start_writer()
            try:
                for _ in range(self.random.choice((1, 1, 2, 3))):
                    self.fault_once()
            finally:
                self.stop_writer()
            self.verify()

    def close(self):
        if self.copy.process and self.copy.process.poll() is None:
            self.copy.bury()
        self.source.kill()
        self.source.remove()
        shutil.rmtree(self.home, ignore_errors=True)


class Copies(unittest.TestCase):
    @tap.timeout(290)
    def test_a_copy_has_what_its_source_has_whatever_becomes_of_it(self):
        count, seed = from_environment()
        print(f'# {count // 2}, seed {seed}', flush=True)
        rounds = Rounds(seed)
        try:
            rounds.go(count // 2)
        finally:
            print(f'# {rounds.met}; {rounds.written} writes', flush=True)
            rounds.close()


if __name__ == '__main__':
    tap.main(globals())
