/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of positions gives each document's bytes back, in any order, also joined from others;
 * damage is told. */
#include "forward_file.h"
#include "forward_file_writer.h"
#include "temporary_directory.h"

#include <atomic>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

extern "C" {
#include <cmocka.h>
}

namespace
{

using Documents = std::vector<std::string>; /* of numbers 1, 2, 3 … */

std::string noise(size_t size, unsigned *seed)
{
    std::string bytes(size, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(rand_r(seed));
    return bytes;
}

Documents make_documents(size_t count, unsigned seed)
{
    Documents documents;
    for (size_t i = 0; i < count; i++)
        documents.push_back(
            noise(rand_r(&seed) % 4 == 0 ? 0 : static_cast<size_t>(rand_r(&seed)) % 900, &seed));
    return documents;
}

std::string write(const std::string &name, const Documents &documents)
{
    std::string path = directory + "/" + name;
    std::filesystem::create_directory(path);
    lede::ForwardFileWriter writer(path);
    for (const std::string &document : documents)
        writer.add(document);
    assert_int_equal(writer.count(), documents.size());
    writer.finish();
    return path;
}

void expect(const std::string &path, const Documents &documents)
{
    std::shared_ptr<const lede::ForwardFile> file = lede::ForwardFile::open(path);
    assert_non_null(file.get());
    for (bool keeps_blocks : {true, false}) {
        lede::ForwardFileReader reader(file, keeps_blocks);
        for (size_t i = 0; i < documents.size(); i++)
            assert_true(reader.find(static_cast<Xapian::docid>(i + 1)) == documents[i]);
        for (size_t i = documents.size(); i-- > 0;)
            assert_true(reader.find(static_cast<Xapian::docid>(i + 1)) == documents[i]);
        for (size_t i = 0; i < documents.size(); i += 1 + i / 3) /* ever farther on */
            assert_true(reader.find(static_cast<Xapian::docid>(i + 1)) == documents[i]);
        assert_true(reader.find(0).empty());
        assert_true(reader.find(static_cast<Xapian::docid>(documents.size() + 1)).empty());
        assert_true(reader.find(UINT32_MAX).empty());
    }
}

void each_document_is_found_in_any_order(void **)
{
    for (size_t count : {0, 1, 2, 900, 5000})
        expect(write(std::to_string(count), make_documents(count, 7)), make_documents(count, 7));
    expect(write("one large", {noise(300000, std::make_unique<unsigned>(3).get()), "x"}),
        {noise(300000, std::make_unique<unsigned>(3).get()), "x"});
}

/* What one reader has read another need not read. */
void searches_share_what_they_read(void **)
{
    Documents documents = make_documents(3000, 11);
    std::shared_ptr<const lede::ForwardFile> file =
        lede::ForwardFile::open(write("shared", documents));
    lede::ForwardFileReader one(file), other(file);
    assert_true(one.find(1) == documents[0]);
    assert_ptr_equal(one.find(1).data(), other.find(1).data());
    assert_non_null(file->find(0, 1));
}

void many_threads_read_one_file(void **)
{
    Documents documents = make_documents(2000, 13);
    std::shared_ptr<const lede::ForwardFile> file =
        lede::ForwardFile::open(write("threads", documents));
    std::atomic<size_t> right{0};
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < 4; thread++) {
        threads.emplace_back([&, thread] {
            lede::ForwardFileReader reader(file);
            for (size_t i = 0; i < documents.size(); i++) {
                size_t at = (i * 7 + thread * 500) % documents.size();
                right += reader.find(static_cast<Xapian::docid>(at + 1)) == documents[at];
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    assert_int_equal(right, 4 * documents.size());
}

/* The first file takes all that may be kept: the second is read all the same, and kept when the
 * first is gone. */
void what_may_be_kept_is_bounded(void **)
{
    constexpr uint64_t BLOCK = 32768;
    std::string large = write("large", {"x"}), small = write("small", make_documents(100, 3));
    std::filesystem::resize_file(large + "/positions", lede::FORWARD_KEPT_BYTES_MAX + 2 * BLOCK);
    int fd = ::open((large + "/positions").c_str(), O_RDONLY | O_CLOEXEC);
    auto hog = std::make_unique<lede::ForwardFile>(fd, lede::FORWARD_KEPT_BYTES_MAX + 2 * BLOCK);
    uint64_t kept = 0;
    while (kept < lede::FORWARD_KEPT_BYTES_MAX + BLOCK && hog->find(kept, 1))
        kept += BLOCK;
    assert_int_equal(kept, lede::FORWARD_KEPT_BYTES_MAX);
    std::shared_ptr<const lede::ForwardFile> file = lede::ForwardFile::open(small);
    assert_null(file->find(0, 1));
    expect(small, make_documents(100, 3));
    hog.reset();
    assert_non_null(file->find(0, 1));
}

void a_segment_without_the_file_has_no_positions(void **)
{
    std::shared_ptr<const lede::ForwardFile> none = lede::ForwardFile::open(directory);
    assert_null(none.get());
    assert_true(lede::ForwardFileReader(none).find(1).empty());
}

/* Document d of the second is d + 2 + 3: between the two are numbers of no document. */
void joined_documents_move_by_their_segments_shift(void **)
{
    std::string first = write("first", {"a", "", "c"}), second = write("second", {"", "e", "f"});
    std::string without = directory + "/without", joined = directory + "/joined";
    std::filesystem::create_directory(without);
    std::filesystem::create_directory(joined);
    lede::join_forward_files({{first, 0}, {without, 3}, {second, 5}}, joined);
    expect(joined, {"a", "", "c", "", "", "", "e", "f"});
}

enum class Outcome { RIGHT, TOLD, WRONG };

Outcome read_all(const std::string &path, const Documents &documents)
{
    try {
        std::shared_ptr<const lede::ForwardFile> file = lede::ForwardFile::open(path);
        lede::ForwardFileReader reader(file);
        for (size_t i = 0; i < documents.size(); i++) {
            if (reader.find(static_cast<Xapian::docid>(i + 1)) != documents[i])
                return Outcome::WRONG;
        }
        return Outcome::RIGHT;
    } catch (const Xapian::DatabaseError &) {
        return Outcome::TOLD;
    }
}

void a_file_that_was_cut_off_is_told(void **)
{
    Documents documents = make_documents(40, 5);
    std::string path = write("cut", documents), file = path + "/positions";
    for (auto size = std::filesystem::file_size(file); size-- > 0;) {
        std::filesystem::resize_file(file, size);
        assert_true(read_all(path, documents) == Outcome::TOLD);
    }
}

/* What documents hold has checksums elsewhere; places that are damaged give other bytes of the
 * file, or are told. */
void damage_anywhere_reads_nothing_outside(void **)
{
    Documents documents = make_documents(40, 5);
    std::string path = write("flip", documents), file = path + "/positions";
    auto size = std::filesystem::file_size(file);
    for (size_t at = 0; at < size; at += 3) {
        FILE *stream = fopen(file.c_str(), "r+");
        assert_non_null(stream);
        fseek(stream, static_cast<long>(at), SEEK_SET);
        int byte = fgetc(stream);
        fseek(stream, static_cast<long>(at), SEEK_SET);
        fputc(byte ^ 0x55, stream);
        fclose(stream);
        assert_true(read_all(path, documents) != Outcome::RIGHT);
        stream = fopen(file.c_str(), "r+");
        fseek(stream, static_cast<long>(at), SEEK_SET);
        fputc(byte, stream);
        fclose(stream);
    }
    assert_true(read_all(path, documents) == Outcome::RIGHT);
}

} // namespace

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main()
{
    const struct CMUnitTest tests[] = {
        TEST(each_document_is_found_in_any_order),
        TEST(searches_share_what_they_read),
        TEST(many_threads_read_one_file),
        TEST(what_may_be_kept_is_bounded),
        TEST(a_segment_without_the_file_has_no_positions),
        TEST(joined_documents_move_by_their_segments_shift),
        TEST(a_file_that_was_cut_off_is_told),
        TEST(damage_anywhere_reads_nothing_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
