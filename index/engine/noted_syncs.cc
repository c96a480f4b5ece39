/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "noted_syncs.h"

#include "file_error.h"

#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace
{

thread_local int first_error = 0;

} // namespace

extern "C" __attribute__((weak)) int lede_system_fdatasync(int fd)
{
    return static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" __attribute__((visibility("default"))) int fdatasync(int fd)
{
    int status = lede_system_fdatasync(fd);
    if (status != 0 && first_error == 0)
        first_error = errno;
    return status;
}

lede::NotedSyncs::NotedSyncs()
{
    first_error = 0;
}

void lede::NotedSyncs::expect_all(const std::string &path) const
{
    if (first_error == 0)
        return;
    errno = first_error;
    throw FileError("sync", path);
}
