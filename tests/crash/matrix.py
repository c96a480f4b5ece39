# SPDX-License-Identifier: GPL-2.0-or-later
"""Every call that changes a file fails, whatever is under way, whatever comes next: a matrix that is walked.

    python3 tests/crash/matrix.py                    the test that CI runs: a sample that rotates with the commit
    python3 tests/crash/matrix.py --all              all of it; called again with the same --state it goes on where it was ended
    python3 tests/crash/matrix.py --cells 'mixed/fdatasync/*/eio/once/kill' [--times 10]
    python3 tests/crash/matrix.py --list

A cell is activity/call/file/error/once or ever/next. README.md tells what each of them means. LEDE_BINARY is lede-faults-small,
LEDE_PLAIN_BINARY is lede. The seed (--seed, LEDE_SEED, else made of the commit) chooses the call within a cell, and moments."""
import argparse
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'api'), HERE]
from activities import ACTIVITIES  # noqa: E402
from bench import Bench  # noqa: E402
import tap  # noqa: E402
from writers import Lost  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
ERRORS = {
    'create': ('eio', 'enospc', 'eintr'), 'open': ('eio', 'eintr'), 'write': ('eio', 'enospc', 'eintr', 'short'),
    'ftruncate': ('eio', 'enospc', 'eintr', 'late'), 'fallocate': ('eio', 'enospc', 'eintr'), 'fsync': ('eio', 'enospc', 'eintr'),
    'fdatasync': ('eio', 'enospc', 'eintr'), 'sync-directory': ('eio', 'enospc', 'eintr'),
    'rename': ('eio', 'enospc', 'eintr', 'late'), 'unlink': ('eio', 'eintr', 'late'), 'link': ('eio', 'enospc', 'eintr', 'late'),
    'mkdir': ('eio', 'enospc', 'eintr', 'late'), 'rmdir': ('eio', 'eintr', 'late'),
}
NEXTS = ('merge', 'group', 'kill', 'power', 'stop')
TRACES = 4       # runs of an activity that show which calls there are
TRIES = 3        # of a cell whose call did not come
CHUNK = 40       # cells that one bench is for
SAMPLE = 200     # cells that CI walks
JOBS = 2
stopped = threading.Event()  # no more cells: a signal came


# ---- Which cells there are ----

def errors_of(call):
    for error in ERRORS[call]:
        yield error, 'once'
        if error != 'late':
            yield error, 'ever'


def cells_of(counts):
    """counts: by activity, how often each (call, file) comes."""
    return [f'{activity}/{call}/{file}/{error}/{times}/{following}'
            for activity in counts for call, file in sorted(counts[activity])
            for error, times in errors_of(call) for following in NEXTS]


def of_the_product(counts):
    """Cells of all calls on all files, were each reachable in each activity."""
    pairs = {pair for found in counts.values() for pair in found}
    return sum(len(list(errors_of(call))) * len(NEXTS) for call, _ in pairs) * len(counts)


def set_up(bench):
    if not bench.is_up():
        assert bench.start(), 'it did not start'
    bench.activity.setting_up()
    if bench.activity.offline:
        bench.activity.take_over()


def trace(activity, seed):
    """How often each call on each kind of file comes while the activity is under way: the middle of some runs."""
    bench = Bench(activity, f'{seed} trace')
    log = os.path.join(bench.home, 'faults')
    runs = []
    try:
        for _ in range(TRACES):
            set_up(bench)
            open(log, 'w').close()
            bench.plans = 'trace'
            if not bench.activity.offline:
                bench.lede.give('trace')
            bench.activity.act()
            run = {}
            with open(log) as lines:
                for line in lines:
                    words = line.split()
                    if words[1] == 'trace':
                        run[words[2], words[3]] = run.get((words[2], words[3]), 0) + 1
            runs.append(run)
            bench.lede.give('')
            bench.activity.recover()
    finally:
        bench.close()
    pairs = {pair for run in runs for pair in run}
    return {pair: sorted(run[pair] for run in runs if pair in run)[0] for pair in pairs}


def trace_all(activities, seed):
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return dict(zip(activities, pool.map(lambda activity: trace(activity, seed), activities)))


# ---- Walking one ----

