/* SPDX-License-Identifier: MIT */
#include "daemon/reference.h"

#include "common/macro.h"
#include "daemon/driver-kneed-layout.h"
#include "daemon/transport.h"
#include "simulator/model.h"

void reference_layout(Layout *ret)
{
        const SimDesign *design = &sim_reference_design;
        unsigned n = design->identity.n_actuators + design->identity.n_heaters;

        *ret = (Layout){ .budget_ma = MIN(design->identity.budget_ma, TRANSPORT_PORT_BUDGET_MA) };
        for (unsigned i = 0; i < n; i++)
                kneed_layout_add(ret, &design->records[i]);
}
