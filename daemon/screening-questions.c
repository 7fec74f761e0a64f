/* SPDX-License-Identifier: MIT */
/* The questions. No clinician has reviewed them yet.
 *
 * One set of answers opens both legs, so what asks about a knee or a leg asks about either. */
#include <assert.h>

#include "common/macro.h"
#include "daemon/screening.h"

#define NO_BOUND UINT16_MAX

/* What a caution lowers; of the rest it says nothing. The numbers are judgements. */
#define LOWERED(level, first_level, minutes, setpoint, heated)                                  \
        {                                                                                       \
                .level_permille = (level), .first_level_permille = (first_level),               \
                .session_minutes = (minutes), .pause_minutes = NO_BOUND,                        \
                .ramp_permille_per_s = NO_BOUND, .busy_s = NO_BOUND, .setpoint_cc = (setpoint), \
                .heat_minutes = (heated), .day_sessions = NO_BOUND, .day_minutes = NO_BOUND,    \
        }

static const ScreeningQuestion questions[] = {
        {
                        .id = "infection",
                        .kind = SCREENING_RED_FLAG,
                        .text = "Is either knee hot, red or badly swollen, or do you have a fever?",
                        .detail = "A knee that is hot, red or badly swollen\n"
                                  "Fever, shivering, or feeling ill together with the knee pain",
                        .advice = "See a doctor today; go now if you have a fever and the knee is "
                                  "hot or red.",
                        .why = "A joint that is infected can be destroyed within days, and "
                               "massage can spread it.",
                        .source = "public health advice on knee pain: urgent when hot or red with "
                                  "fever; moderate confidence",
        },
        {
                        .id = "injury",
                        .kind = SCREENING_RED_FLAG,
                        .text = "Did you hurt either knee lately, or can either leg not bear your "
                                "weight?",
                        .detail = "A fall, a blow or a twist in the last two weeks\n"
                                  "A pop or crack when it happened\n"
                                  "You cannot put weight on one leg\n"
                                  "A knee or leg has changed its shape",
                        .advice = "See a doctor today; go now if you cannot bear weight or a knee "
                                  "has changed its shape.",
                        .why = "A bone or ligament may be broken or torn, and massage can make "
                               "that worse.",
                        .source = "public health advice on knee pain: urgent when it cannot bear "
                                  "weight or changed shape; moderate confidence; the two weeks "
                                  "are a judgement",
        },
        {
                        .id = "locked",
                        .kind = SCREENING_RED_FLAG,
                        .text = "Does either knee lock or give way, or can you not bend or "
                                "straighten one?",
                        .detail = "It gets stuck, or painfully clicks and locks\n"
                                  "It gives way under you\n"
                                  "You cannot bend one or cannot straighten one",
                        .advice = "See a doctor or physiotherapist this week; today if you cannot "
                                  "move a knee at all.",
                        .why = "Something inside the joint may be torn or loose, and massage does "
                               "not mend it.",
                        .source = "public health advice on knee pain: see a doctor when it locks, "
                                  "gives way or cannot be moved; moderate confidence",
        },
        {
                        .id = "clot",
                        .kind = SCREENING_RED_FLAG,
                        .text = "Could there be a clot in either leg?",
                        .detail = "One calf or thigh is swollen, warm, sore or a different "
                                  "colour\n"
                                  "A vein that is hard, red and sore\n"
                                  "A thrombosis that is being treated, or was in the last three "
                                  "months\n"
                                  "Sudden shortness of breath or pain in the chest",
                        .advice = "See a doctor today; call an ambulance now if you are short of "
                                  "breath or your chest hurts.",
                        .why = "Massage can loosen a clot, and it can travel to the lungs.",
                        .source = "makers and clinics name clots and phlebitis as reasons against "
                                  "massage; moderate confidence; the three months are a judgement",
        },
        {
                        .id = "skin",
                        .kind = SCREENING_RED_FLAG,
                        .text = "Is there a wound, a rash, a burn or a lump on either leg, near "
                                "the knee or thigh?",
                        .detail = "An open wound, blister, burn or sore\n"
                                  "A rash, or skin that is infected or inflamed\n"
                                  "A lump or tumour, or one that was treated there\n"
                                  "A bruise that is large or new",
                        .advice = "Let the skin heal first, and show a lump or a wound that does "
                                  "not heal to a doctor this week.",
                        .why = "Massage opens wounds, spreads infections, and hides what a doctor "
                               "should see.",
                        .source = "makers and clinics name wounds, rashes, inflammation and "
                                  "tumours as reasons against massage; moderate confidence; a "
                                  "judgement where grouped",
        },
        {
                        .id = "sensation",
                        .kind = SCREENING_CAUTION,
                        .text = "Do you have diabetes, poor circulation, or parts of either leg "
                                "that feel less?",
                        .detail = "Diabetes\n"
                                  "Narrowed arteries, or cold or pale feet\n"
                                  "Marked varicose veins\n"
                                  "Numbness or tingling; damaged nerves; skin that heals badly",
                        .advice = "Ask your doctor or diabetes nurse this week whether massage of "
                                  "the leg is all right.",
                        .why = "Who feels less does not notice in time that it is too strong or "
                               "too warm, and the skin heals badly.",
                        .source = "makers and clinics ask for care with diabetes, circulation and "
                                  "neuropathy; moderate confidence; no heat and half the strength "
                                  "are judgements",
                        .limits = LOWERED(400, 200, 10, NO_BOUND, 0),
        },
        {
                        .id = "bleeding",
                        .kind = SCREENING_CAUTION,
                        .text = "Do you bleed, bruise or break bones easily, or take blood "
                                "thinners?",
                        .detail = "Medicine against clots, such as warfarin or apixaban\n"
                                  "A bleeding disorder, or bruises without a cause\n"
                                  "Osteoporosis, or a bone that broke without a heavy fall\n"
                                  "Cortisone tablets for a long time",
                        .advice = "Ask your doctor or pharmacist this week whether massage of the "
                                  "leg is all right.",
                        .why = "Strong massage can bruise or bleed under the skin, and weak bones "
                               "can break.",
                        .source = "makers and clinics name bleeding disorders and blood thinners, "
                                  "and ask for care with osteoporosis; moderate confidence; the "
                                  "limits are judgements",
                        .limits = LOWERED(400, 200, 10, 3800, 10),
        },
        {
                        .id = "implant",
                        .kind = SCREENING_CAUTION,
                        .text = "Do you have an implant, or had an operation on either leg in "
                                "the last six months?",
                        .detail = "A pacemaker, a defibrillator or another device in the body\n"
                                  "An artificial joint, plates, screws or wires in a leg\n"
                                  "An operation on a knee or leg in the last six months",
                        .advice = "Ask the surgeon, or the clinic that looks after the implant, "
                                  "before the first massage.",
                        .why = "Motors and magnets can disturb a device, and what was operated on "
                               "needs time and must not get hot.",
                        .source = "makers and clinics name pacemakers, surgical hardware and "
                                  "recent surgery; moderate confidence; six months and no heat "
                                  "are judgements",
                        .limits = LOWERED(500, 300, 15, NO_BOUND, 0),
        },
        {
                        .id = "condition",
                        .kind = SCREENING_CAUTION,
                        .text = "Are you pregnant, or in treatment for the heart, blood pressure "
                                "or cancer, or is the pain unexplained?",
                        .detail = "Pregnancy\n"
                                  "Heart failure, or blood pressure that is not under control\n"
                                  "Cancer, now or in the last five years\n"
                                  "Pain at rest or at night that nobody has explained\n"
                                  "Rheumatoid arthritis or gout that flares up now",
                        .advice = "Ask your doctor or midwife this week whether massage of the "
                                  "leg is all right.",
                        .why = "Clots are more likely, the heart bears less, and pain without a "
                               "known cause should be looked at first.",
                        .source = "makers and clinics ask for care with pregnancy, blood "
                                  "pressure, tumours and unexplained pain; moderate confidence; a "
                                  "judgement where grouped",
                        .limits = LOWERED(500, 300, 15, 3800, 10),
        },
};

static_assert(ELEMENTSOF(questions) <= SCREENING_QUESTIONS_MAX, "too many questions");

const ScreeningQuestion *screening_question(unsigned i)
{
        return i < ELEMENTSOF(questions) ? &questions[i] : NULL;
}
