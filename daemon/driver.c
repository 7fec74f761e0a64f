/* SPDX-License-Identifier: MIT */
#include "daemon/driver.h"

#include <errno.h>

#include "common/macro.h"

static const Driver *const drivers[] = {
        &driver_kneed,
        &driver_trance,
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

const Driver *driver_by_id(uint16_t vendor_id, uint16_t product_id)
{
        const TransportInfo info = { .vendor_id = vendor_id, .product_id = product_id };
        const Driver *driver;

        return driver_for(&info, &driver) == 0 ? driver : NULL;
}
