# SPDX-License-Identifier: GPL-2.0-or-later
"""The processor time of another process, in milliseconds: of all its threads, of those that have ended too."""
import time

SCHEDULER_CLOCK = 2  # of a process, as Linux numbers them: clock_getcpuclockid() makes the same


def of_process_ms(pid):
    return time.clock_gettime_ns((~pid << 3) | SCHEDULER_CLOCK) / 1e6
