/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named places where a test makes the disk fail, or the process end: nothing at all, but in the
 * program of tests/crash. */
#ifndef LEDE_STORE_FAULT_H
#define LEDE_STORE_FAULT_H

#ifdef LEDE_FAULTS
void lede_fault_reached(const char *name);
#define lede_fault_point(name) lede_fault_reached(name)
#else
#define lede_fault_point(name) ((void)0)
#endif

#endif
