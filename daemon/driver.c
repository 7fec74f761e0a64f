/* SPDX-License-Identifier: MIT */
#include "daemon/driver.h"

#include <errno.h>

#include "common/macro.h"

static const Driver *const drivers[] = {
        &driver_kneed,
};

int driver_for(const TransportInfo *info, const Driver **ret)
{
        for (size_t i = 0; i < ELEMENTSOF(drivers); i++) {
                int r = drivers[i]->probe(info);

                if (r == -ENODEV)
                        continue;

                *ret = drivers[i];
                return r;
        }

        return -ENODEV;
}
