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

set -l verbs run stop pause resume ease skip intensity status watch devices routines
set -l none "not __fish_seen_subcommand_from $verbs"

complete -c kneectl -f
complete -c kneectl -n $none -a run -d 'play a routine'
complete -c kneectl -n $none -a stop -d 'stop everything at once, or one massager'
complete -c kneectl -n $none -a pause -d 'let the hand rest; the time stands'
complete -c kneectl -n $none -a resume -d 'go on after a pause'
complete -c kneectl -n $none -a ease -d 'half of it, at another place'
complete -c kneectl -n $none -a skip -d 'go to the next step'
complete -c kneectl -n $none -a intensity -d 'set the intensity'
complete -c kneectl -n $none -a status -d 'what is running'
complete -c kneectl -n $none -a watch -d 'follow a running session'
complete -c kneectl -n $none -a devices -d 'massagers that are attached'
complete -c kneectl -n $none -a routines -d 'routines that can be played'

complete -c kneectl -s H -l host -x -a '(__fish_print_hostnames)' -d 'kneed on another machine'
complete -c kneectl -l user -d 'kneed on the session bus'
complete -c kneectl -s h -l help -d help
complete -c kneectl -l version -d 'versions of kneectl and of kneed'

complete -c kneectl -n '__fish_seen_subcommand_from run' -a '(__kneectl_names routines)'
complete -c kneectl -n '__fish_seen_subcommand_from stop' -a '(__kneectl_names devices)'
complete -c kneectl -n '__fish_seen_subcommand_from run' -l minutes -x -d 'play so long'
complete -c kneectl -n '__fish_seen_subcommand_from run' -l intensity -x \
    -d 'percent of what the limits allow'
complete -c kneectl -n '__fish_seen_subcommand_from run' -l leg -x -a 'left right' -d 'which leg'
complete -c kneectl -n '__fish_seen_subcommand_from run' -l detach -d 'leave it to kneed'
complete -c kneectl -n '__fish_seen_subcommand_from run pause resume ease skip intensity watch' \
    -l device -x -a '(__kneectl_names devices)' -d 'which massager'
complete -c kneectl -n '__fish_seen_subcommand_from run stop pause resume ease skip intensity' \
    -s q -l quiet -d 'say nothing but errors'
complete -c kneectl -n '__fish_seen_subcommand_from run status watch devices routines' \
    -l json -x -a 'short pretty off' -d 'for programs'
