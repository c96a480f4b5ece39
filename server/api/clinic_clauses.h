/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clauses of a query, and the filters beside it. */
#ifndef LEDE_API_CLINIC_CLAUSES_H
#define LEDE_API_CLINIC_CLAUSES_H

#include "clinic_count.h"

/* List and count the clauses. Status: as of lede_clinic_count(). */
LEDE_CHECKED enum lede_status lede_clinic_list(struct clinic *clinic, struct lede_error *reterr);

#endif
