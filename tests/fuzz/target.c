/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libFuzzer calls; TARGET is one of promise.h's functions. */
#include "promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TARGET(data, size);
    return 0;
}
