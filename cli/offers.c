/* SPDX-License-Identifier: MIT */
#include "cli/offers.h"

#include "cli/fields.h"

static const Field offer_fields[] = {
        FIELD("id", field_text, OfferInfo, id),
        FIELD("name", field_text, OfferInfo, name),
        FIELD("routine", field_text, OfferInfo, routine),
        FIELD("leg", field_text, OfferInfo, leg),
        FIELD("minutes", field_u32, OfferInfo, minutes),
        FIELD("intensity", field_u32, OfferInfo, intensity_percent),
        FIELD("state", field_text, OfferInfo, state),
        FIELD("deadline", field_u64, OfferInfo, deadline_us),
        FIELD("until", field_u64, OfferInfo, until_us),
        FIELD("sentence", field_text, OfferInfo, sentence),
};

static const Field planned_fields[] = {
        FIELD("id", field_text, PlannedTime, id),
        FIELD("name", field_text, PlannedTime, name),
        FIELD("routine", field_text, PlannedTime, routine),
        FIELD("leg", field_text, PlannedTime, leg),
        FIELD("minutes", field_u32, PlannedTime, minutes),
        FIELD("intensity", field_u32, PlannedTime, intensity_percent),
        FIELD("due", field_u64, PlannedTime, due_us),
        FIELD("opens", field_u64, PlannedTime, opens_us),
        FIELD("closes", field_u64, PlannedTime, closes_us),
        FIELD("unattended", field_bool, PlannedTime, unattended),
        FIELD("state", field_text, PlannedTime, state),
        FIELD("sentence", field_text, PlannedTime, sentence),
};

void offer_list_clear(OfferList *list)
{
        free(list->offers);
        *list = (OfferList){};
}

void planned_list_clear(PlannedList *list)
{
        free(list->times);
        *list = (PlannedList){};
}

int offer_list_read(sd_bus_message *m, OfferList *ret)
{
        _cleanup_(offer_list_clear) OfferList list = {};
        int r;

        r = fields_read_list(m, offer_fields, ELEMENTSOF(offer_fields), &list.offers,
                        &list.n_offers, sizeof(*list.offers));
        if (r < 0)
                return r;
        *ret = list;
        list = (OfferList){};
        return 0;
}

int planned_list_read(sd_bus_message *m, PlannedList *ret)
{
        _cleanup_(planned_list_clear) PlannedList list = {};
        int r;

        r = fields_read_list(m, planned_fields, ELEMENTSOF(planned_fields), &list.times,
                        &list.n_times, sizeof(*list.times));
        if (r < 0)
                return r;
        *ret = list;
        list = (PlannedList){};
        return 0;
}

const OfferInfo *offer_list_find(const OfferList *list, const char *id)
{
        for (size_t i = 0; i < list->n_offers; i++)
                if (streq(list->offers[i].id, id))
                        return &list->offers[i];
        return NULL;
}
