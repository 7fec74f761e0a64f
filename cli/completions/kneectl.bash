# SPDX-License-Identifier: MIT
# bash completion for kneectl(1)

# The first column of a list, without its heading. Asks the kneed that the command line asks.
__kneectl_names() {
        local where=() i
        for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                --user) where=(--user) ;;
                -H | --host) where=(-H "${COMP_WORDS[i + 1]}") ;;
                esac
        done
        kneectl "${where[@]}" "$1" 2>/dev/null </dev/null | awk 'NR > 1 { print $1 }'
}

_kneectl() {
        local verbs='run stop pause resume ease skip intensity pain screen clear'
        verbs+=' status watch devices routines history limits guide check reload'
        local everywhere='-H --host --user -h --help --version'
        local topics='tapping glide friction avoid oils products therapist doctor risk pain'
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
        local verb='' options i

        # "=" is a word of its own here.
        [[ $cur == '=' ]] && cur=''
        [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
        for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                -H | --host | --device | --leg | --minutes | --intensity | --json | --pain | \
                        --answer | --when | --most)
                        ((i++))
                        [[ ${COMP_WORDS[i]} == '=' ]] && ((i++))
                        ;;
                -*) ;;
                *)
                        verb=${COMP_WORDS[i]}
                        break
                        ;;
                esac
        done

        COMPREPLY=()
        case $prev in
        -H | --host)
                COMPREPLY=($(compgen -A hostname -- "$cur"))
                return
                ;;
        --json)
                COMPREPLY=($(compgen -W 'short pretty off' -- "$cur"))
                return
                ;;
        --leg)
                COMPREPLY=($(compgen -W 'left right' -- "$cur"))
                return
                ;;
        --device)
                COMPREPLY=($(compgen -W "$(__kneectl_names devices)" -- "$cur"))
                return
                ;;
        --when)
                COMPREPLY=($(compgen -W 'before during after morning' -- "$cur"))
                return
                ;;
        --pain)
                COMPREPLY=($(compgen -W '0 1 2 3 4 5 6 7 8 9 10' -- "$cur"))
                return
                ;;
        --minutes | --intensity | --answer | --most) return ;;
        esac

        case $verb in
        run)
                options='--minutes --intensity --leg --device --nothing-new --pain --detach'
                options+=' --json -q --quiet'
                ;;
        stop) options='--emergency -q --quiet' ;;
        pain) options='--leg --when --json -q --quiet' ;;
        screen) options='--answer --show --json -q --quiet' ;;
        clear) options='-y --yes -q --quiet' ;;
        history) options='--most --json -y --yes' ;;
        limits) options='--sources --json' ;;
        routines) options='--zones --json' ;;
        pause | resume | ease | skip | intensity) options='--device -q --quiet' ;;
        watch) options='--json --device' ;;
        guide | check) options='' ;;
        reload) options='-q --quiet' ;;
        *) options='--json' ;;
        esac

        if [[ $cur == -* ]]; then
                COMPREPLY=($(compgen -W "$everywhere $options" -- "$cur"))
        elif [[ -z $verb ]]; then
                COMPREPLY=($(compgen -W "$verbs" -- "$cur"))
        elif [[ $verb == run ]]; then
                COMPREPLY=($(compgen -W "$(__kneectl_names routines)" -- "$cur"))
        elif [[ $verb == stop || $verb == clear ]]; then
                COMPREPLY=($(compgen -W "$(__kneectl_names devices)" -- "$cur"))
        elif [[ $verb == history ]]; then
                COMPREPLY=($(compgen -W 'export delete' -- "$cur"))
        elif [[ $verb == check ]]; then
                COMPREPLY=($(compgen -f -- "$cur"))
        elif [[ $verb == guide ]]; then
                COMPREPLY=($(compgen -W "$topics" -- "$cur"))
        fi
}

complete -F _kneectl kneectl
