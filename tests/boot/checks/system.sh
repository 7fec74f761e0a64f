# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Helpers for checks of kneed as a service: what happened goes into the table of docs/system.md, and
# somebody sits at the machine.

# happened SCENARIO OUTCOME: a row of that table.
happened() {
        echo "== $1: $2"
        printf '%s\t%s\n' "$1" "$2" >>"$RESULTS/$(basename "$0").rows"
}

# now_ms: as records have it.
now_ms() {
        awk '{ print int($1 * 1000) }' /proc/uptime
}

# still_after ID MS: how long after that moment its motors came to rest, in words.
still_after() {
        still_after_ms=$(last_motors "$1" | cut --delimiter=' ' --fields=1)
        still_after_ms=$((still_after_ms - $2))
        [ "$still_after_ms" -ge 0 ] || still_after_ms=0
        expect [ "$still_after_ms" -le 1500 ]
        echo "still within $(((still_after_ms + 99) / 100 * 100)) ms"
}

is_active() {
        systemctl is-active --quiet kneed.service
}

# back ID: kneed is, by itself, the massager idle, and nothing plays.
back() {
        wait_on_bus 40 state_is "$1" idle
        expect is_active
        expect is_still "$1"
        expect_not sh -c "kneectl status | grep '^Session .*$1'"
}

# in_front VT: that virtual terminal is on the screen.
in_front() {
        perl -e 'open(my $t, ">", "/dev/tty0") or die; ioctl($t, 0x5606, $ARGV[0] + 0) or die' "$1"
        wait_until 10 "udevadm monitor" grep --quiet --line-regexp "tty$1" /sys/class/tty/tty0/active
}

# at_seat COMMAND…: as the ordinary user, logged in at the machine: a session of logind's on the
# virtual terminal 7, whether it is in front or not. Returns the command's exit status.
at_seat() {
        at_seat_status=0
        systemd-run --quiet --wait --collect --uid=person --property=PAMName=login \
                --property=TTYPath=/dev/tty7 --property=StandardInput=tty-force \
                --property=StandardOutput="file:$scratch/at-seat" \
                --property=StandardError="file:$scratch/at-seat" "$@" || at_seat_status=$?
        cat "$scratch/at-seat"
        rm -f "$scratch/at-seat"
        return "$at_seat_status"
}

# refused COMMAND…: kneectl says that it may not.
refused() {
        refused_status=0
        "$@" >"$scratch/refused" 2>&1 || refused_status=$?
        cat "$scratch/refused"
        expect [ "$refused_status" -eq 4 ]
}
