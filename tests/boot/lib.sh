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

# wait_for SECONDS COMMAND…: until it succeeds. For what tells nobody when it happens; where there
# is an event, wait for that: systemctl start, udevadm wait --timeout=…, wait_for_line.
wait_for() {
        wait_for_end=$(($(date +%s) + $1))
        shift
        until "$@" >/dev/null 2>&1; do
                [ "$(date +%s)" -lt "$wait_for_end" ] || fail "waited in vain for: $*"
                sleep 0.1
        done
}

# wait_for_line SECONDS PATTERN COMMAND…: until a command that goes on and on prints a line like it.
# Example: wait_for_line 10 'attached' journalctl --follow --lines=all --unit=kneed
wait_for_line() {
        wait_for_line_seconds=$1
        wait_for_line_pattern=$2
        shift 2
        wait_for_line_pipe=$(mktemp --dry-run)
        mkfifo "$wait_for_line_pipe"
        "$@" >"$wait_for_line_pipe" &
        wait_for_line_pid=$!
        wait_for_line_status=0
        timeout "$wait_for_line_seconds" grep --max-count=1 --regexp="$wait_for_line_pattern" \
                <"$wait_for_line_pipe" || wait_for_line_status=$?
        kill "$wait_for_line_pid" 2>/dev/null || true
        wait "$wait_for_line_pid" || true
        rm "$wait_for_line_pipe"
        [ "$wait_for_line_status" -eq 0 ] ||
                fail "waited in vain for a line like \"$wait_for_line_pattern\" from: $*"
}

# as_person COMMAND…: as an ordinary user, who is not logged in.
as_person() {
        runuser --user person -- "$@"
}
