#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same bits for every number of ranks and threads, with and without a launcher.
. "$(dirname "$0")/lib.sh"

make_input() { # OUTPUT
    expect 0 "${launch[@]}" "$catchmake" --output="$1" --catchments=60 --hours=800 --seed=3
}

launch=()
make_input "$work/reference-input.h5"
for ranks in 1 2 3; do
    for threads in 1 2 4; do
        set_launch "$ranks"
        OMP_NUM_THREADS=$threads make_input "$work/input.h5"
        cmp "$work/reference-input.h5" "$work/input.h5" ||
            fail "catchmake: other bytes with $ranks ranks x $threads threads"
        rm "$work/input.h5"
    done
done
launch=()
expect 0 "$catchmake" --output="$work/other.h5" --catchments=60 --hours=800 --seed=4
if "$same" "$work/reference-input.h5" "$work/other.h5" >/dev/null; then
    fail "the seed changes nothing"
fi

simulate() { # MODEL PREFIX
    expect 0 "${launch[@]}" "$catchsim" --input="$work/reference-input.h5" --model="$1" \
        --output="$2.h5" --steps="$2-steps.h5"
}

for model in herbicide biocide; do
    launch=()
    simulate "$model" "$work/$model"
    for ranks in 1 2 3 16; do
        for threads in 1 2 4; do
            # One model over the whole grid; the other over its corners.
            [ "$model" = herbicide ] || { [ "$ranks" != 3 ] && [ "$threads" != 2 ]; } || continue
            set_launch "$ranks"
            OMP_NUM_THREADS=$threads simulate "$model" "$work/run"
            "$same" "$work/$model.h5" "$work/run.h5" ||
                fail "$model: other results with $ranks ranks x $threads threads"
            "$same" "$work/$model-steps.h5" "$work/run-steps.h5" ||
                fail "$model: other steps with $ranks ranks x $threads threads"
            rm "$work/run.h5" "$work/run-steps.h5"
        done
    done
done
if "$same" "$work/herbicide.h5" "$work/biocide.h5" >/dev/null; then
    fail "the model changes nothing"
fi
echo "same bits: done"
