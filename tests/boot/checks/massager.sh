# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Helpers for checks with massagers in them, and kneed, which is asked what they do. Each massager
# goes by its serial number, which here is a word that fits into a variable's name.

scratch=$(mktemp --directory)

# What a check has to put back, however it ends; it may say so anew.
put_back() {
        :
}

on_exit() {
        on_exit_status=$?
        if [ "$on_exit_status" -ne 0 ]; then
                tail "$scratch"/*.run || true
                kneectl devices || true
        fi
        put_back
        rm --recursive "$scratch"
}
trap on_exit EXIT

# heading TEXT: what comes now, and after how long.
began=$(busybox date +%s)
heading() {
        echo "== $(($(busybox date +%s) - began)) s: $*"
}

# fresh_history: kneed runs, and knows of no earlier session, but of a healthy person.
fresh_history() {
        expect systemctl stop kneed.service
        rm -f /var/lib/kneed/ledger.db*
        # Checks start it more often than the unit lets anybody.
        systemctl reset-failed kneed.service 2>/dev/null || true
        expect systemctl start kneed.service
        fresh_history_answers=$(busctl call org.kneed1 /org/kneed1 org.kneed1.Manager ListQuestions |
                busybox grep -o '"id" s "[a-z-]*"' | busybox sed 's/.* "\(.*\)"/--answer=\1=no/')
        # shellcheck disable=SC2086 # one word an answer
        expect kneectl screen --quiet $fresh_history_answers
}

# plug ID [OPTION…]: a massager that writes down what it does; kneed or the kernel finds it later.
plug() {
        plug_id=$1
        shift
        busybox rm -f "$scratch/$plug_id.record"
        kneesim plug --serial "$plug_id" --control "$scratch/$plug_id.control" \
                --record "$scratch/$plug_id.record" "$@" &
        eval "simulator_$plug_id=$!"
}

# simulator ID VERB…: says that to the massager.
simulator() {
        simulator_id=$1
        shift
        expect kneesim control "$scratch/$simulator_id.control" "$@"
}

# wait_on_bus SECONDS CONDITION…: which has to do with what kneed says of its massagers. What a
# condition itself asks kneed is no news, or it would be looked at again and again.
wait_on_bus() {
        wait_on_bus_seconds=$1
        shift
        wait_until "$wait_on_bus_seconds" "dbus-monitor --system --profile
                type='signal',path_namespace='/org/kneed1/massager'
                type='signal',interface='org.freedesktop.DBus.ObjectManager'" "$@"
}

# wait_on_devices SECONDS CONDITION…: which has to do with what the kernel has in /sys. udev's events
# count too: the kernel's own of a removal comes a moment before it.
wait_on_devices() {
        wait_on_devices_seconds=$1
        shift
        wait_until "$wait_on_devices_seconds" "udevadm monitor" "$@"
}

# wait_on_record SECONDS CONDITION ID. busybox has a tail too, which looks once a second.
wait_on_record() {
        wait_until "$1" "/usr/bin/tail --follow=name --retry --lines=1 $scratch/$3.record" "$2" "$3"
}

state_is() {
        kneectl devices | busybox grep -q -E "$1 .* $2 "
}

# has_reason ID TEXT: its reason says so, among other things.
has_reason() {
        kneectl devices | busybox grep -q "^$1 .*$2"
}

is_away() {
        ! kneectl devices | busybox grep -q "$1"
}

last_motors() {
        busybox awk '/ motor / { last = $0 } END { print last }' "$scratch/$1.record"
}

# its_motors PATTERN ID: so says the last line of the record that is of motors.
its_motors() {
        busybox awk -v pattern="$1" '/ motor / { last = $0 } END { exit last !~ pattern }' \
                "$scratch/$2.record"
}

moves() {
        its_motors ' motor .*[1-9]' "$1"
}

is_still() {
        its_motors ' motor( 0)*$' "$1"
}

# plug_in ID [OPTION…]: until it is there for kneed.
plug_in() {
        plug "$@"
        wait_on_bus 40 state_is "$1" idle
}

# unplug ID: until kneed knows.
unplug() {
        eval "unplug_pid=\$simulator_$1"
        kill "$unplug_pid" 2>/dev/null || true
        wait "$unplug_pid" || true
        wait_on_bus 20 is_away "$1"
}

# begin_session ID ROUTINE MINUTES [OPTION…]: the massager will move.
begin_session() {
        begin_session_id=$1
        begin_session_routine=$2
        begin_session_minutes=$3
        shift 3
        kneectl run "$begin_session_routine" --minutes "$begin_session_minutes" \
                --device "$begin_session_id" --nothing-new "$@" >"$scratch/$begin_session_id.run" 2>&1 &
        eval "session_$begin_session_id=$!"
}

# start_session ID ROUTINE MINUTES [OPTION…]: until the massager moves.
start_session() {
        begin_session "$@"
        wait_on_record 20 moves "$1"
}

# session_ends ID REASON: other than by its time.
session_ends() {
        eval "session_ends_pid=\$session_$1"
        session_ends_status=0
        wait "$session_ends_pid" || session_ends_status=$?
        busybox tail -n 1 "$scratch/$1.run"
        expect [ "$session_ends_status" -eq 5 ]
        expect busybox grep -q "($2," "$scratch/$1.run"
}
