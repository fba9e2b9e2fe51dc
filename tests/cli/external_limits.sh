#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What external programs get of the machine: their share of the CPUs, the limits of open files that
# were there before; and what the rank itself needs is said at the start.
. "$(dirname "$0")/lib.sh"
mkdir "$work/scratch" "$work/seen"

expect 0 "$catchmake" --output="$work/input.h5" --catchments=60 --hours=24 --seed=3
cat >"$work/look" <<SH
#!/bin/sh
{ sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status; ulimit -Sn; ulimit -Hn; } |
    tr '\n' ' ' >"$work/seen/\$3-\$4"
sleep 0.02
awk -F '\t' -v id="\$3" '{ print (NR == 1 ? "Conc_" id : 7) }' "\$1" >"\$2"
SH
chmod +x "$work/look"
config() { # ENGINE-ATTRIBUTES
    rm -f "$work"/seen/*
    cat >"$work/config.xml" <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="look" type="external" $1><program file="look"><argument>{input}</argument>
    <argument>{output}</argument><argument>{id}</argument><argument>{number}</argument></program>
  </engine>
  <substance name="one" model="any" engine="look"><parameter name="number" value="1"/></substance>
  <substance name="two" model="any" engine="look"><parameter name="number" value="2"/></substance>
  <output results="{substance}.h5" existing="replace"/>
</catchsim>
XML
}
run() { # COMMAND...
    expect 0 "$@" "$catchsim" "$work/config.xml" --scratch="$work/scratch"
    [ "$(ls "$work/seen" | wc -l)" -eq 120 ] || fail "$(ls "$work/seen" | wc -l) runs instead of 120"
    [ -z "$(ls "$work/scratch")" ] || fail "scratch is left: $(ls "$work/scratch")"
}

# --- open files: the soft limit is ours to raise, the hard one is not ---
soft_64=(bash -c 'ulimit -Sn 64 && exec "$@"' -)
hard_64=(bash -c 'ulimit -n 64 && exec "$@"' -)
hard_160=(bash -c 'ulimit -n 160 && exec "$@"' -)
hard=$(ulimit -Hn)
config 'workers="50"'
run "${soft_64[@]}"
[ "$(cut -d' ' -f2-3 "$work"/seen/* | sort -u)" = "64 $hard" ] ||
    fail "programs have other limits of open files: $(cut -d' ' -f2-3 "$work"/seen/* | sort -u)"
config 'workers="50"'
run "${hard_160[@]}" # not the lanes of both substances at once
expect 74 "${hard_64[@]}" "$catchsim" "$work/config.xml" --scratch="$work/scratch"
expect_one_error "50 workers" "64" "ulimit -n"
config 'workers="8"'
run "${hard_64[@]}"

# --- CPUs: as many workers as CPUs, on one rank or several: one each; more, or cpus="all": all ---
cpus=$(nproc)
all=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
lists() { cut -d' ' -f1 "$work"/seen/* | sort -u; }
expect_one_each() {
    [ "$(lists | wc -l)" -eq "$cpus" ] && ! lists | grep -q '[-,]' ||
        fail "$1: the programs' CPUs are $(lists | tr '\n' ';')"
}
expect_all() {
    [ "$(lists)" = "$all" ] || fail "$1: the programs' CPUs are $(lists | tr '\n' ';')"
}
if [ "$cpus" -gt 1 ]; then
    config "workers=\"$cpus\""
    run
    expect_one_each "$cpus workers"
    if [ "$cpus" -le 16 ]; then
        set_launch "$cpus"
        config 'workers="1"'
        run "${launch[@]}"
        expect_one_each "$cpus ranks of one worker"
    fi
fi
config "workers=\"$cpus\" cpus=\"all\""
run
expect_all 'cpus="all"'
config "workers=\"$((cpus + 1))\""
run
expect_all "$((cpus + 1)) workers"
config 'workers="1"'
run
expect_all "one worker"
echo "external limits: done"
