/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_pool.h"

#include "guard.h"
#include "metadata.h"
#include "open_segment.h"

#include <algorithm>
#include <cerrno>
#include <sys/resource.h>

struct lede_engine {
    std::shared_ptr<lede::SegmentPool> pool;
};

namespace lede
{

namespace
{

constexpr size_t DESCRIPTORS_PER_HANDLE = 2; /* postings, and texts once one was read */

/* A quarter of what the process may have, at most: sockets take half, lists and positions of each
 * segment, the journal and segments in the making the rest. */
size_t handles_max(size_t descriptors)
{
    struct rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        descriptors = static_cast<size_t>(std::min<rlim_t>(descriptors, limit.rlim_cur / 4));
    return std::max<size_t>(descriptors / DESCRIPTORS_PER_HANDLE, 1);
}

bool is_same_file(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

} // namespace

struct stat SegmentPool::status_of(const std::string &path) const
{
    struct stat facts = {};
    (void)!stat((path + "/iamglass").c_str(), &facts);
    return facts;
}

enum lede_status SegmentPool::open(
    const char *path, std::shared_ptr<Segment> *ret_segment, struct lede_error *reterr)
{
    std::lock_guard<std::mutex> alone(opening_mutex_);
    struct stat facts = status_of(path);
    std::shared_ptr<Segment> known; /* lives longer than the mutex is held: forget() takes it */
    {
        std::lock_guard<std::mutex> hold(mutex_);
        auto found = by_path_.find(path);
        known = found == by_path_.end() ? nullptr : found->second.lock();
    }
    /* What is open goes on where its directory was taken away. */
    if (known && (facts.st_ino == 0 || is_same_file(known->version_file, facts))) {
        *ret_segment = std::move(known);
        return LEDE_OK;
    }
    std::shared_ptr<Segment> segment(new Segment, [pool = shared_from_this()](Segment *gone) {
        pool->forget(gone);
        delete gone;
    });
    segment->path = path;
    segment->version_file = facts;
    Xapian::Database database = open_segment(path);
    enum lede_status status = check_metadata(database, path, reterr);
    if (status != LEDE_OK)
        return status;
    segment->uuid = database.get_uuid();
    segment->revision = read_revision(database);
    segment->analysis = read_analysis(database);
    segment->documents = database.get_doccount();
    segment->last_document = database.get_lastdocid();
    segment->total_length = static_cast<double>(database.get_total_length());
    segment->lists = std::make_unique<glass::ListReader>(path);
    segment->positions = PositionsFile::open(path);
    std::lock_guard<std::mutex> hold(mutex_);
    open_.insert(segment.get());
    segment->number = ++opened_;
    segment->idle.push_back(std::move(database));
    idle_++;
    by_path_[path] = segment;
    close_idle();
    *ret_segment = std::move(segment);
    return LEDE_OK;
}

std::shared_ptr<TermFacts> SegmentPool::facts_of(const Segments &segments)
{
    std::lock_guard<std::mutex> hold(mutex_);
    std::vector<uint64_t> numbers;
    for (const std::shared_ptr<Segment> &segment : segments)
        numbers.push_back(segment->number);
    std::shared_ptr<TermFacts> known = facts_.lock();
    if (known && numbers == facts_segments_)
        return known;
    auto made = std::make_shared<TermFacts>();
    facts_segments_ = std::move(numbers);
    facts_ = made;
    return made;
}

/* What is known by the name goes, too: it would keep the pointer's deleter, and that this pool. */
void SegmentPool::forget(Segment *segment) noexcept
{
    std::lock_guard<std::mutex> hold(mutex_);
    auto known = by_path_.find(segment->path);
    if (known != by_path_.end() && known->second.expired())
        by_path_.erase(known);
    idle_ -= segment->idle.size();
    segment->idle.clear();
    open_.erase(segment);
}

/* The mutex is held. */
Handles SegmentPool::take_idle(const Segments &segments, std::vector<size_t> *ret_missing)
{
    Handles handles(segments.size());
    loans_++;
    for (size_t i = 0; i < segments.size(); i++) {
        Segment &segment = *segments[i];
        segment.lent_at = loans_;
        if (segment.idle.empty()) {
            ret_missing->push_back(i);
            continue;
        }
        handles[i] = std::move(segment.idle.back());
        segment.idle.pop_back();
        idle_--;
    }
    return handles;
}

/* Those that with the lent ones are too many. The mutex is held until they are closed: who comes
 * next would open others beside them. */
void SegmentPool::close_idle()
{
    size_t most = handles_max_ > lent_ ? handles_max_ - lent_ : 0;
    while (idle_ > most)
        close_oldest();
}

/* The mutex is held, and one is idle. */
void SegmentPool::close_oldest()
{
    Segment *oldest = nullptr;
    for (Segment *segment : open_) {
        if (!segment->idle.empty() && (!oldest || segment->lent_at < oldest->lent_at))
            oldest = segment;
    }
    oldest->idle.pop_back();
    idle_--;
}

/* Where the process has no descriptor left, what nobody uses gives way. */
void SegmentPool::open_missing(
    const Segments &segments, const std::vector<size_t> &missing, Handles *handles)
{
    for (size_t i : missing) {
        try {
            (*handles)[i] = Xapian::Database(segments[i]->path, Xapian::DB_BACKEND_GLASS);
        } catch (const Xapian::DatabaseOpeningError &) {
            {
                std::lock_guard<std::mutex> hold(mutex_);
                if (idle_ == 0)
                    throw;
                while (idle_ > 0)
                    close_oldest();
            }
            (*handles)[i] = Xapian::Database(segments[i]->path, Xapian::DB_BACKEND_GLASS);
        }
    }
}

Handles SegmentPool::lend(const Segments &segments)
{
    std::vector<size_t> missing;
    Handles handles;
    {
        std::unique_lock<std::mutex> hold(mutex_);
        /* One search alone goes on, however many segments it has. */
        given_back_.wait(
            hold, [&] { return lent_ == 0 || lent_ + segments.size() <= handles_max_; });
        handles = take_idle(segments, &missing);
        lent_ += segments.size();
        close_idle();
    }
    try {
        open_missing(segments, missing, &handles);
    } catch (...) {
        give_back(segments, std::move(handles), false);
        throw;
    }
    return handles;
}

void SegmentPool::give_back(const Segments &segments, Handles handles, bool keeps) noexcept
{
    size_t count = handles.size();
    if (!keeps)
        handles.clear();
    std::lock_guard<std::mutex> hold(mutex_);
    lent_ -= count;
    for (size_t i = 0; i < handles.size(); i++) {
        try {
            segments[i]->idle.push_back(std::move(handles[i]));
            idle_++;
        } catch (...) { /* no memory: it is closed */
        }
    }
    given_back_.notify_all();
}

std::shared_ptr<SegmentPool> pool_of(const struct lede_engine *engine)
{
    return engine ? engine->pool
                  : std::make_shared<SegmentPool>(handles_max(LEDE_ENGINE_DESCRIPTORS_MAX));
}

} // namespace lede

extern "C" enum lede_status lede_engine_new(size_t descriptors, size_t kept_bytes,
    struct lede_engine **ret_engine, struct lede_error *reterr)
{
    return lede::guarded(reterr, "making an engine", [&] {
        auto engine = std::make_unique<lede_engine>();
        engine->pool = std::make_shared<lede::SegmentPool>(lede::handles_max(descriptors));
        engine->pool->kept_bytes = kept_bytes;
        *ret_engine = engine.release();
        return LEDE_OK;
    });
}

extern "C" void *lede_engine_kept(const struct lede_engine *engine)
{
    std::lock_guard<std::mutex> hold(engine->pool->kept_mutex);
    return engine->pool->kept.get();
}

extern "C" void lede_engine_free(struct lede_engine *engine)
{
    delete engine;
}
