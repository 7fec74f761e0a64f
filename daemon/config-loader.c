/* SPDX-License-Identifier: MIT */
#include "daemon/config-loader.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "common/macro.h"

struct ConfigLoader {
        ConfigPaths paths;
        ConfigLoaded loaded;
        void *userdata;
        sd_event_source *bell; /* owns its descriptor */
        int bell_fd;

        /* The thread's while it runs; read after it was joined. */
        bool is_running;
        pthread_t thread;
        int r;
        Config *config;
        ConfigErrors errors;
};

static void *load(void *userdata)
{
        ConfigLoader *loader = userdata;
        uint64_t one = 1;

        loader->r = config_load(&loader->paths, &loader->config, &loader->errors);
        (void) !write(loader->bell_fd, &one, sizeof(one));
        return NULL;
}

static void join(ConfigLoader *loader)
{
        (void) pthread_join(loader->thread, NULL);
        loader->is_running = false;
}

static int on_bell(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        ConfigLoader *loader = userdata;
        uint64_t count;

        (void) !read(fd, &count, sizeof(count));
        join(loader);
        loader->loaded(loader->userdata, loader->r, TAKE_PTR(loader->config), &loader->errors);
        /* Half a megabyte that nobody needs until the next reading. */
        (void) malloc_trim(0);
        return 0;
}

/* SR-DISK */
int config_loader_start(ConfigLoader *loader)
{
        int r;

        if (loader->is_running)
                return -EBUSY;

        r = pthread_create(&loader->thread, NULL, load, loader);
        if (r != 0)
                return -r;

        loader->is_running = true;
        return 0;
}

ConfigLoader *config_loader_free(ConfigLoader *loader)
{
        if (!loader)
                return NULL;

        if (loader->is_running)
                join(loader);
        config_unref(loader->config);
        sd_event_source_disable_unref(loader->bell);
        free(loader);
        return NULL;
}

int config_loader_new(sd_event *event, const ConfigPaths *paths, ConfigLoaded loaded,
                void *userdata, ConfigLoader **ret)
{
        ConfigLoader *loader = calloc(1, sizeof(*loader));
        int r;

        if (!loader)
                return -ENOMEM;

        loader->paths = *paths;
        loader->loaded = loaded;
        loader->userdata = userdata;
        loader->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        r = loader->bell_fd < 0 ? -errno
                                : sd_event_add_io(event, &loader->bell, loader->bell_fd, EPOLLIN,
                                                  on_bell, loader);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(loader->bell, true);
        if (r < 0) {
                if (!loader->bell && loader->bell_fd >= 0)
                        (void) close(loader->bell_fd);
                config_loader_free(loader);
                return r;
        }

        *ret = loader;
        return 0;
}
