/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers and writers of files throw: lede::guarded() makes a status of it. */
#ifndef LEDE_ENGINE_GLASS_FILE_ERROR_H
#define LEDE_ENGINE_GLASS_FILE_ERROR_H

#include <cerrno>
#include <exception>
#include <string>
#include <utility>

namespace lede
{

class FileError : public std::exception
{
  public:
    /* action  "write"; errno says why */
    FileError(const char *action, std::string path)
        : action_(action), path_(std::move(path)), error_number_(errno)
    {
    }
    const char *action() const
    {
        return action_;
    }
    const std::string &path() const
    {
        return path_;
    }
    int error_number() const
    {
        return error_number_;
    }

  private:
    const char *action_;
    std::string path_;
    int error_number_;
};

/* A file is not what its format says: ECORRUPT. */
class DamagedError : public std::exception
{
  public:
    explicit DamagedError(std::string what) : what_(std::move(what))
    {
    }
    const char *what() const noexcept override
    {
        return what_.c_str();
    }

  private:
    std::string what_;
};

} // namespace lede
#endif
