#include "term_list.h"

#include "packing.h"

#include <algorithm>

namespace lede::glass
{

namespace
{
constexpr uint32_t SQUEEZED_WDF_MAX = 126; /* with any more the product passes a byte */
} // namespace

void TermListPacker::begin(uint32_t length, size_t count)
{
    char head[2 * UINT64_BYTES_MAX];
    tag_.assign(head, static_cast<size_t>(put_uint(put_uint(head, length), count) - head));
    last_ = {};
}

void TermListPacker::add(std::string_view term, uint32_t wdf)
{
    char head[2];
    char *end = head;
    size_t shared = 0;
    bool has_wdf = false;
    if (!last_.empty()) {
        size_t most = std::min(term.size(), last_.size());
        while (shared < most && term[shared] == last_[shared])
            shared++;
        size_t squeezed = wdf <= SQUEEZED_WDF_MAX ? (wdf + 1) * (last_.size() + 1) + shared : 256;
        has_wdf = squeezed < 256;
        *end++ = static_cast<char>(has_wdf ? squeezed : shared);
    }
    *end++ = static_cast<char>(term.size() - shared);
    tag_.append(head, static_cast<size_t>(end - head));
    tag_.append(term.data() + shared, term.size() - shared);
    if (!has_wdf) {
        char bytes[UINT32_BYTES_MAX];
        tag_.append(bytes, static_cast<size_t>(put_uint(bytes, wdf) - bytes));
    }
    last_ = term;
}

} // namespace lede::glass
