/* SPDX-License-Identifier: MIT */
/* Preloaded into kneed where the tests are run by an ordinary user, who cannot become another one:
 * to the bus side of kneed it seems that somebody else runs it. The ledger's thread knows better.
 */
#include <sys/syscall.h>
#include <unistd.h>

uid_t geteuid(void)
{
        uid_t uid = (uid_t) syscall(SYS_geteuid);

        return gettid() == getpid() ? uid + 1 : uid;
}
