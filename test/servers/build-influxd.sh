#!/usr/bin/env bash
# Builds InfluxDB 2 (influxd, MIT) from its Go module and the crates of libflux, and installs nothing.
#
#   build-influxd.sh PREFIX                 the program is then PREFIX/influxd
#
# InfluxData's own packages and images come from its own hosts; the sources come through the ordinary clients of Go and
# Rust, which a machine with a mirror for both can use, too. Needs go, cargo and a C compiler. Libflux is compiled once
# instead of twice (its build script and the library share their crates when both are compiled alike) and without
# link-time optimisation, while Go compiles everything that only links against it: both cores have work. An interrupted
# build goes on where it was. The last line on stdout is PREFIX.
#
# Exit: 0 PREFIX works; 2 usage; 3 a tool or room is missing; 6 download failed; 7 the sources do not build, or what they
#   build does not run.
set -Eeuo pipefail
export LC_ALL=C
umask 022

VERSION=v2.8.0
# Of the module's content, as the checksum database of Go publishes it; its go.sum pins every other module.
SUM=h1:eMF4RH3f+xnonwUAODav4EJxRD6164dbSqPoKp0wFIg=

log() { printf '%s\n' "$*" >&2; }
die() { local code=$1; shift; printf 'ERROR: %s\n' "$*" >&2; exit "$code"; }
trap 'printf "ERROR: unexpected failure at line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
CARGO_PID=
GO_PID=
stop() { local pid; for pid in $CARGO_PID $GO_PID; do kill "$pid" 2>/dev/null || true; done; exit "$1"; }
trap 'stop 130' INT
trap 'stop 143' TERM HUP

(($# == 1)) || die 2 'usage: build-influxd.sh PREFIX'
for tool in flock realpath df awk sed; do command -v "$tool" >/dev/null 2>&1 || die 3 "'$tool' is missing"; done
PREFIX=$(realpath -m -- "$1")
[[ $PREFIX != / ]] || die 2 'PREFIX must not be /'
BUILD=$PREFIX.build

works() { [[ -x $1 ]] && [[ $("$1" version 2>/dev/null) == "InfluxDB $VERSION "* ]]; }
finish() { printf '%s\n' "$PREFIX"; exit 0; }

mkdir -p -- "$(dirname -- "$PREFIX")" 2>/dev/null || die 3 "cannot create $(dirname -- "$PREFIX")"
exec 9>"$PREFIX.lock" || die 3 "cannot write $PREFIX.lock"
if ! flock -n 9; then log 'waiting for another run that is building influxd'; flock -w 3600 9 || die 3 "waited an hour for $PREFIX.lock"; fi
if works "$PREFIX/influxd"; then finish; fi

# Where installers put the toolchains when they leave PATH alone.
export PATH=$PATH:/usr/local/go/bin:${CARGO_HOME:-$HOME/.cargo}/bin
command -v go >/dev/null 2>&1 || die 3 "'go' is missing (looked on PATH and in /usr/local/go/bin): influxd is a Go program"
command -v cargo >/dev/null 2>&1 || die 3 "'cargo' is missing (looked on PATH and in ${CARGO_HOME:-$HOME/.cargo}/bin): influxd links the Rust library libflux"
command -v "${CC:-gcc}" >/dev/null 2>&1 || die 3 "'${CC:-gcc}' is missing: influxd needs a C compiler"
free_kb=$(df -Pk -- "$(dirname -- "$PREFIX")" | awk 'NR==2{print $4}')
((free_kb > 3000 * 1024)) || die 3 "only $((free_kb / 1024)) MiB are free beside $PREFIX; about 3000 MiB are needed while building"

# A build of its own: no flags of this machine's Go, no newer toolchain fetched behind our back, nothing left in its cache.
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=1
mkdir -p "$BUILD"
export GOCACHE=$BUILD/go

# ---------------------------------------------------------------- sources
field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
fetch() { # MODULE@VERSION SUM; prints the folder
  local attempt answer
  for attempt in 1 2 3; do
    answer=$(cd "$BUILD" && go mod download -json "$1" 2>"$BUILD/download.log") && break
    ((attempt < 3)) || { { printf '%s\n' "$answer" | field Error; tail -3 "$BUILD/download.log"; } >&2; die 6 "could not download $1"; }
    sleep $((attempt * 3))
  done
  [[ $(field Sum <<<"$answer") == "$2" ]] || die 6 "$1 is not what was published: its sum is $(field Sum <<<"$answer"), not $2"
  field Dir <<<"$answer"
}
log "fetching InfluxDB $VERSION"
INFLUXDB=$(fetch "github.com/influxdata/influxdb/v2@$VERSION" "$SUM")
FLUX_VERSION=$(awk '$1 == "github.com/influxdata/flux" { print $2 }' "$INFLUXDB/go.mod")
FLUX_SUM=$(awk -v version="$FLUX_VERSION" '$1 == "github.com/influxdata/flux" && $2 == version { print $3 }' "$INFLUXDB/go.sum")
FLUX=$(fetch "github.com/influxdata/flux@$FLUX_VERSION" "$FLUX_SUM")

# ---------------------------------------------------------------- libflux
# No "strict": that feature turns the warnings of newer compilers into errors.
build_libflux() {
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL=1
  export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_NET_RETRY=5
  unset RUSTFLAGS CARGO_BUILD_TARGET
  exec cargo rustc --quiet --locked --release --manifest-path "$FLUX/libflux/Cargo.toml" --target-dir "$BUILD/target" \
    -p flux --lib --no-default-features --features cffi --crate-type staticlib
}

# ---------------------------------------------------------------- influxd
# What Go asks pkg-config about libflux; answered here, so that pkg-config need not be installed.
mkdir -p "$BUILD/lib"
cat >"$BUILD/pkg-config" <<ANSWER
#!/bin/sh
case "\$*" in *--cflags*) echo "-I$FLUX/libflux/include" ;; *--libs*) echo "-L$BUILD/lib -lflux -ldl -lm" ;; *) echo "${FLUX_VERSION#v}" ;; esac
ANSWER
chmod 755 "$BUILD/pkg-config"
export PKG_CONFIG=$BUILD/pkg-config CGO_CFLAGS=-O1

