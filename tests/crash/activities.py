# SPDX-License-Identifier: GPL-2.0-or-later
"""What is under way when a call fails.

Each activity is what some clients, or a tool, do with one data directory: few requests with small documents, so that a walk of all
faults is short. `setting_up` comes before the fault is armed, `act` while it is. A server that ends meanwhile ends the activity."""
import glob
import os
import shutil
import subprocess
import threading
import time

from victim import PLAIN
from writers import ABSENT, Lost

TOOL_S = 30


def together(*jobs):
    """Clients at the same time; the failure of a test is one here, the end of a server is none."""
    failures = []

    def run(job):
        try:
            job()
        except Lost:
            pass
        except Exception as why:  # noqa: BLE001: told by the thread that joins
            failures.append(why)
    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TOOL_S * 3)
        assert not thread.is_alive(), 'a request hangs'
    if failures:
        raise failures[0]


def wait():
    """Until what was sent is taken in, most likely."""
    time.sleep(0.01)


def in_turn(*steps):
    def run():
        for step in steps:
            step()
    return run


class Activity:
    """With a server that runs."""
    limits = 'pending_bytes=2500,build_after_bytes=16000,fan_in=2'
    offline = False

    def __init__(self, bench):
        self.bench = bench

    @property
    def writers(self):
        return self.bench.writers.all

    def setting_up(self):
        pass

    def recover(self):
        pass

    def act(self):
        raise NotImplementedError

    def verify(self):
        pass


class Single(Activity):
    def act(self):
        a, b, _ = self.writers
        together(in_turn(a.put, a.reput, a.put, a.put, a.reput), in_turn(b.put, b.reput, b.put, b.put))


class Bulk(Activity):
    limits = 'pending_bytes=60000,build_after_bytes=16000,fan_in=2'

    def act(self):
        a, b, _ = self.writers
        a.bulk(wait='searchable', count=12)
        together(lambda: a.bulk(wait='searchable', count=8, pause=in_turn(wait, b.put, b.reput)))
        together(in_turn(a.rebulk, lambda: a.bulk(wait='durable', count=8)), in_turn(b.put, b.bulk))


class Atomic(Activity):
    def act(self):
        a, b, _ = self.writers
        together(in_turn(a.atomic, a.refused_atomic, a.atomic, a.rebulk), in_turn(b.put, b.atomic, b.reput))


class Patch(Activity):
    def act(self):
        a, b, _ = self.writers
        together(in_turn(lambda: a.bulk(wait='durable', count=6), a.patch, a.patch, a.patch), in_turn(b.put, b.patch, b.put, b.patch))


class Delete(Activity):
    limits = 'pending_bytes=1000,build_after_bytes=16000,fan_in=2'

    def setting_up(self):
        self.writers[0].bulk(wait='searchable', count=8)

    def act(self):
        a, b, _ = self.writers
        together(in_turn(a.delete, a.delete_by_query, a.delete_lines, a.delete), in_turn(b.delete, b.put, b.delete, b.put))


class Mixed(Activity):
    """Groups of which nobody waits for the sync (a bulk that streams), and groups in which nothing changes, on one journal.
    Merges are rare: what one made is taken over after a commit, which syncs."""
    limits = 'pending_bytes=1000000,build_after_bytes=1000000,fan_in=8'

    def act(self):
        a, b, c = self.writers
        together(lambda: a.bulk(wait='searchable', count=8, pause=in_turn(wait, b.reput)))
        together(lambda: a.bulk(wait='durable', count=8, pause=in_turn(wait, b.rebulk, b.put)),
                 lambda: c.bulk(wait='searchable', count=8, pause=wait))


class Backup(Activity):
    def setting_up(self):
        self.bench.forget_backup_sometimes()

    def act(self):
        a, b, _ = self.writers
        together(in_turn(a.put, self.back_up, a.put, a.delete, self.back_up), in_turn(b.put, b.put, b.put))

    def back_up(self):
        self.bench.back_up(self.ask)

    def ask(self):
        status, body = self.writers[0].ask('POST', '/backup', '{"name": "backup"}')
        assert status == 200 or status >= 500, f'a backup was answered {status}: {body[:200]}'
        return status == 200

    def verify(self):
        self.bench.check_backup()


class Tool(Activity):
    """A program that works on the directory of a server that was stopped."""
    offline = True
    is_tool = True

    def take_over(self):
        """The server ends, the tool's turn comes."""
        self.bench.stop()

    def run(self, *words):
        return self.bench.run_tool(*words)


class Copy(Tool):
    """`lede backup --copy`."""

    def setting_up(self):
        self.bench.forget_backup_sometimes()
        self.writers[0].bulk(wait='searchable', count=6)

    def act(self):
        path = os.path.join(self.bench.disk, 'backups', 'backup')
        self.bench.back_up(lambda: self.run('backup', '--copy', path) == 0)

    def verify(self):
        self.bench.check_backup()


class Repair(Tool):
    """`lede check --repair` of a segment whose postings are damaged, or of a list that is lost."""

    def setting_up(self):
        a, b, _ = self.writers
        a.bulk(wait='searchable', count=6)
        b.put()
        a.delete()

    def take_over(self):
        self.bench.stop()
        tables = sorted(glob.glob(os.path.join(self.bench.lede.data, 'segments', '*', 'postlist.glass')))
        if self.bench.random.random() < 0.3 or not tables:
            os.unlink(os.path.join(self.bench.lede.data, 'manifest.json'))
            return
        with open(self.bench.random.choice(tables), 'r+b') as file:
            file.seek(-100, os.SEEK_END)
            byte = file.read(1)
            file.seek(-100, os.SEEK_END)
            file.write(bytes([byte[0] ^ 1]))

    def act(self):
        self.run('check', '--repair')

    def recover(self):
        """What was left undone is done when it is asked again."""
        for _ in range(3):
            done = subprocess.run([PLAIN, 'check', '--repair', '--data', self.bench.lede.data], capture_output=True, text=True,
                                  timeout=TOOL_S, check=False)
            if done.returncode == 0 and '0 problems' in done.stdout:
                return
            self.bench.say(f'repair: {done.stdout} {done.stderr}')
        raise AssertionError(f'it cannot be repaired: {done.stdout} {done.stderr}')


class Start(Tool):
    """A server starts, and replays what one that was killed has left."""
    is_tool = False
    limits = 'pending_bytes=1000000,build_after_bytes=16000,fan_in=2'

    def take_over(self):
        self.bench.bury()

    def setting_up(self):
        a, b, _ = self.writers
        a.bulk(wait='durable', count=12)
        a.put()
        b.delete()
        b.put()

    def act(self):
        self.bench.start_with_fault()


class New(Start):
    """A server starts in a directory that does not exist, and takes its first writes."""

    def setting_up(self):
        pass

    def act(self):
        if not self.bench.start_with_fault():
            return
        a, b, _ = self.writers
        together(in_turn(a.put, lambda: a.bulk(wait='searchable')), in_turn(b.put, b.put))

    def take_over(self):
        self.bench.bury()
        shutil.rmtree(self.bench.lede.data)
        for writer in self.writers:
            writer.states = {identity: {ABSENT} for identity in writer.states}
            writer.groups = []


ACTIVITIES = {'single': Single, 'bulk': Bulk, 'atomic': Atomic, 'patch': Patch, 'delete': Delete, 'mixed': Mixed, 'backup': Backup,
              'copy': Copy, 'repair': Repair, 'start': Start, 'new': New}
