#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# catchmodel built for Windows and run by wine gives the same bytes and exit statuses as the native
# one.
. "$(dirname "$0")/lib.sh"

for needed in x86_64-w64-mingw32-gcc wine; do
    command -v "$needed" >/dev/null || { echo "SKIP no $needed"; exit 77; }
done
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
wineserver=$(command -v wineserver || ls /usr/lib/wine/wineserver64 2>/dev/null || true)
cleanup_more() {
    [ -z "$wineserver" ] || "$wineserver" -k || true # of this prefix only
}

"$source_dir/scripts/build-windows-catchmodel" "$work/windows" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log"; fail "the Windows build"; }
windows=$work/windows/catchmodel.exe

# A year of hours: a layout with all columns of the herbicide chain, and one of the pesticide chain.
mkdir "$work/run" && cd "$work/run"
awk 'BEGIN {
    srand(1); q = 1; print "step\tT\tP\tQ\tQloc\tEmptymeas"
    for (i = 0; i < 8760; i++) {
        rain = rand() < 0.2 ? 5 * rand() : 0; q = 0.98 * q + 0.02 * rain + 0.01
        printf "%.17g\t%.2f\t%.1f\t%.5f\t%.5f\tN/A\n", i / 24,
               10 - 10 * cos(int(i / 24) / 58.1) + 3 * sin(1.7 * int(i / 24)), rain, 4 * q, q
    }
}' >input.txt
connect() { # SOURCE DESTINATION [PROPORTION]: "model.port" or a column
    local source=$1 destination=$2
    case $source in
    *.*) source="sourceobj='${source%.*}' sourceport='${source#*.}'" ;;
    *) source="sourcedata='$source'" ;;
    esac
    case $destination in
    *.*) destination="destobj='${destination%.*}' destport='${destination#*.}'" ;;
    *) destination="destdata='$destination'" ;;
    esac
    echo "<connection $source $destination proportion='${3:-1}'/>"
}
{
    echo "<layout><model type='herbicide_application' id='a'/><model type='herbicide' id='h'/>"
    echo "<data src='input.txt' timecol='step'>"
    printf '<column>%s</column>' C L M_avail M_to_apply T_sum f_applic
    echo "</data><parameters/>"
    connect T a.T; connect P a.P; connect a.f_applic h.F_applic; connect Qloc h.Q
    connect h.C C; connect h.L L; connect h.M_avail M_avail
    connect a.M_to_apply M_to_apply; connect a.T_sum T_sum; connect a.f_applic f_applic
    echo "</layout>"
} >herbicide.xml
printf '%s: %s\n' M_totalperA 0.05 T_objective 100 A_tot 15e6 A_appl 3e6 k 0.7 Init_avail 0.3 \
    Transfer_au 0.05 Transfer_ua 0.003 Eta 5e9 C_back 5 >herbicide.txt
{
    echo "<layout><model type='iwq_quality_application' id='a'/>"
    echo "<model type='iwq_quality_pesticide' id='p'/><data src='input.txt' timecol='step'>"
    printf '<column>%s</column>' C F M
    echo "</data><parameters/>"
    connect T a.T_air; connect P a.rain; connect a.f_applic p.f_applic; connect T p.T_air
    connect Qloc p.F_driver 86400; connect Qloc p.Q_total 86400
    connect Qloc p.Q_background 86400000
    connect p.C_X C 0.001; connect p.F_X F; connect p.M_stock M
    echo "</layout>"
} >pesticide.xml
printf '%s: %s\n' M_total 0.05 T_threshold 5 T_objective 60 f_daily 0.01 rain_threshold 1 beta 100 \
    appl_loss 1e-4 k_decay 0.02 theta_decay 1.08 area 15e6 area_applic 3e6 C_background 5 \
    >pesticide.txt

for model in herbicide pesticide; do
    expect 0 "$build_dir/catchmodel" "$model.xml" RUN "$model.txt" native.txt
    [ "$(wc -l <native.txt)" -eq 8761 ] || fail "$model: not all rows"
    for round in new replaced; do
        expect 0 wine "$windows" "$model.xml" RUN "$model.txt" windows.txt
        cmp native.txt windows.txt || fail "$model ($round): another table under Windows"
    done
    rm windows.txt
done
expect 64 wine "$windows" --no-such-option
expect 65 wine "$windows" herbicide.xml RUN pesticide.txt windows.txt
grep -q 'catchmodel: error: herbicide.xml:1:' "$work/stderr" || fail "the message under Windows"
expect 74 wine "$windows" nowhere.xml RUN herbicide.txt windows.txt
expect_no_file windows.txt windows.txt.part
echo "catchmodel under Windows: done"
