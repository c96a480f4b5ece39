# SPDX-License-Identifier: GPL-2.0-or-later
"""One data directory, the server over it, its writers: what a cell of the matrix is walked on."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from activities import ACTIVITIES, TOOL_S
from program import BINARY, Program
from victim import PLAIN, Victim
from writers import Writers

MERGE_S = 120  # merges wait for idle processors

IDS = 20
WRITERS = 3
MEMORY, MEMORY_BYTES = '/dev/shm', 1 << 28


def place():
    """Where syncs cost nothing, if there is room: what they are for is modelled (power.h)."""
    if os.path.isdir(MEMORY) and os.access(MEMORY, os.W_OK):
        facts = os.statvfs(MEMORY)
        if facts.f_bavail * facts.f_frsize >= MEMORY_BYTES:
            return MEMORY
    return None


class Bench:
    def __init__(self, activity, seed):
        self.home = tempfile.mkdtemp(prefix='lede-matrix-', dir=place())
        self.disk = os.path.join(self.home, 'disk')
        os.makedirs(os.path.join(self.disk, 'backups'))
        self.activity = ACTIVITIES[activity](self)
        self.random = random.Random(f'{seed} {activity}')
        self.lede = Victim(os.path.join(self.disk, 'data'), self.home, self.disk, LEDE_FAULTS_STORE=self.activity.limits,
                           LEDE_STORE_LANES='2', LEDE_SERVER_WRITE_THREADS='4', LEDE_SERVER_SEARCH_THREADS='1',
                           LEDE_SERVER_IO_THREADS='1', LEDE_STORE_BACKUPS=os.path.join(self.disk, 'backups'))
        self.writers = Writers(WRITERS, seed, IDS)
        self.backups = []      # the states of the first writer that the backup may hold; the first of them was answered
        self.has_backup = False  # one was answered
        self.plans = self.met = ''  # the fault, and where it was met
        self.said = []
        self.start()
        for writer in self.writers.all:
            writer.bulk(wait='searchable', count=IDS // 2)
            writer.put()
        self.stop()  # what this one made is on the disk; `new` has a first server's faults

    def say(self, what):
        self.said.append(what.strip())

    # ---- The server ----

    def is_up(self):
        return bool(self.lede.process) and self.lede.process.poll() is None

    def connect(self):
        for writer in self.writers.all:
            writer.port = self.lede.port

    def start(self, faults=''):
        came_up = self.lede.launch(faults, power=True, seed=self.random.randrange(1 << 30))
        if came_up:
            self.connect()
        return came_up

    def start_with_fault(self):
        """False: it ended, killed or with an error that says why."""
        try:
            return self.start(self.plans)
        except AssertionError:
            code = self.lede.process.returncode
            assert code in (1, 2), f'a start ended with {code}: {self.lede.log_text()[-2000:]}'
            return False

    def lose_power(self):
        if self.is_up():
            self.lede.process.send_signal(signal.SIGUSR2)
            assert self.lede.wait_dead(10), 'the power was not lost'
        self.bury()

    def bury(self):
        if self.lede.process and not self.lede.process.stdout.closed:
            self.lede.bury()

    def stop(self):
        code = self.lede.stop()
        assert code == 0, f'it ended with {code}'

    def run_tool(self, *words):
        """Its exit code; negative: it was killed."""
        environment = dict(os.environ, **self.lede.ours, LEDE_FAULTS_POWER='1', LEDE_FAULTS_SEED=str(self.random.randrange(1 << 30)))
        self.lede.give(self.plans)
        done = subprocess.run([BINARY, *words, '--data', self.lede.data], capture_output=True, text=True, timeout=TOOL_S, check=False,
                              env=environment)
        assert done.returncode in (0, 1, 2, -signal.SIGKILL), f'{words}: {done.returncode} {done.stderr[-1000:]}'
        return done.returncode

    # ---- What comes next ----

    def recover(self):
        """The disk is well: a write is taken, without a restart."""
        self.lede.give('')
        for _ in range(60):
            answer = self.lede.put('probe', {'title': 'probe', 'tags': ['probe']})
            if answer.status in (200, 201):
                assert self.lede.delete('probe').status in (200, 204)
                return
            time.sleep(0.02)
        raise AssertionError(f'it takes no writes after the fault: {answer.status} {answer.text[:300]}')

    def merge(self):
        """Write until segments were merged."""
        writer = self.writers.all[2]
        before = self.lede.get('/stats').json['merging']['merges']
        end = time.monotonic() + MERGE_S
        while time.monotonic() < end:
            writer.put()
            writer.put()
            if self.lede.get('/stats').json['merging']['merges'] >= before + 2:
                return
        raise AssertionError('nothing was merged')

    def another_group(self):
        writer = self.writers.all[2]
        writer.put()
        writer.reput()
        answer = self.lede.get('/search', q='granite')
        assert answer.status == 200, f'reads stopped: {answer.status} {answer.text[:300]}'

    def forget_backup_sometimes(self):
        """A first backup makes what a later one finds."""
        if self.random.random() < 0.4:
            shutil.rmtree(os.path.join(self.disk, 'backups', 'backup'), ignore_errors=True)
            self.backups, self.has_backup = [], False

    def back_up(self, ask):
        """Another backup in the place of the last one; `ask` says whether it was done."""
        states = {identity: set(states) for identity, states in self.writers.all[0].states.items()}
        self.backups.append(states)
        if ask():
            self.backups, self.has_backup = [states], True

    # ---- What must be so ----

    def check_files(self):
        """Of a directory that no server holds: what the manifest lists is there, and whole."""
        for number in self.lede.listed() if os.path.exists(os.path.join(self.lede.data, 'manifest.json')) else ():
            path = os.path.join(self.lede.data, 'segments', f'{number:06}')
            assert os.path.exists(os.path.join(path, 'iamglass')), f'the manifest lists segment {number}, whose files are not there'
        if os.path.exists(os.path.join(self.lede.data, 'manifest.json')):
            self.check_directory(self.lede.data)

    def check_directory(self, path):
        done = subprocess.run([PLAIN, 'check', '--data', path], capture_output=True, text=True, timeout=TOOL_S, check=False)
        assert done.returncode == 0 and ' 0 problems' in done.stdout, f'lede check: {done.stdout[-1500:]} {done.stderr[-500:]}'
        return done.stdout

    def verify(self):
        """The server runs, and the disk is well."""
        self.writers.check(self.lede, sample=1)
        self.lede.check_segments()
        quarantined = self.lede.get('/stats').json['quarantined']
        assert quarantined == [], f'taken for damaged: {quarantined}'

    def check_backup(self):
        path = os.path.join(self.disk, 'backups', 'backup')
        if not os.path.exists(os.path.join(path, 'manifest.json')):
            assert not self.has_backup, 'a backup that was answered has gone'
            return
        self.check_directory(path)
        if self.random.random() < 0.7:
            return
        copy = os.path.join(self.home, 'copy')
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(path, copy)
        lede = Program(copy)
        try:
            writer = self.writers.all[0]
            for identity, document in self.writers.by_id(lede, writer.states).items():
                state = int(document['title'][1:].split('w')[0]) if document else None
                may_be = set().union(*(states[identity] for states in self.backups))
                assert state in may_be, f'the backup has {state} of {identity}, expected one of {may_be}'
        finally:
            lede.kill()
            lede.remove()

    def close(self):
        self.bury()
        shutil.rmtree(self.home, ignore_errors=True)
