# SPDX-License-Identifier: MIT
# fish completion for kneectl(1)

# The first column of a list, without its heading. Asks the kneed that the command line asks.
function __kneectl_names
    set -l where
    if __fish_contains_opt user
        set where --user
    end
    kneectl $where $argv[1] 2>/dev/null </dev/null | awk 'NR > 1 { print $1 }'
end

set -l verbs run stop pause resume ease skip intensity pain screen clear offers status watch \
    devices routines history schedule limits guide check reload
set -l acts run stop pause resume ease skip intensity pain screen clear offers reload
set -l lists run pain screen offers status watch devices routines history schedule limits
set -l topics tapping glide friction avoid oils products therapist doctor risk pain
set -l none "not __fish_seen_subcommand_from $verbs"

complete -c kneectl -f
complete -c kneectl -n $none -a run -d 'play a routine'
complete -c kneectl -n $none -a stop -d 'stop everything at once, or one massager'
complete -c kneectl -n $none -a pause -d 'let the hand rest; the time stands'
complete -c kneectl -n $none -a resume -d 'go on after a pause'
complete -c kneectl -n $none -a ease -d 'half of it, at another place'
complete -c kneectl -n $none -a skip -d 'go to the next step'
complete -c kneectl -n $none -a intensity -d 'set the intensity'
complete -c kneectl -n $none -a pain -d 'say how much it hurts'
complete -c kneectl -n $none -a screen -d 'answer the questions that come before all massage'
complete -c kneectl -n $none -a clear -d 'release a massager that was stopped by force'
complete -c kneectl -n $none -a offers -d 'what the schedule offers now'
complete -c kneectl -n $none -a status -d 'what is running, and whether a leg may start'
complete -c kneectl -n $none -a watch -d 'follow a running session'
complete -c kneectl -n $none -a devices -d 'massagers that are attached'
complete -c kneectl -n $none -a routines -d 'routines that can be played'
complete -c kneectl -n $none -a history -d 'the latest sessions, and how they felt'
complete -c kneectl -n $none -a schedule -d 'the next 7 days'
complete -c kneectl -n $none -a limits -d 'the limits, and where they come from'
complete -c kneectl -n $none -a guide -d 'the techniques by hand, and when to see whom'
complete -c kneectl -n $none -a check -d 'say what is wrong in the config files'
complete -c kneectl -n $none -a reload -d 'let kneed read its config anew'

complete -c kneectl -s H -l host -x -a '(__fish_print_hostnames)' -d 'kneed on another machine'
complete -c kneectl -l user -d 'kneed on the session bus'
complete -c kneectl -s h -l help -d help
complete -c kneectl -l version -d 'versions of kneectl and of kneed'

complete -c kneectl -n '__fish_seen_subcommand_from run' -a '(__kneectl_names routines)'
complete -c kneectl -n '__fish_seen_subcommand_from stop clear' -a '(__kneectl_names devices)'
complete -c kneectl -n '__fish_seen_subcommand_from pain' -a '(seq 0 10)'
complete -c kneectl -n '__fish_seen_subcommand_from check' -F
complete -c kneectl -n '__fish_seen_subcommand_from guide' -a "$topics" -d topic
complete -c kneectl -n '__fish_seen_subcommand_from run offers' -l minutes -x -d 'play so long'
complete -c kneectl -n '__fish_seen_subcommand_from run offers' -l intensity -x \
    -d 'percent of what the limits allow'
complete -c kneectl -n '__fish_seen_subcommand_from run pain' -l leg -x -a 'left right' \
    -d 'which leg'
complete -c kneectl -n '__fish_seen_subcommand_from run offers' -l nothing-new \
    -d 'nothing is new since the screening'
complete -c kneectl -n '__fish_seen_subcommand_from run offers' -l pain -x -a '(seq 0 10)' \
    -d 'before the session'
complete -c kneectl -n '__fish_seen_subcommand_from run offers' -l detach -d 'leave it to kneed'
complete -c kneectl -n '__fish_seen_subcommand_from screen' -l answer -x -d 'ID=no, yes or advised'
complete -c kneectl -n '__fish_seen_subcommand_from screen' -l show \
    -d 'the questions, and what was answered'
complete -c kneectl -n '__fish_seen_subcommand_from pain' -l when -x \
    -a 'before during after morning' -d 'what the score is of'
complete -c kneectl -n '__fish_seen_subcommand_from stop' -l emergency \
    -d 'all of them stay stopped until cleared'
complete -c kneectl -n '__fish_seen_subcommand_from history' -x -a 'export delete'
complete -c kneectl -n '__fish_seen_subcommand_from clear history' -s y -l yes -d 'do not ask'
complete -c kneectl -n '__fish_seen_subcommand_from routines' -l zones \
    -d 'places that a technique can work on'
complete -c kneectl -n '__fish_seen_subcommand_from offers' -a 'accept snooze decline' -d answer
complete -c kneectl -n '__fish_seen_subcommand_from accept snooze decline' \
    -a '(__kneectl_names offers)'
complete -c kneectl -n '__fish_seen_subcommand_from schedule' -l ics \
    -d 'a month of it as a calendar'
complete -c kneectl -n '__fish_seen_subcommand_from limits' -l sources \
    -d 'where each number comes from'
complete -c kneectl -n '__fish_seen_subcommand_from history' -l most -x -d 'at most so many'
complete -c kneectl -n '__fish_seen_subcommand_from run offers pause resume ease skip intensity watch' \
    -l device -x -a '(__kneectl_names devices)' -d 'which massager'
complete -c kneectl -n "__fish_seen_subcommand_from $acts" \
    -s q -l quiet -d 'say nothing but errors'
complete -c kneectl -n "__fish_seen_subcommand_from $lists" \
    -l json -x -a 'short pretty off' -d 'for programs'
