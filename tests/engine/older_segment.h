/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment as analysis version 4 had it: terms do not say of which language a stem is, and where
 * words stand is in texts alone. */
#ifndef TEST_ENGINE_OLDER_SEGMENT_H
#define TEST_ENGINE_OLDER_SEGMENT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Make that of a segment of today's version, in its place. Ends the process where it cannot. */
void older_segment_make(const char *path);

#ifdef __cplusplus
}
#endif
#endif
