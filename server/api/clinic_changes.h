/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of a query that would find something. */
#ifndef LEDE_API_CLINIC_CHANGES_H
#define LEDE_API_CLINIC_CHANGES_H

#include "clinic_count.h"

/* Try changes, the smallest first. Status: as of lede_clinic_count(). */
LEDE_CHECKED enum lede_status lede_clinic_try(struct clinic *clinic, struct lede_error *reterr);

#endif
