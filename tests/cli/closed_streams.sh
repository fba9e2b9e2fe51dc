#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs started without stdin, stdout or stderr: the same result files, no message in one of them,
# and a result that has nowhere to go is an error.
. "$(dirname "$0")/lib.sh"
cd "$work"

# closed PROGRAM ARGUMENT...: without any of the three, which must do as well as with them.
closed() {
    local status=0
    timeout 100 "$@" <&- >&- 2>&- || status=$?
    [ "$status" -eq 0 ] || fail "exit status $status with closed streams: $*"
}

# lost STREAM COMMAND...: 74 without that stream, and a line that says so.
lost() {
    local stream=$1 status=0
    shift
    case $stream in
        stdin) timeout 100 "$@" <&- >"$work/stdout" 2>"$work/stderr" || status=$? ;;
        stdout) timeout 100 "$@" </dev/null >&- 2>"$work/stderr" || status=$? ;;
    esac
    [ "$status" -eq 74 ] || fail "exit status $status instead of 74 with a closed $stream: $*"
    expect_one_error 'Bad file descriptor'
}

# both FILE PROGRAM ARGUMENT...: FILE is made twice, with and without streams, with the same bytes.
both() {
    local file=$1
    shift
    expect 0 "$@"
    mv "$file" "open.$file"
    closed "$@"
    cmp "$file" "open.$file" || fail "other bytes with closed streams: $*"
}

both input.h5 "$catchmake" --output=input.h5 --catchments=5 --hours=72 --seed=1 --progress=lines
both numbers.txt "$build_dir/factorize" 1..1000 --output=numbers.txt --progress=lines
both records.ndjson "$build_dir/fakegen" --count=1000 --output=records.ndjson --progress=lines
both words.txt "$build_dir/ndpipe" --field=writers records.ndjson words.txt --progress=lines

cat >layout.xml <<'XML'
<layout version="0.3">
  <model type="biocide" id="b"><attribute>s</attribute>
    <parameter name="M_totalperA" value="0.5"/><parameter name="A_appl" value="1000"/></model>
  <data src="input.txt" timecol="step"><column export="1">Flux</column></data><parameters/>
  <connection sourcedata="P" destobj="b" destport="P"/>
  <connection sourcedata="T" destobj="b" destport="T"/>
  <connection sourcedata="Q" destobj="b" destport="Q"/>
  <connection sourceobj="b" sourceport="Flux" destdata="Flux"/>
</layout>
XML
printf 'Beta[s]: 2\nC_back[s]: 3\n' >param.txt
printf 'step\tT\tP\tQ\n0\t1.5\t0\t2\n1\t1.5\t4\t2\n' >input.txt
both table.txt "$build_dir/catchmodel" layout.xml RUN param.txt table.txt

# Results have the seconds that each catchment took: compared by what is in them.
for only in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
    rm -f out.h5*
    expect 0 "$catchsim" --input=input.h5 --model=herbicide --output=out.h5 -v --progress=lines
    mv out.h5 open.h5
    eval "timeout 100 '$catchsim' --input=input.h5 --model=herbicide --output=out.h5 -v \
        --progress=lines $only" >all 2>&1 || fail "catchsim $only"
    "$same" out.h5 open.h5 || fail "another result with $only"
    ! grep -aq 'catchsim: ' out.h5 || fail "messages in the result with $only"
done

# The programs of an external engine get their own streams, and its warden its socket.
write_engine 2 '' </dev/null
expect 0 "$catchsim" config.xml --fresh
mv out.h5 open.h5
for only in '2>&-' '<&- >&- 2>&-'; do
    eval "timeout 100 '$catchsim' config.xml --fresh $only" >all 2>&1 || fail "external $only"
    "$same" out.h5 open.h5 || fail "another result of the external engine with $only"
done

# --- what has nowhere to go, or comes from nowhere ---
lost stdout "$build_dir/factorize" 1..10
lost stdout "$build_dir/factorize" 1..10 --count
lost stdout "$build_dir/fakegen" --count=10
lost stdout "$build_dir/ndpipe" --field=writers records.ndjson -
lost stdin "$build_dir/factorize" --from=-
lost stdin "$build_dir/ndpipe" --field=writers - words.2.txt
echo "closed streams: done"
