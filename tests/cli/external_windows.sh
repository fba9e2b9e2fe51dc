#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Windows program under wine as an external engine: the results of our own catchmodel, wine's
# servers outlive a run but not the rank; what a hanging program started does not outlive its run.
. "$(dirname "$0")/lib.sh"

for needed in x86_64-w64-mingw32-gcc wine; do
    command -v "$needed" >/dev/null || { echo "SKIP no $needed"; exit 77; }
done
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
wineserver=$(command -v wineserver || ls /usr/lib/wine/wineserver64 2>/dev/null || true)
cleanup_more() {
    [ -z "$wineserver" ] || "$wineserver" -k || true # of this prefix only
}
# Processes of this prefix, "pid name" a line.
wine_processes() {
    local file pid
    for file in $(cd / && grep -lszF "WINEPREFIX=$WINEPREFIX" /proc/[0-9]*/environ); do
        pid=${file//[!0-9]/}
        case $(cat "/proc/$pid/comm" 2>/dev/null) in
        wine* | *.exe) echo "$pid $(cat "/proc/$pid/comm")" ;;
        esac
    done
}

"$source_dir/scripts/build-windows-catchmodel" "$work/windows" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log"; fail "the Windows build"; }
wine "$work/windows/catchmodel.exe" --version >"$work/build.log" 2>&1 || # makes the prefix
    { cat "$work/build.log"; fail "wine does not run"; }
"$wineserver" -k
"$wineserver" -w || true

expect 0 "$catchmake" --output="$work/input.h5" --catchments=12 --hours=600 --seed=6
cp "$source_dir/inputs/server/herbicide.xml" "$source_dir/inputs/server/parameters.txt" "$work/"
config() { # NAME PROGRAM-ATTRIBUTES ENGINE-ATTRIBUTES
    cat >"$work/$1.xml" <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="server" type="external" workers="2" ${3:-}>
    <program $2><argument>{layout}</argument><argument>RUN</argument>
      <argument>{parameters}</argument><argument>{output}</argument></program>
    <layout template="herbicide.xml"/><parameters template="parameters.txt"/>
  </engine>
  <substance name="any" model="herbicide" engine="server"/>
  <output results="$1.h5" steps="$1-steps.h5" existing="replace"/>
</catchsim>
XML
}
config linux "file='$build_dir/catchmodel'"
expect 0 "$catchsim" "$work/linux.xml"

# --- the same results; servers are started once for all runs, and end with the rank ---
config windows "file='windows/catchmodel.exe' wrapper='wine'"
expect 0 "$catchsim" "$work/windows.xml"
for part in "" -steps; do
    "$same" "$work/linux$part.h5" "$work/windows$part.h5" || fail "other results under wine"
done
[ -z "$(wine_processes)" ] || fail "wine outlives the rank: $(wine_processes | tr '\n' ';')"

# --- servers outlive a run by wine, and no run of another wrapper or with keeps="" ---
cat >"$work/wine-and-more" <<'SH'
#!/bin/sh
# Tells which server of the prefix it found; leaves a process in a session of its own.
pgrep -x 'wineserver(64)?' | while read -r pid; do
    ! tr '\0' '\n' <"/proc/$pid/environ" | grep -qxF "WINEPREFIX=$WINEPREFIX" || echo "$pid"
done >>"$WINEPREFIX/servers"
setsid sleep 98769 &
exec wine "$@"
SH
chmod +x "$work/wine-and-more"
cp "$work/wine-and-more" "$work/other"
servers() { # NAME WRAPPER MORE: of the runs of one worker, how many found a server
    config "$1" "file='windows/catchmodel.exe' wrapper='./$2' $3"
    : >"$WINEPREFIX/servers"
    expect 0 "$catchsim" "$work/$1.xml" --workers=1
    [ -z "$(wine_processes)" ] || fail "wine outlives the rank: $(wine_processes | tr '\n' ';')"
    found=$(wc -l <"$WINEPREFIX/servers")
}
servers kept wine-and-more ''
[ "$found" -eq 11 ] || fail "$found of 12 runs found wine's server, not the 11 after the first"
servers other other ''
[ "$found" -eq 0 ] || fail "$found of 12 runs found a server that no one has asked to keep"
servers named other 'keeps="wineserver* *.exe"'
[ "$found" -eq 11 ] || fail "$found of 12 runs found the server that keeps names"
servers nothing wine-and-more 'keeps=""'
[ "$found" -eq 0 ] || fail "$found of 12 runs found a server in spite of keeps=\"\""

# --- a program that hangs, with wine's servers: it is ended, and they serve the next one ---
config hangs "file='windows/catchmodel.exe' wrapper='./wine-hangs'" 'timeout="1"'
cat >"$work/wine-hangs" <<'SH'
#!/bin/sh
ls | grep -qx 'input_3.txt' || exec wine "$@"
setsid wine cmd /c pause <&- &
wine "$1" --version
exec sleep 98769
SH
chmod +x "$work/wine-hangs"
expect 2 "$catchsim" "$work/hangs.xml"
"$python" - "$work/hangs.h5" <<'PY'
import sys
import h5py

f = h5py.File(sys.argv[1])
status = dict(zip(f["catchment"][:], f["run_status"][:]))
assert status.pop(3) == 3, "the hanging one has not timed out"
assert all(s == 1 for s in status.values()), status
PY
[ -z "$(wine_processes)" ] || fail "wine outlives the rank: $(wine_processes | tr '\n' ';')"
echo "external programs under wine: done"
