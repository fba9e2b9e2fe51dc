#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --help and --version on stdout with status 0, once under a launcher; wrong use: one line and 64.
. "$(dirname "$0")/lib.sh"

version=$(sed -n 's/^project(catchsim VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")
[ -n "$version" ] || fail "no version in CMakeLists.txt"

for program in "$catchsim" "$catchmake" "$build_dir/factorize" "$build_dir/fakegen" \
    "$build_dir/ndpipe"; do
    name=$(basename "$program")

    expect 0 "$program" --help
    [ ! -s "$work/stderr" ] || fail "$name --help writes to stderr"
    for word in Usage "$name" --help --version --quiet --verbose --progress --cpu-monitor --report; do
        grep -q -- "$word" "$work/stdout" || fail "$name --help does not mention $word"
    done

    expect 0 "$program" --version
    [ ! -s "$work/stderr" ] || fail "$name --version writes to stderr"
    [ "$(wc -l <"$work/stdout")" -eq 1 ] || fail "$name --version is not one line"
    grep -qF "$version" "$work/stdout" || fail "$name --version does not say $version"

    export MPIEXEC_TIMEOUT=60
    set_launch 3
    expect 0 "${launch[@]}" "$program" --version
    [ "$(grep -cF "$version" "$work/stdout")" -eq 1 ] || fail "$name --version once for 3 ranks"
    expect 0 "${launch[@]}" "$program" --help
    [ "$(grep -c Usage "$work/stdout")" -eq 1 ] || fail "$name --help once for 3 ranks"

    for wrong in --no-such-option --progress=loud --cpu-monitor=-1 --cpu-monitor=fast; do
        expect 64 "$program" "$wrong"
        [ ! -s "$work/stdout" ] || fail "$name $wrong writes to stdout"
        [ "$(wc -l <"$work/stderr")" -eq 1 ] || fail "$name $wrong: more than one line"
    done
    expect 64 "${launch[@]}" "$program" --no-such-option
    [ "$(grep -c "^$name" "$work/stderr")" -eq 1 ] || fail "$name: wrong use told once for 3 ranks"
done

cd "$work"
for wrong in --catchments=0 --catchments=x --catchments=-5 --hours=0 --seed=x; do
    expect 64 "$catchmake" --output="$work/x.h5" "$wrong"
    [ "$(wc -l <"$work/stderr")" -eq 1 ] || fail "catchmake $wrong: more than one line"
    expect_no_file "$work/x.h5"
done
expect 64 "$catchmake"
expect 64 "$catchsim" --input=x.h5 --model=no_such_model
expect_one_error no_such_model
expect 64 "$catchsim" one.xml two.xml
echo "help and version: done"
