# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Helpers for checks that are shell scripts. Read it first thing:  . "$(dirname "$0")/../lib.sh"
set -eu

fail() {
        echo "FAILED: $*" >&2
        exit 1
}

# expect COMMAND…: it succeeds.
expect() {
        "$@" || fail "$* (exit status $?)"
}

# expect_not COMMAND…: it fails. Being killed or not found is no answer.
expect_not() {
        expect_not_status=0
        "$@" || expect_not_status=$?
        [ "$expect_not_status" -ne 0 ] || fail "$* succeeded"
        [ "$expect_not_status" -lt 126 ] || fail "$* (exit status $expect_not_status)"
}

# expect_text TEXT COMMAND…: it succeeds and prints exactly that.
expect_text() {
        expect_text_wanted=$1
        shift
        expect_text_got=$("$@") || fail "$* (exit status $?)"
        [ "$expect_text_got" = "$expect_text_wanted" ] ||
                fail "$* printed \"$expect_text_got\", not \"$expect_text_wanted\""
}

# What is called often is busybox's: that is one file, linked once. An emulated processor takes a
# tenth of a second to begin with a program that is made of several.

# What the events of wait_until and wait_for_line come through, one after the other.
events=/run/check-$$
busybox mkfifo "$events"

# wait_until SECONDS EVENTS CONDITION…: until the condition holds. EVENTS is a command that goes on
# and on, and says a line at once; with each of its lines the condition is looked at.
wait_until() {
        wait_until_seconds=$1
        wait_until_events=$2
        shift 2
        # shellcheck disable=SC2086 # the words of a command
        busybox timeout "$wait_until_seconds" $wait_until_events >"$events" 2>&1 &
        wait_until_pid=$!
        exec 9<"$events"
        wait_until_holds=
        while [ -z "$wait_until_holds" ] && read -r wait_until_line <&9; do
                ! "$@" >/dev/null 2>&1 9<&- || wait_until_holds=yes
        done
        exec 9<&-
        kill "$wait_until_pid" 2>/dev/null || true
        wait "$wait_until_pid" 2>/dev/null || true
        [ -n "$wait_until_holds" ] || fail "waited in vain for: $*"
}

# wait_for_line SECONDS PATTERN COMMAND…: until a command that goes on and on prints a line like it.
# Example: wait_for_line 10 'attached' journalctl --follow --lines=all --unit=kneed
wait_for_line() {
        wait_for_line_seconds=$1
        wait_for_line_pattern=$2
        shift 2
        "$@" >"$events" &
        wait_for_line_pid=$!
        wait_for_line_status=0
        busybox timeout "$wait_for_line_seconds" busybox grep -m 1 -E -e "$wait_for_line_pattern" \
                <"$events" || wait_for_line_status=$?
        kill "$wait_for_line_pid" 2>/dev/null || true
        wait "$wait_for_line_pid" 2>/dev/null || true
        [ "$wait_for_line_status" -eq 0 ] ||
                fail "waited in vain for a line like \"$wait_for_line_pattern\" from: $*"
}

# as_person COMMAND…: as an ordinary user, who is not logged in.
as_person() {
        runuser --user person -- "$@"
}
