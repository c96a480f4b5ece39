/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations that fail from the n-th on, for tests that try every n.
 *
 * The linker sends here what a program allocates that has failing_allocations
 * (tests/base/meson.build) among its sources and failing_allocations_args among its link
 * arguments. */
#ifndef TEST_BASE_FAILING_ALLOCATIONS_H
#define TEST_BASE_FAILING_ALLOCATIONS_H

/* How many succeed before all others fail; -1: all succeed, as at the start. Threads: one. */
extern long allocations_left;

#endif
