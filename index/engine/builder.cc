/* A whole segment made at once, for bulk work. */
#include "entry.h"
#include "guard.h"
#include "metadata.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

struct lede_builder {
    lede_builder() = default;
    lede_builder(const lede_builder &) = delete;
    lede_builder &operator=(const lede_builder &) = delete;

    std::string path;
    Xapian::WritableDatabase database;
    size_t memory_bytes = 0;
    uint32_t document_count = 0;
    bool failed = false; /* or finished: no more may be added */
    bool finished = false;
};

namespace
{

/* What Xapian's maps take of a posting, about. */
constexpr size_t XAPIAN_BYTES_PER_TERM = 160;

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

enum lede_status sync_directory(const std::string &path, struct lede_error *reterr)
{
    int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    enum lede_status status =
        is_synced ? LEDE_OK : lede_fail_errno(reterr, LEDE_EIO, "cannot sync '%s'", path.c_str());
    if (fd >= 0)
        close(fd);
    return status;
}

std::string parent_of(const std::string &path)
{
    size_t slash = path.find_last_of('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

template <typename Body>
enum lede_status add_guarded(
    struct lede_builder *builder, struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    if (builder->failed)
        return lede_fail(reterr, LEDE_EIO, "%s: the segment is finished, or an earlier step failed", what);
    builder->failed = true;
    return lede::guarded(reterr, what, [&] { return body(); });
}

} // namespace

extern "C" enum lede_status lede_builder_new(
    const char *path, struct lede_builder **ret_builder, struct lede_error *reterr)
{
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? lede_fail(reterr, LEDE_EEXISTS, "'%s' exists", path)
                               : lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    enum lede_status status = lede::guarded(reterr, "creating a segment", [&] {
        auto builder = std::make_unique<lede_builder>();
        builder->path = path;
        builder->database = Xapian::WritableDatabase(path, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS);
        lede::write_first_metadata(builder->database);
        builder->database.begin_transaction(false);
        *ret_builder = builder.release();
        return LEDE_OK;
    });
    if (status != LEDE_OK)
        remove_directory(path);
    return status;
}

extern "C" enum lede_status lede_builder_add(
    struct lede_builder *builder, const struct lede_entry *entry, struct lede_error *reterr)
{
    return add_guarded(builder, reterr, "adding a document to a segment", [&] {
        if (builder->database.term_exists(std::string(entry->id_term))) {
            builder->failed = false;
            return lede_fail(reterr, LEDE_EEXISTS, "the segment has a document of this id already");
        }
        builder->database.add_document(lede::document_of(*entry));
        builder->memory_bytes += entry->terms.term_count() * XAPIAN_BYTES_PER_TERM;
        builder->document_count++;
        builder->failed = false;
        return LEDE_OK;
    });
}

extern "C" size_t lede_builder_memory_bytes(const struct lede_builder *builder)
{
    return builder->memory_bytes;
}

extern "C" uint32_t lede_builder_document_count(const struct lede_builder *builder)
{
    return builder->document_count;
}

extern "C" enum lede_status lede_builder_finish(
    struct lede_builder *builder, uint64_t revision, struct lede_error *reterr)
{
    return add_guarded(builder, reterr, "finishing a segment", [&] {
        builder->database.set_metadata(lede::METADATA_REVISION, std::to_string(revision));
        builder->database.commit_transaction();
        builder->database.commit();
        builder->database.close();
        enum lede_status status = sync_directory(builder->path, reterr);
        if (status == LEDE_OK)
            status = sync_directory(parent_of(builder->path), reterr);
        builder->finished = status == LEDE_OK;
        return status;
    });
}

extern "C" void lede_builder_free(struct lede_builder *builder)
{
    if (!builder)
        return;
    if (!builder->finished) {
        (void)lede::guarded(nullptr, "dropping a segment", [&] {
            builder->database.close();
            return LEDE_OK;
        });
        remove_directory(builder->path);
    }
    delete builder;
}

extern "C" void lede_builder_freep(struct lede_builder **builder)
{
    lede_builder_free(*builder);
    *builder = nullptr;
}
