/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of each test's own. */
#ifndef TEST_ENGINE_TEMPORARY_DIRECTORY_H
#define TEST_ENGINE_TEMPORARY_DIRECTORY_H

#include <cstdlib>
#include <filesystem>
#include <string>

inline std::string directory; /* of the test that runs */

/* cmocka's setup and teardown. */
inline int make_directory(void **)
{
    char name[] = "/tmp/lede-engine-test-XXXXXX";
    if (!mkdtemp(name))
        return -1;
    directory = name;
    return 0;
}

inline int remove_directory(void **)
{
    std::filesystem::remove_all(directory);
    return 0;
}

#endif
