# SPDX-License-Identifier: GPL-2.0-or-later
"""The program with a layer of faults between it and its files (faults.h), as a child process."""
import json
import mmap
import os
import signal
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'api')]
from program import Program, WAIT_S  # noqa: E402

PLAIN = os.environ.get('LEDE_PLAIN_BINARY') or os.environ.get('LEDE_BINARY', '')
# The list of segments is written every so often.
SETTINGS = {'LEDE_STORE_PENDING_BYTES': '64KiB'}
CONTROL_BYTES, PLANS_AT, PLANS_BYTES, PLACE_AT = 2048, 16, 1008, 1024  # struct control of plans.h


class Control:
    """What the layer and the test share."""

    def __init__(self, path):
        self.path = path
        with open(path, 'w+b') as file:
            file.write(bytes(CONTROL_BYTES))
            file.flush()
            self.memory = mmap.mmap(file.fileno(), CONTROL_BYTES)
        self.generation = 0

    def give(self, plans):
        text = plans.encode()
        assert len(text) < PLANS_BYTES
        self.memory[PLANS_AT:PLANS_AT + PLANS_BYTES] = text.ljust(PLANS_BYTES, b'\0')
        self.memory[PLACE_AT:PLACE_AT + 4] = bytes(4)
        struct.pack_into('=I', self.memory, 4, 0)
        self.generation += 1
        struct.pack_into('=I', self.memory, 0, self.generation)

    @property
    def met(self):
        """How often a call failed since plans were given."""
        return struct.unpack_from('=I', self.memory, 4)[0]

    @property
    def place(self):
        """Of the first of these: the call, the kind of file, its path."""
        return self.memory[PLACE_AT:CONTROL_BYTES].split(b'\0')[0].decode(errors='replace')


class Victim(Program):
    """The program with faults; start() returns whether it came up."""

    def __init__(self, data, home, watched=None, **settings):
        self.owns_data = False
        self.home, self.data, self.process = home, data, None
        self.listen = '127.0.0.1:0'
        self.log = None
        self.control = Control(os.path.join(home, 'control'))
        self.give = self.control.give  # plans of faults; none: the disk is well again
        self.ours = {**SETTINGS, **settings, 'LEDE_FAULTS_DIRECTORY': watched or data,
                     'LEDE_FAULTS_CONTROL': self.control.path, 'LEDE_FAULTS_LOG': os.path.join(home, 'faults')}
        self.ours.setdefault('LEDE_STORE_BACKUPS', os.path.join(home, 'backups'))

    def launch(self, faults='', power=False, seed=1):
        self.settings = {**self.ours, 'LEDE_FAULTS_SEED': str(seed)}
        if power:
            self.settings['LEDE_FAULTS_POWER'] = '1'
        self.give(faults)
        try:
            self.start()
            return True
        except RuntimeError:
            assert self.process.returncode == -signal.SIGKILL, f'it ended with {self.process.returncode}: {self.log_text()}'
            return False
        finally:
            if self.process.poll() is not None:
                self.process.stdout.close()
                self.log.close()

    def wait_dead(self, seconds):
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def bury(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.log.close()

    def listed(self):
        with open(os.path.join(self.data, 'manifest.json')) as file:
            return [segment['number'] for segment in json.load(file)['segments']]

    def check_segments(self):
        """xapian-check on each that the manifest lists; one that a merge retires meanwhile may go."""
        for number in self.listed():
            path = os.path.join(self.data, 'segments', f'{number:06}')
            run = subprocess.run(['xapian-check', path], capture_output=True, text=True, timeout=60, check=False)
            if run.returncode != 0 and number in self.listed():
                raise AssertionError(f'xapian-check {path}: {run.stdout[-500:]} {run.stderr[-500:]}')
