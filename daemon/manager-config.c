/* SPDX-License-Identifier: MIT */
/* Config that is read anew: all of it comes into force, or nothing. */
#include "daemon/manager-private.h"

#include <errno.h>

#include "daemon/log.h"

static int begin(Manager *manager)
{
        int r = config_loader_start(manager->loader);

        if (r < 0)
                return r;

        manager->load++;
        manager->is_loading = true;
        if (manager->loads)
                manager->loads(manager->loads_userdata, true);
        return 0;
}

int manager_reload(Manager *manager, unsigned *ret_load)
{
        int r;

        if (!manager->loader)
                return -EOPNOTSUPP;

        /* What was written after a reading began may not have been seen by it. */
        if (manager->is_loading) {
                manager->loads_again = true;
                *ret_load = manager->load + 1;
                return 0;
        }

        r = begin(manager);
        if (r < 0)
                return r;

        *ret_load = manager->load;
        return 0;
}

static void log_refused(const ConfigErrors *errors)
{
        for (size_t i = 0; i < MIN(errors->n, (size_t) CONFIG_ERRORS_MAX); i++)
                log_error("%s", errors->text[i]);
        log_error("The config has %zu errors, so the one before it stays in force.", errors->n);
}

/* SR-TIGHTEN: Sessions hold what they began with; the governor is given new limits when the next
 * one begins. */
static void put_in_force(Manager *manager, Config *config)
{
        Config *before = manager->config;

        manager->config = config;
        log_info("The config was read anew; it has %zu routines.", config->n_routines);
        /* A massager in software is for trying things out, and somebody may be trying: it does not
         * come or go because of a file. */
        if (config->virtual_massager != before->virtual_massager)
                log_warning("virtual_massager has changed; that counts when kneed is started "
                            "again.");
        manager_forget_rendered(manager, true);
        manager_render(manager);
        manager->listener->config_changed(manager->userdata);
        config_unref(before);
}

static void on_loaded(void *userdata, int r, Config *config, const ConfigErrors *errors)
{
        Manager *manager = userdata;
        unsigned load = manager->load;

        manager->is_loading = false;
        if (r < 0)
                log_refused(errors);
        else
                put_in_force(manager, config);
        manager->listener->config_loaded(manager->userdata, load, r < 0 ? errors : NULL);
        if (manager->loads)
                manager->loads(manager->loads_userdata, false);

        if (!manager->loads_again)
                return;
        manager->loads_again = false;
        r = begin(manager);
        if (r < 0) {
                log_error("The config cannot be read anew: %s", strerror(-r));
                manager->load++;
                manager->listener->config_loaded(manager->userdata, manager->load, errors);
        }
}

int manager_set_paths(Manager *manager, const ConfigPaths *paths)
{
        return config_loader_new(manager->event, paths, on_loaded, manager, &manager->loader);
}

void manager_set_loads(Manager *manager, ManagerLoads loads, void *userdata)
{
        manager->loads = loads;
        manager->loads_userdata = userdata;
}
