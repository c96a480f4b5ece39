/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole segment made at once: the contract, and what is on the disk before and after. */
#include "builder_sink.h"
#include "guard.h"
#include "output_file.h"
#include "packing.h"
#include "segment_writer.h"

#include <cerrno>
#include <dirent.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

struct lede_builder {
    std::string path;
    std::unique_ptr<lede::BuilderSink> sink;
    uint32_t document_count = 0;
    bool closed = false; /* nothing more can be added */
    bool finished = false;
};

namespace
{

/* Remove a directory and the files in it; what is in the way stays. */
void remove_directory(const std::string &path)
{
    DIR *directory = opendir(path.c_str());
    if (!directory)
        return;
    while (const struct dirent *item = readdir(directory))
        (void)unlinkat(dirfd(directory), item->d_name, 0);
    closedir(directory);
    (void)rmdir(path.c_str());
}

/* Run a step that closes the builder unless it says otherwise. */
template <typename Body>
enum lede_status step_guarded(
    struct lede_builder *builder, struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    if (builder->closed)
        return lede_fail(reterr, LEDE_EIO, "%s: it is finished, or an earlier step failed", what);
    builder->closed = true;
    return lede::guarded(reterr, what, body);
}

enum lede_status check_terms(const struct lede_entry &entry, struct lede_error *reterr)
{
    for (size_t i = 0; i < entry.terms.term_count(); i++) {
        const lede::Term &term = entry.terms.sorted(i);
        if (!lede::glass::term_fits(term.view()))
            return lede_fail(reterr, LEDE_ELIMIT,
                "a term of %u bytes, expected 1 to %zu, zeros counted twice", term.size,
                lede::glass::TERM_BYTES_MAX);
    }
    return LEDE_OK;
}

} // namespace

enum lede_status lede_builder_new_of_kind(const char *path, lede::SinkKind kind,
    struct lede_builder **ret_builder, struct lede_error *reterr)
{
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? lede_fail(reterr, LEDE_EEXISTS, "'%s' exists", path)
                               : lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    enum lede_status status = lede::guarded(reterr, "creating a segment", [&] {
        auto builder = std::make_unique<lede_builder>();
        builder->path = path;
        builder->sink = lede::make_sink(kind, builder->path);
        *ret_builder = builder.release();
        return LEDE_OK;
    });
    if (status != LEDE_OK)
        remove_directory(path);
    return status;
}

extern "C" enum lede_status lede_builder_new(
    const char *path, struct lede_builder **ret_builder, struct lede_error *reterr)
{
    return lede_builder_new_of_kind(path, lede::sink_kind(), ret_builder, reterr);
}

extern "C" enum lede_status lede_builder_add(
    struct lede_builder *builder, const struct lede_entry *entry, struct lede_error *reterr)
{
    return step_guarded(builder, reterr, "adding a document to a segment", [&] {
        enum lede_status status = check_terms(*entry, reterr);
        if (status != LEDE_OK)
            return status;
        builder->sink->add(*entry);
        builder->document_count++;
        builder->closed = false;
        return LEDE_OK;
    });
}

extern "C" size_t lede_builder_memory_bytes(const struct lede_builder *builder)
{
    return builder->sink->memory_bytes();
}

extern "C" uint32_t lede_builder_document_count(const struct lede_builder *builder)
{
    return builder->document_count;
}

extern "C" enum lede_status lede_builder_finish(
    struct lede_builder *builder, uint64_t revision, struct lede_error *reterr)
{
    return step_guarded(builder, reterr, "finishing a segment", [&] {
        builder->sink->finish(revision);
        builder->finished = true;
        return LEDE_OK;
    });
}

extern "C" void lede_builder_free(struct lede_builder *builder)
{
    if (!builder)
        return;
    /* Xapian's writer would commit what is left as it goes: gone first, it does so into files that
     * are removed. */
    (void)lede::guarded(nullptr, "closing a segment", [&] {
        builder->sink.reset();
        return LEDE_OK;
    });
    if (!builder->finished)
        remove_directory(builder->path);
    delete builder;
}

extern "C" void lede_builder_freep(struct lede_builder **builder)
{
    lede_builder_free(*builder);
    *builder = nullptr;
}
