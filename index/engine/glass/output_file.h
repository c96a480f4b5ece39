/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new file written from its beginning to its end. Failures are FileError. */
#ifndef LEDE_ENGINE_GLASS_OUTPUT_FILE_H
#define LEDE_ENGINE_GLASS_OUTPUT_FILE_H

#include <memory>
#include <string>

namespace lede::glass
{

class OutputFile
{
  public:
    /* The file must not exist. */
    explicit OutputFile(std::string path);
    ~OutputFile();
    OutputFile(const OutputFile &) = delete;
    OutputFile &operator=(const OutputFile &) = delete;

    void write(const char *bytes, size_t size);
    /* Write what is buffered. */
    void flush();
    /* Flush, and close. */
    void close();
    const std::string &path() const
    {
        return path_;
    }

  private:
    void write_out(const char *bytes, size_t size);

    static constexpr size_t BUFFER_BYTES = 256 * 1024;
    std::string path_;
    int fd_;
    std::unique_ptr<char[]> buffer_;
    size_t buffered_ = 0;
};

} // namespace lede::glass
#endif
