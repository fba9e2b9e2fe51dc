#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# catchmake on a given network with weather from stations, by its options; and their refusals.
. "$(dirname "$0")/lib.sh"
cd "$work"

cat >network.csv <<'EOF'
id;to;size;lon;lat;height;fields;people
901;77;12.5;8.1;47.2;600;1.5;100
77;5;4.25;8.2;47.3;450;0.5;2000
13;5;30;8.3;47.1;900;2;50
5;0;7;8.25;47.4;400;1;0
EOF
columns="id=id,next_down_id=to,area=size:km2,lon=lon,lat=lat,elevation=height:m,strahler=-"
columns+=",application_area=fields:km2,population=people"

"$python" - <<'EOF'
from datetime import datetime, timedelta

start = datetime(2021, 4, 1)
with open("hourly.csv", "w") as f:
    f.write("Date and time,temp,rain\n")
    for i in range(1, 10 * 24 + 1):
        f.write(f"{start + timedelta(hours=i)},{280 + i % 24 * 0.5},{2.5 if i % 9 == 0 else 0}\n")
with open("daily.csv", "w") as f:
    f.write("date,station,mean,sum\n")
    for i in range(10):
        for station, warmer in ("a", 0), ("b", 4):
            f.write(f"{(start + timedelta(days=i)):%Y-%m-%d},{station},{8 + warmer + i % 3},{i % 4}\n")
EOF
stations=(--station=hourly.csv:valley:8.1:47.3:500
    --station-columns="time='Date and time',temperature=temp:K,precipitation=rain:mm/h"
    --station=daily.csv:b:8.3:47.2:1000
    --station-columns=time=date,temperature=mean:degC,precipitation=sum:mm/d
    --station-where=station=b)

given=(--network=network.csv --network-columns="$columns" "${stations[@]}" --start=2021-04-01
    --hours=240)
all=("${given[@]}" --lapse-rate=-0.006 --northward-gradient=0 --orographic-gradient=estimate
    --advection=0 --deflate=3 --licence=CC0 --attribution=nobody)
expect 0 "$catchmake" --output=in.h5 "${all[@]}"
"$python" - <<'EOF'
import numpy as np
import xarray as xr

with xr.open_dataset("in.h5") as ds:
    assert ds.sizes == {"catchment": 4, "time": 240, "nv": 2} or ds.sizes["time"] == 240, ds.sizes
    ids = ds["catchment"].values.tolist()
    assert sorted(ids) == [5, 13, 77, 901], ids
    one = ds.sel(catchment=13)
    assert float(one["area"]) == 30e6 and float(one["application_area"]) == 2e6
    assert float(one["population"]) == 50 and int(one["next_down_id"]) == 5
    assert ds.sel(catchment=[901, 77, 13, 5])["strahler"].values.tolist() == [1, 1, 1, 2]
    assert ds.attrs["licence"] == "CC0" and "nobody" in ds.attrs["attribution"]
    assert str(ds["time"].values[0]).startswith("2021-04-01T01:00"), ds["time"].values[0]
    temperature = ds["temperature"].values
    assert temperature.min() > 0 and temperature.max() < 30
    assert float(one["temperature"].mean()) < float(ds.sel(catchment=5)["temperature"].mean())
    assert (ds["precipitation"] >= 0).all() and float(ds["precipitation"].sum()) > 0
    down = ds.sel(catchment=[901, 77, 13, 5])["local_discharge"].astype("f8").sum("catchment")
    np.testing.assert_allclose(ds.sel(catchment=5)["discharge"], down, rtol=1e-5)
EOF
expect 0 "$catchsim" --input=in.h5 --output=out.h5
set_launch 3
expect 0 "${launch[@]}" "$catchmake" --output=again.h5 "${all[@]}"
cmp in.h5 again.h5 || fail "three ranks make another file"
expect 74 "$catchmake" --output=in.h5 "${all[@]}"
expect_one_error in.h5
expect 0 "$catchmake" --output=in.h5 "${all[@]}" --fresh

refused() { # STATUS WORD OPTION...
    local status=$1 word=$2
    shift 2
    expect "$status" "$catchmake" --output=none.h5 "${given[@]}" "$@"
    expect_one_error "$word"
    expect_no_file none.h5 none.h5.part none.h5.journal
}
refused 64 --deflate --deflate=13
refused 64 --start --start=2021-04-01T01:00
refused 64 --hours --hours=0
refused 64 --station --station=hourly.csv:too:few
refused 64 --station-where --station-where=nothing
refused 64 --lapse-rate --lapse-rate=warm
refused 64 --advection --advection=-1
refused 64 --network-columns --network-columns=colour=id
refused 65 nowhere --network-columns=id=nowhere
refused 74 nowhere.csv --network=nowhere.csv
refused 74 nowhere.csv --station=nowhere.csv:x:8:47:500
expect 64 "$catchmake" --output=none.h5 --network=network.csv
expect_one_error --station
expect 64 "$catchmake" --output=none.h5 --station=hourly.csv:valley:8.1:47.3:500
expect_one_error --network
expect 64 "$catchmake" --output=none.h5 --catchments=0
expect_one_error --catchments
expect 64 "$catchmake"
expect_one_error --output

refused_table() { # WORD LINE: the network with that line behind
    printf '%s\n' "$(cat network.csv)" "$2" >broken.csv
    refused 65 "$1" --network=broken.csv
}
refused_table 'catchment 901' '901;5;3;8;47;100;1;1'
refused_table 'broken.csv' '4;9999;3;8;47;100;1;1'
refused_table 'broken.csv' '4;4;3;8;47;100;1;1'
refused_table 'broken.csv:6' '-4;5;3;8;47;100;1;1'
refused_table 'broken.csv:6' '4;5;large;8;47;100;1;1'
refused_table 'broken.csv:6' '4;5;-3;8;47;100;1;1'
refused_table 'broken.csv:6' '4;5'
echo "network: done"
