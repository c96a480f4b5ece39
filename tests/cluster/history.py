# SPDX-License-Identifier: GPL-2.0-or-later
"""Is what clients of a cluster saw what one machine could have shown them?

A history is what was asked and answered, with the times of both. Two kinds of work are checked:

register  For each key writes, reads and compare-and-sets. Each must seem to have been done at one moment between its call and its
          answer (linearizability). The search for such an order is Wing and Gong's, as Lowe has it: what may come first is tried, with
          a memory of what was tried, as a pair of the set of operations that are done and the value then. Keys are independent, and so
          are checked one by one. What is not decided in its time is told as that.
set       Values are added, each once, and read all together. What was answered is in every read that begins later; what was never
          added, or surely not, is in none; nothing is there twice, nothing that was read goes away, and what is added together is seen
          together.

An operation ends in one of three ways: "ok"; "fail", it was surely not done; "unknown", it may have been done, or may be done yet. An
unknown one has no end: it may come to be at any time after its call, or never.

    history = History()
    operation = history.begin(process=1, kind='write', key='k', value=7)
    ...
    operation.ok()                                  # or .fail(); left alone, it is unknown
    for verdict in check_registers(history.operations): ...

By hand: history.py register|set FILE, where each line of the file is a JSON object with the members of an Operation.
"""
import collections
import dataclasses
import json
import sys
import threading
import time
import typing

OK, FAIL, UNKNOWN = 'ok', 'fail', 'unknown'
NEVER = float('inf')
SECONDS_MAX = 60.0
MEMORY_MAX = 5_000_000   # pairs that are remembered
STEPS_A_LOOK = 4096      # at the clock


@dataclasses.dataclass
class Operation:
    """What one process asked for, and what it was told."""
    process: typing.Any
    kind: str                     # register: write, read, cas; set: add, read
    value: typing.Any = None      # write, add: what; add of several together: a list; cas: [expected, new]; read: what was read, a list for a set
    key: typing.Any = None
    start: float = 0.0
    end: float = NEVER
    outcome: str = UNKNOWN        # a cas that was refused because the value was another is "ok", and is_refused
    is_refused: bool = False

    def finish(self, outcome):
        self.end = time.monotonic()
        self.outcome = outcome
        return self

    def ok(self, value=None, is_refused=False):
        """It was answered. value  what was read"""
        if self.kind == 'read':
            self.value = value
        self.is_refused = is_refused
        return self.finish(OK)

    def fail(self):
        """It was surely not done."""
        return self.finish(FAIL)

    def __str__(self):
        end = '…' if self.end == NEVER else f'{self.end:.6f}'
        told = 'refused' if self.is_refused else self.outcome
        return f'{self.kind} {"" if self.key is None else str(self.key) + " "}{self.value!r} by {self.process} [{self.start:.6f}, {end}] {told}'


class History:
    """Operations, of many threads, in the order of their calls."""

    def __init__(self):
        self.operations = []
        self.lock = threading.Lock()

    def begin(self, process, kind, key=None, value=None):
        operation = Operation(process=process, kind=kind, key=key, value=value, start=time.monotonic())
        with self.lock:
            self.operations.append(operation)
        return operation

    def write(self, path):
        with open(path, 'w', encoding='utf-8') as file:
            for operation in self.operations:
                members = {field.name: getattr(operation, field.name) for field in dataclasses.fields(operation)}
                members['end'] = None if operation.end == NEVER else operation.end
                file.write(json.dumps(members, ensure_ascii=False) + '\n')


def read_file(path):
    with open(path, encoding='utf-8') as file:
        for line in file:
            members = json.loads(line)
            members['end'] = NEVER if members.get('end') is None else members['end']
            yield Operation(**members)


@dataclasses.dataclass
class Verdict:
    is_right: typing.Optional[bool]   # None: not decided
    reason: str = ''
    key: typing.Any = None
    steps: int = 0

    def __bool__(self):
        return self.is_right is True


# ---- Registers ----

def step(value, operation):
    """The value after an operation, in a pair with whether it can have been done at this value."""
    if operation.kind == 'write':
        return True, operation.value
    if operation.kind == 'read':
        return operation.value == value, value
    expected, new = operation.value
    if operation.is_refused:
        return value != expected, value
    # One whose end is unknown may have been refused; it did nothing then, as if it never came.
    return value == expected, new


def settled(operations):
    """Those that say something. What surely did nothing says nothing, nor does a read without an answer, nor an unknown write whose value nobody saw."""
    rest = [operation for operation in operations if operation.outcome == OK or (operation.outcome == UNKNOWN and operation.kind != 'read')]
    if any(operation.is_refused for operation in rest):
        return rest  # a value that nobody read may be why
    while True:
        seen = [operation.value for operation in rest if operation.kind == 'read'] + [operation.value[0] for operation in rest if operation.kind == 'cas']
        kept = [operation for operation in rest if operation.outcome == OK or written(operation) in seen]
        if len(kept) == len(rest):
            return rest
        rest = kept


def written(operation):
    return operation.value if operation.kind == 'write' else operation.value[1]


class Entry:
    """A call or an answer, in a list from which both are taken out while their operation is done."""
    __slots__ = ('operation', 'bit', 'answer', 'before', 'after')

    def __init__(self, operation, bit, answer):
        self.operation, self.bit, self.answer = operation, bit, answer   # answer: of a call, its Entry or None; of an answer, itself
        self.before = self.after = None

    @property
    def is_call(self):
        return self.answer is not self

    def take_out(self):
        self.before.after = self.after
        if self.after:
            self.after.before = self.before

    def put_back(self):
        self.before.after = self
        if self.after:
            self.after.before = self


