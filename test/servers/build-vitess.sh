#!/usr/bin/env bash
# Builds a Vitess of one process (vtgate and a tablet for each shard, Apache 2.0) from its Go module and the sources beside this script, and installs nothing.
#
#   build-vitess.sh PREFIX                 the programs are then PREFIX/vitess, and Vitess' own client PREFIX/vtctldclient
#
# The versions of all other modules are those that Vitess' own go.mod and go.sum name. Needs go. An interrupted build goes on where it was. The
# last line on stdout is PREFIX.
#
# Exit: 0 PREFIX works; 2 usage; 3 a tool or room is missing; 6 download failed; 7 the sources do not build, or what they build does not run.
set -Eeuo pipefail
export LC_ALL=C
umask 022

VERSION=v0.24.4
# Of the module's content and of its go.mod, as the checksum database of Go publishes them.
SUM=h1:fjIFc28fGYF6Bxu4heHsKvx+huPbA4NmIeLJL4clbc8=
MOD_SUM=h1:RBAgMy0bUlfA3PfcZzmMbd0Cf4p09kSwQUV+9ft9DIs=

log() { printf '%s\n' "$*" >&2; }
die() { local code=$1; shift; printf 'ERROR: %s\n' "$*" >&2; exit "$code"; }
trap 'printf "ERROR: unexpected failure at line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
GO_PID=
stop() { [[ -z $GO_PID ]] || kill "$GO_PID" 2>/dev/null || true; exit "$1"; }
trap 'stop 130' INT
trap 'stop 143' TERM HUP

(($# == 1)) || die 2 'usage: build-vitess.sh PREFIX'
for tool in flock realpath df awk sed; do command -v "$tool" >/dev/null 2>&1 || die 3 "'$tool' is missing"; done
PREFIX=$(realpath -m -- "$1")
[[ $PREFIX != / ]] || die 2 'PREFIX must not be /'
BUILD=$PREFIX.build
SOURCES=$(dirname -- "$(realpath -- "$0")")/vitess

works() { [[ -x $1 ]] && "$1" --help >/dev/null 2>&1; }
# A build that was killed after it had put its programs in place has left a gigabyte.
finish() { rm -rf -- "$BUILD"; printf '%s\n' "$PREFIX"; exit 0; }

mkdir -p -- "$(dirname -- "$PREFIX")" 2>/dev/null || die 3 "cannot create $(dirname -- "$PREFIX")"
exec 9>"$PREFIX.lock" || die 3 "cannot write $PREFIX.lock"
if ! flock -n 9; then log 'waiting for another run that is building Vitess'; flock -w 3600 9 || die 3 "waited an hour for $PREFIX.lock"; fi
if works "$PREFIX/vitess" && works "$PREFIX/vtctldclient"; then finish; fi

# Where installers put the toolchain when they leave PATH alone.
export PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null 2>&1 || die 3 "'go' is missing (looked on PATH and in /usr/local/go/bin): Vitess is a Go program"
free_kb=$(df -Pk -- "$(dirname -- "$PREFIX")" | awk 'NR==2{print $4}')
((free_kb > 2500 * 1024)) || die 3 "only $((free_kb / 1024)) MiB are free beside $PREFIX; about 2500 MiB are needed while building"

# A build of its own: no flags of this machine's Go, no newer toolchain fetched behind our back, nothing left in its cache.
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0
mkdir -p "$BUILD/module"
export GOCACHE=$BUILD/go
cd "$BUILD/module"

field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
log "fetching Vitess $VERSION"
for attempt in 1 2 3; do
  answer=$(cd "$BUILD" && go mod download -json "vitess.io/vitess@$VERSION" 2>"$BUILD/download.log") && break
  ((attempt < 3)) || { { printf '%s\n' "$answer" | field Error; tail -3 "$BUILD/download.log"; } >&2; die 6 "could not download Vitess $VERSION"; }
  sleep $((attempt * 3))
done
[[ $(field Sum <<<"$answer") == "$SUM" ]] || die 6 "Vitess $VERSION is not what was published: its sum is $(field Sum <<<"$answer"), not $SUM"
VITESS=$(field Dir <<<"$answer")

# Its requirements become ours, and it one of them.
sed 's#^module .*#module vitess-for-tests#' "$VITESS/go.mod" >go.mod
printf 'require vitess.io/vitess %s\n' "$VERSION" >>go.mod
{ cat "$VITESS/go.sum"; printf 'vitess.io/vitess %s %s\nvitess.io/vitess %s/go.mod %s\n' "$VERSION" "$SUM" "$VERSION" "$MOD_SUM"; } >go.sum
cp -- "$SOURCES"/*.go .

log "compiling Vitess $VERSION"
programs() { for one in vitess=. vtctldclient=vitess.io/vitess/go/cmd/vtctldclient; do go build -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w' -o "$BUILD/${one%%=*}" "${one#*=}" || return 1; done; }
programs >"$BUILD/go.log" 2>&1 & GO_PID=$!
wait "$GO_PID" || { tail -20 "$BUILD/go.log" >&2; die 7 "Vitess $VERSION does not compile with $(go version)"; }
GO_PID=
for one in vitess vtctldclient; do works "$BUILD/$one" || die 7 "built, but it does not run: $("$BUILD/$one" --help 2>&1 | head -2)"; done
mkdir -p "$PREFIX"
# The client first: the folder counts once the server is there.
mv -f -- "$BUILD/vtctldclient" "$PREFIX/vtctldclient"
mv -f -- "$BUILD/vitess" "$PREFIX/vitess"
works "$PREFIX/vitess" && works "$PREFIX/vtctldclient" || die 7 "it worked where it was built, but not in $PREFIX"
finish
