/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment is built with its n-th allocation failing, then with its n-th call of the file system
 * failing, for every n: the status says so, and nothing of the segment is left. */
#include "made_entry.h"
#include "temporary_directory.h"

#include <cerrno>
#include <xapian.h>

#include <csetjmp>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <string>
#include <unistd.h>

extern "C" {
#include <cmocka.h>

void *__real_malloc(size_t size);
int __real_open64(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t size);
int __real_rename(const char *from, const char *to);
int __real_mkdir(const char *path, mode_t mode);
void *__wrap_malloc(size_t size);
int __wrap_open64(const char *path, int flags, ...); /* what open() is here */
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __wrap_rename(const char *from, const char *to);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_fsync(int fd);
}

namespace
{

/* One fails, those after it do not. */
struct Countdown {
    size_t left = SIZE_MAX;
    bool has_failed = false;

    bool fails_now()
    {
        if (left == SIZE_MAX || has_failed || left-- > 0)
            return false;
        has_failed = true;
        return true;
    }
};

Countdown allocations;
Countdown calls;

bool call_fails()
{
    if (!calls.fails_now())
        return false;
    errno = ENOSPC;
    return true;
}

} // namespace

void *__wrap_malloc(size_t size)
{
    return allocations.fails_now() ? nullptr : __real_malloc(size);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(arguments, int) : 0);
    va_end(arguments);
    return call_fails() ? -1 : __real_open64(path, flags, mode);
}

/* A disk that fills up takes a part first. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    if (call_fails())
        return -1;
    return __real_write(fd, bytes, size > 1 ? size / 2 + 1 : size);
}

int __wrap_rename(const char *from, const char *to)
{
    return call_fails() ? -1 : __real_rename(from, to);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    return call_fails() ? -1 : __real_mkdir(path, mode);
}

/* Nobody loses power here. */
int __wrap_fsync(int)
{
    return call_fails() ? -1 : 0;
}

__attribute__((noinline)) void *operator new(size_t size)
{
    void *memory = allocations.fails_now() ? nullptr : __real_malloc(size);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

__attribute__((noinline)) void operator delete(void *memory) noexcept
{
    free(memory);
}

__attribute__((noinline)) void operator delete(void *memory, size_t) noexcept
{
    free(memory);
}

namespace
{

struct Sizes {
    uint32_t documents;
    size_t stored_bytes;
    uint32_t terms;
};

std::string noise(size_t size, uint32_t seed)
{
    std::string bytes(size, ' ');
    for (char &byte : bytes)
        byte = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
    return bytes;
}

std::vector<MadeEntry> make_entries(const Sizes &sizes)
{
    std::vector<MadeEntry> entries;
    for (uint32_t i = 1; i <= sizes.documents; i++) {
        entries.emplace_back(i);
        MadeEntry &entry = entries.back();
        for (uint32_t k = 0; k < sizes.terms; k++)
            entry.posting("t" + std::to_string(k * i), 3);
        entry.value(0, "value").value(3, noise(100, i)).stored(noise(sizes.stored_bytes, i)).get();
    }
    return entries;
}

enum lede_status build(const std::string &path, std::vector<MadeEntry> &entries)
{
    struct lede_builder *builder = nullptr;
    enum lede_status status = lede_builder_new(path.c_str(), &builder, nullptr);
    for (size_t i = 0; i < entries.size() && status == LEDE_OK; i++)
        status = lede_builder_add(builder, entries[i].get(), nullptr);
    if (status == LEDE_OK)
        status = lede_builder_finish(builder, 1, nullptr);
    lede_builder_free(builder);
    return status;
}

void assert_every_failure_leaves_nothing(
    Countdown &countdown, const Sizes &sizes, enum lede_status expected)
{
    std::vector<MadeEntry> entries = make_entries(sizes);
    std::string path = directory + "/segment";
    for (size_t n = 0;; n++) {
        countdown.has_failed = false;
        countdown.left = n;
        enum lede_status status = build(path, entries);
        countdown.left = SIZE_MAX;
        if (!countdown.has_failed) {
            assert_int_equal(status, LEDE_OK);
            assert_true(n > 10);
            assert_int_equal(Xapian::Database(path).get_doccount(), sizes.documents);
            return;
        }
        assert_int_equal(status, expected);
        assert_false(std::filesystem::exists(path));
    }
}

void each_failed_allocation_is_survived(void **)
{
    assert_every_failure_leaves_nothing(allocations, {5, 1000, 30}, LEDE_ENOMEM);
}

void each_call_that_finds_the_disk_full_leaves_nothing(void **)
{
    assert_every_failure_leaves_nothing(calls, {12, 60000, 800}, LEDE_ENOSPC);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(each_failed_allocation_is_survived),
        TEST(each_call_that_finds_the_disk_full_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