def entries_of(operations):
    """The list of calls and answers by time, behind a head. A call at the moment of another's answer may have come before it."""
    events = []
    for number, operation in enumerate(operations):
        call = Entry(operation, 1 << number, None)
        events.append((operation.start, 0, number, call))
        if operation.outcome == OK:
            answer = Entry(operation, 1 << number, None)
            answer.answer = call.answer = answer
            events.append((operation.end, 1, number, answer))
    events.sort(key=lambda event: event[:3])
    head = last = Entry(None, 0, None)
    for event in events:
        last.after, event[3].before = event[3], last
        last = event[3]
    return head


def check_register(operations, initial=None, seconds=SECONDS_MAX, key=None):
    """Is there an order? operations  of one key; initial  its value before them"""
    rest = settled(operations)
    head = entries_of(rest)
    open_answers = sum(operation.outcome == OK for operation in rest)
    value, done, steps = initial, 0, 0
    tried, stack, furthest = set(), [], (-1, None, None)
    entry = head.after
    ends = time.monotonic() + seconds
    while open_answers > 0:
        steps += 1
        if steps % STEPS_A_LOOK == 0 and (time.monotonic() > ends or len(tried) > MEMORY_MAX):
            return Verdict(None, f'not decided after {steps} steps over {len(rest)} operations', key, steps)
        if entry.is_call:
            can_be, then = step(value, entry.operation)
            pair = (done | entry.bit, then)
            if not can_be or pair in tried:
                entry = entry.after  # there is one: an answer that is open stands behind every call that may be tried
                continue
            tried.add(pair)
            stack.append((entry, value))
            value, done = then, pair[0]
            open_answers -= entry.operation.outcome == OK
            entry.take_out()
            if entry.answer:
                entry.answer.take_out()
            entry = head.after
            continue
        # An answer has come whose operation has no place before it: another order has to be tried.
        if len(stack) > furthest[0]:
            furthest = (len(stack), value, entry.operation)
        if not stack:
            return Verdict(False, explain(furthest), key, steps)
        entry, value = stack.pop()
        done &= ~entry.bit
        open_answers += entry.operation.outcome == OK
        if entry.answer:
            entry.answer.put_back()
        entry.put_back()
        entry = entry.after
    return Verdict(True, '', key, steps)


def explain(furthest):
    count, value, operation = furthest
    return f'no order has a place for: {operation}; the longest has {count} operations before it, after which the value is {value!r}'


def check_registers(operations, initial=None, seconds=SECONDS_MAX):
    """A verdict for each key. seconds  for a key"""
    keys = collections.defaultdict(list)
    for operation in operations:
        keys[operation.key].append(operation)
    return [check_register(those, initial, seconds, key) for key, those in keys.items()]


# ---- Sets ----

def together(operation):
    return operation.value if isinstance(operation.value, (list, tuple)) else [operation.value]


def faults_of_read(read, adds, by_value):
    """What is wrong with one read, by itself."""
    counts = collections.Counter(read.value)
    for value, count in counts.items():
        add = by_value.get(value)
        if count > 1:
            yield f'{value!r} is there {count} times in: {short(read)}'
        if add is None:
            yield f'{value!r} was never added, and is in: {short(read)}'
        elif add.outcome == FAIL:
            yield f'{value!r} was surely not added, and is in: {short(read)}'
        elif add.start > read.end:
            yield f'{value!r} was added later, and is in: {short(read)}'
    for add in adds:
        found = [value for value in together(add) if value in counts]
        if add.outcome == OK and add.end < read.start and len(found) < len(together(add)):
            missing = [value for value in together(add) if value not in counts]
            yield f'{missing!r} was added, and is not in: {short(read)}'
        elif found and len(found) < len(together(add)):
            yield f'of {together(add)!r}, added together, only {found!r} is in: {short(read)}'


def short(read):
    return f'the read of {len(read.value)} by {read.process} [{read.start:.6f}, {read.end:.6f}]'


def check_set(operations):
    """One verdict; its reason has what is wrong, a line each. The last read is the final one: it has to be made when all is done."""
    adds = [operation for operation in operations if operation.kind == 'add']
    reads = sorted((operation for operation in operations if operation.kind == 'read' and operation.outcome == OK), key=lambda read: read.end)
    by_value = {value: add for add in adds for value in together(add)}
    if not reads:
        return Verdict(None, 'nothing was read')
    faults = [fault for read in reads for fault in faults_of_read(read, adds, by_value)]
    # What a read saw, every read sees that begins when that one has ended.
    for number, earlier in enumerate(reads):
        for later in reads[number + 1:]:
            gone = set(earlier.value) - set(later.value) if later.start > earlier.end else None
            if gone:
                faults.append(f'{sorted(map(repr, gone))} was in {short(earlier)} and is not in {short(later)}')
    return Verdict(not faults, '\n'.join(faults), steps=len(reads))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ('register', 'set'):
        sys.exit('usage: history.py register|set FILE')
    operations = list(read_file(sys.argv[2]))
    verdicts = check_registers(operations) if sys.argv[1] == 'register' else [check_set(operations)]
    for verdict in verdicts:
        said = {True: 'right', False: 'wrong', None: 'not decided'}[verdict.is_right]
        print(f'{said}{"" if verdict.key is None else f" of {verdict.key}"}{": " + verdict.reason if verdict.reason else ""}')
    sys.exit(0 if all(verdicts) else 1)


if __name__ == '__main__':
    main()