# In the module's own folder, so that its go.sum and its replacements hold.
compile() { cd "$INFLUXDB" && exec go build -trimpath -gcflags=all=-dwarf=false -tags sqlite_foreign_keys,sqlite_json "$@"; }

log 'compiling libflux and influxd'
build_libflux >"$BUILD/cargo.log" 2>&1 & CARGO_PID=$!
# Everything but the last step, which links: that needs libflux.
compile ./cmd/influxd/launcher >"$BUILD/go.log" 2>&1 & GO_PID=$!
wait "$GO_PID" || { tail -20 "$BUILD/go.log" >&2; kill "$CARGO_PID" 2>/dev/null || true; die 7 "influxd $VERSION does not compile with $(go version)"; }
wait "$CARGO_PID" || { tail -40 "$BUILD/cargo.log" >&2; die 7 "libflux $FLUX_VERSION does not build with $(cargo --version)"; }
CARGO_PID=
log "linking influxd"
cp "$BUILD/target/release/libflux.a" "$BUILD/lib/libflux.a"
(compile -ldflags "-s -w -X main.version=$VERSION -X main.commit=module" -o "$BUILD/influxd" ./cmd/influxd) >"$BUILD/go.log" 2>&1 & GO_PID=$!
wait "$GO_PID" || { tail -20 "$BUILD/go.log" >&2; die 7 "influxd $VERSION does not link"; }
GO_PID=
works "$BUILD/influxd" || die 7 "built, but it does not run: $("$BUILD/influxd" version 2>&1 | head -2)"
mkdir -p "$PREFIX"
mv -f -- "$BUILD/influxd" "$PREFIX/influxd"
rm -rf -- "$BUILD"
works "$PREFIX/influxd" || die 7 "it worked where it was built, but not in $PREFIX"
finish
