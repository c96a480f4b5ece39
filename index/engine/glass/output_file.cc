/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output_file.h"

#include "file_error.h"

#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace lede::glass
{

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)), fd_(-1), buffer_(std::make_unique<char[]>(BUFFER_BYTES))
{
    fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0)
        throw FileError("create", path_);
}

OutputFile::~OutputFile()
{
    if (fd_ >= 0)
        (void)::close(fd_);
}

void OutputFile::write_out(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = ::write(fd_, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throw FileError("write", path_);
        bytes += written;
        size -= static_cast<size_t>(written);
    }
}

void OutputFile::flush()
{
    write_out(buffer_.get(), buffered_);
    buffered_ = 0;
}

void OutputFile::write(const char *bytes, size_t size)
{
    if (size > BUFFER_BYTES - buffered_)
        flush();
    if (size > BUFFER_BYTES) {
        write_out(bytes, size);
        return;
    }
    memcpy(buffer_.get() + buffered_, bytes, size);
    buffered_ += size;
}

void OutputFile::close()
{
    flush();
    int fd = std::exchange(fd_, -1);
    if (fd >= 0 && ::close(fd) != 0)
        throw FileError("close", path_);
}

} // namespace lede::glass
