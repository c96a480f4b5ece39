/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stored documents that hits show, in memory where they were shown before. */
#ifndef LEDE_MATCH_DOCUMENTS_H
#define LEDE_MATCH_DOCUMENTS_H

#include "kept.h"

/* As lede_index_read_document(). Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_document_read(struct lede_index *index, size_t part,
    uint32_t document, struct lede_arena *arena, const char **ret_id, const char **ret_stored,
    size_t *ret_stored_size, struct lede_error *reterr);

#endif
