/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two databases compared by all that Xapian's read API shows of them; every difference fails the
 * test. */
#ifndef TEST_ENGINE_SAME_DATABASE_H
#define TEST_ENGINE_SAME_DATABASE_H

#include <xapian.h>

#include <string>

constexpr Xapian::valueno slots_compared[] = {
    0, 1, 2, 4, 5, 6, 7, 8, 11, 15, 16, 17, 18, 127, 128, 300, 70000};

/* A text that says all of a document but its terms, which stand in no list. */
std::string describe_document(const Xapian::Database &database, Xapian::docid docid);
void assert_same(const std::string &ours, const std::string &theirs, const std::string &what);
/* Xapian's own check finds nothing wrong. */
void assert_sound(const std::string &path);
void assert_same_databases(const std::string &our_path, const std::string &their_path);

#endif