class Cell:
    def __init__(self, name):
        self.name = name
        self.activity, self.call, self.file, self.error, self.times, self.following = name.split('/')

    def plans(self, nth, chance, is_tool):
        plan = f'kind={self.call},file={self.file},nth={nth},do={self.error}'
        if self.times == 'ever':
            plan += ',for=all' if self.error in ('eio', 'enospc') and chance.random() < 0.5 else ',for=ever'
        if self.following in ('kill', 'power'):
            if chance.random() < 0.5:
                plan += f';after={chance.randint(1, 30)},do={self.following}'
            if is_tool:
                plan += f';at=exit,do={self.following}'
        return plan


def end(bench, following):
    """Of the server that had the fault; the disk is well afterwards."""
    if following == 'power':
        bench.lose_power()
    elif following == 'stop' and bench.is_up():
        if bench.random.random() < 0.5:
            bench.lede.give('')
        bench.stop()
    elif following in ('merge', 'group') and bench.is_up():
        if following == 'group':
            bench.another_group()
        bench.recover()
        if following == 'merge':
            bench.merge()
        bench.verify()
        if bench.random.random() < 0.5:
            bench.bury()
        else:
            bench.stop()
    bench.bury()
    bench.lede.give('')


def walk(bench, cell, nth):
    """Returns where the fault was met; empty: it was not."""
    activity = bench.activity
    is_tool = activity.offline and activity.is_tool
    bench.met = ''
    set_up(bench)
    bench.plans = cell.plans(nth, bench.random, is_tool)
    if not activity.offline:
        bench.lede.give(bench.plans)
    try:
        activity.act()
    except Lost:
        pass
    bench.met = bench.lede.control.place if bench.lede.control.met else ''
    if activity.offline:
        activity.recover()
        if not bench.is_up() and cell.following not in ('kill', 'power'):
            assert bench.start(), 'it did not start'
    end(bench, cell.following)
    bench.check_files()
    assert bench.start(), 'it did not start again'
    bench.recover()
    bench.verify()
    activity.verify()
    return bench.met


class Walk:
    def __init__(self, counts, seed, state=None):
        self.counts = counts
        self.seed = seed
        self.state = state
        self.lock = threading.Lock()
        self.results = {}
        if state and os.path.exists(state):
            with open(state) as lines:
                for line in lines:
                    result = json.loads(line)
                    self.results[result['cell']] = result

    def note(self, **result):
        with self.lock:
            self.results[result['cell']] = result
            if self.state:
                with open(self.state, 'a') as file:
                    file.write(json.dumps(result) + '\n')
            if result['result'] == 'found':
                print(f"# FOUND by {result['cell']} seed {self.seed}: {result['message']}\n#   {result['place']}; {result['plans']}",
                      flush=True)

    def walk_one(self, bench, name):
        cell = Cell(name)
        bench.random.seed(f'{self.seed} {name}')
        nth = bench.random.randint(1, self.counts[cell.activity].get((cell.call, cell.file), 1))
        place = ''
        for _ in range(TRIES):
            place = walk(bench, cell, nth)
            if place:
                break
            nth = (nth + 1) // 2
        self.note(cell=name, result='walked' if place else 'not met', place=place)

    def walk_chunk(self, names):
        bench = None
        for name in names:
            if stopped.is_set():
                break
            try:
                if not bench:
                    bench = Bench(name.split('/')[0], f'{self.seed} {name}')
                self.walk_one(bench, name)
            except Exception as why:  # noqa: BLE001: whatever it is, it was found
                text = ''.join(traceback.format_exception(why)).splitlines()
                self.note(cell=name, result='found', message=re.sub(r'\s+', ' ', str(why) or repr(why))[:600],
                          place=bench.met or bench.lede.control.place if bench else '', plans=bench.plans if bench else '', trace=text[-12:])
                if bench and os.environ.get('LEDE_CRASH_KEEP'):
                    bench.bury()
                    print(f'# kept: {bench.home}', flush=True)
                elif bench:
                    bench.close()
                bench = None
        if bench:
            bench.close()

    def walk_all(self, names):
        """In an order of the seed; cells of one activity come one after the other, so that a bench is for many."""
        order = random.Random(self.seed)
        chunks = []
        for activity in ACTIVITIES:
            left = [name for name in names if name.startswith(activity + '/') and name not in self.results]
            order.shuffle(left)
            chunks += [left[at:at + CHUNK] for at in range(0, len(left), CHUNK)]
        order.shuffle(chunks)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            list(pool.map(self.walk_chunk, chunks))

    def report(self, cells):
        done = [self.results[name] for name in cells if name in self.results]
        kinds = {kind: sum(result['result'] == kind for result in done) for kind in ('walked', 'not met', 'found')}
        print(f"# {of_the_product(self.counts)} cells were every call on every file in every activity; {len(cells)} can be reached; "
              f"of these {len(done)} were walked: {kinds['walked']} well, {kinds['found']} found something, "
              f"in {kinds['not met']} the call did not come", flush=True)
        for activity in self.counts:
            mine = [name for name in cells if name.startswith(activity + '/')]
            there = [self.results[name]['result'] for name in mine if name in self.results]
            print(f"#   {activity:8} {len(mine):5} cells, {len(there):5} walked, {there.count('not met'):4} not met, "
                  f"{there.count('found'):4} found", flush=True)
        return [result for result in done if result['result'] == 'found']


