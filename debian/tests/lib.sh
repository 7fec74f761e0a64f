# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What the tests of an installed kneed share.
set -eu

fail() {
        echo "FAILED: $*" >&2
        exit 1
}

# play_and_stop RECORD [OPTION…]: with these options of kneectl, on a massager in software, whose
# motors move and come to rest.
play_and_stop() {
        record=$1
        shift
        # Nobody's knee is here, so the answers are those of a healthy person.
        answers=$(kneectl "$@" screen --show |
                awk '/^ID / { below = 1; next } below { print "--answer=" $1 "=no" }')
        # shellcheck disable=SC2086 # one word an answer
        kneectl "$@" screen --quiet $answers

        kneectl "$@" run friction --minutes 1 --nothing-new --pain 0 &
        run=$!
        timeout 30 tail --follow=name --retry --lines=+1 "$record" |
                grep --max-count=1 ' motor .*[1-9]' || fail "no motor moves"
        kneectl "$@" stop
        status=0
        wait "$run" || status=$?
        [ "$status" -eq 5 ] || fail "a session that was stopped ended with $status"
        grep ' motor ' "$record" | tail --lines=1 | grep --quiet ' motor\( 0\)*$' ||
                fail "the motors are not still"
}