# ---- The program ----

def seed_of_the_tree():
    """Of the commit; without git of the sources."""
    listed = subprocess.run(['git', '-C', ROOT, 'rev-parse', 'HEAD'], capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return listed.stdout.strip()[:12]
    digest = hashlib.sha256()
    for folder in ('index', 'server', 'tests/crash'):
        for place, folders, names in sorted(os.walk(os.path.join(ROOT, folder))):
            folders.sort()
            for name in sorted(name for name in names if name.endswith(('.c', '.h', '.cc', '.py'))):
                with open(os.path.join(place, name), 'rb') as file:
                    digest.update(file.read())
    return digest.hexdigest()[:12]


def default_seed():
    return os.environ.get('LEDE_SEED') or seed_of_the_tree()


class Matrix(unittest.TestCase):
    @tap.timeout(800)
    def test_nothing_is_lost_whatever_call_fails_and_whatever_comes_next(self):
        seed = default_seed()
        started = time.monotonic()
        counts = trace_all(list(ACTIVITIES), seed)
        cells = cells_of(counts)
        sample = random.Random(seed).sample(cells, min(len(cells), int(os.environ.get('LEDE_MATRIX_CELLS', SAMPLE))))
        walked = Walk(counts, seed)
        print(f'# seed {seed}: {len(sample)} of {len(cells)} cells', flush=True)
        walked.walk_all(sample)
        found = walked.report(cells)
        print(f'# {time.monotonic() - started:.0f} s', flush=True)
        self.assertEqual([result['cell'] for result in found], [])


def chosen(cells, patterns):
    return [name for name in cells if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--cells', nargs='+', default=[])
    parser.add_argument('--times', type=int, default=1, help='walk the cells so often, each time with another seed')
    parser.add_argument('--seed', default=default_seed())
    parser.add_argument('--state', help='a file: what was walked; default in the directory for temporary files, named by the seed')
    arguments = parser.parse_args()
    if not shutil.which('xapian-check'):
        tap.skip_all('xapian-check is not installed')
    if not (arguments.all or arguments.cells or arguments.list):
        tap.main(globals(), [])
    wanted = {pattern.split('/')[0] for pattern in arguments.cells}
    activities = [name for name in ACTIVITIES if not wanted or any(fnmatch.fnmatchcase(name, one) for one in wanted)]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    state = arguments.state or os.path.join(tempfile.gettempdir(), f'lede-matrix-{arguments.seed}.jsonl')
    counts = trace_all(activities, arguments.seed)
    cells = chosen(cells_of(counts), arguments.cells) if arguments.cells else cells_of(counts)
    if arguments.list:
        print('\n'.join(cells))
        return
    found = []
    for turn in range(arguments.times):
        seed = arguments.seed if turn == 0 else f'{arguments.seed}.{turn}'
        walked = Walk(counts, seed, state if arguments.all else None)
        started = time.monotonic()
        print(f'# seed {seed}, {len(cells)} cells' + (f', state {state}' if arguments.all else ''), flush=True)
        walked.walk_all(cells)
        found += walked.report(cells)
        print(f'# {time.monotonic() - started:.0f} s', flush=True)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
