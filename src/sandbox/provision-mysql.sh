#!/usr/bin/env bash
# Unpacks MySQL from Debian's packages into a folder of its own and installs nothing.
#
#   provision-mysql.sh PREFIX [PACKAGE...]      (default packages: mysql-server-core mysql-client-core)
#
# Debian's stable suites carry no MySQL server, unstable does. The packages come, with every library they need (their own
# libc included), from suite sid of the mirror that this machine's own apt sources name. apt runs on private lists, cache
# and status and only downloads; dpkg unpacks; small programs in PREFIX/bin start the real ones through the loader that
# came with them, so that this machine's libc does not matter. Works as root or not. The last line on stdout is PREFIX.
#
# Environment: WWDB_APT_SUITE (sid), WWDB_APT_URI and WWDB_APT_KEYRING (instead of the machine's own),
#   WWDB_APT_TIMEOUT (900, seconds for one run of apt).
# Exit: 0 PREFIX works; 2 usage; 3 a tool or room is missing; 4 no usable apt source; 5 index or signature trouble;
#   6 download failed; 7 unpacked, but the programs do not run.
set -Eeuo pipefail
export LC_ALL=C
umask 022

log() { printf '%s\n' "$*" >&2; }
die() { local code=$1; shift; printf 'ERROR: %s\n' "$*" >&2; exit "$code"; }
trap 'printf "ERROR: unexpected failure at line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(($#)) || die 2 'usage: provision-mysql.sh PREFIX [PACKAGE...]'
PREFIX=$1; shift
PACKAGES=("$@"); ((${#PACKAGES[@]})) || PACKAGES=(mysql-server-core mysql-client-core)
SUITE=${WWDB_APT_SUITE:-sid}
TIMEOUT=${WWDB_APT_TIMEOUT:-900}

for tool in apt-get apt-config dpkg dpkg-deb flock realpath mktemp timeout awk sed df find; do
  command -v "$tool" >/dev/null 2>&1 || die 3 "'$tool' is missing: this way needs Debian or Ubuntu"
done
PREFIX=$(realpath -m -- "$PREFIX")
[[ $PREFIX != / ]] || die 2 'PREFIX must not be /'

# ---------------------------------------------------------------- does a prefix work?
works() { # DIR
  local package program
  [[ -f $1/.provisioned ]] || return 1
  for package in "${PACKAGES[@]}"; do
    grep -q "^package $package " "$1/.provisioned" || return 1
    case $package in
      mysql-server-core) program=mysqld ;; mysql-client-core) program=mysql ;; mysql-router) program=mysqlrouter ;;
      *) continue ;;
    esac
    "$1/bin/$program" --version >/dev/null 2>&1 || return 1
  done
}
finish() { printf '%s\n' "$PREFIX"; exit 0; }

mkdir -p -- "$(dirname -- "$PREFIX")" 2>/dev/null || die 3 "cannot create $(dirname -- "$PREFIX")"
exec 9>"$PREFIX.lock" || die 3 "cannot write $PREFIX.lock"
if ! flock -n 9; then log 'another run is fetching it; waiting'; flock -w "$TIMEOUT" 9 || die 3 "waited ${TIMEOUT} s for $PREFIX.lock"; fi
if works "$PREFIX"; then finish; fi
if [[ -e $PREFIX && ! -f $PREFIX/.provisioned && -n $(ls -A -- "$PREFIX" 2>/dev/null) ]]; then
  die 2 "$PREFIX exists, is not empty and was not made by this script; choose another folder or remove it"
fi
free_kb=$(df -Pk -- "$(dirname -- "$PREFIX")" | awk 'NR==2{print $4}')
((free_kb > 700 * 1024)) || die 3 "only $((free_kb / 1024)) MiB are free beside $PREFIX; about 700 MiB are needed while unpacking"

ARCH=$(dpkg --print-architecture)
STAGE=$PREFIX.new.$$
# Values of apt.conf are quoted and fields of sources.list split on blanks: the work happens in a path without them.
WORK=$(mktemp -d "${TMPDIR:-/tmp}/wwdb-provision.XXXXXX")
trap 'rm -rf -- "$STAGE" "$WORK"' EXIT
case $WORK in *[[:space:]\"]*) die 3 "TMPDIR has a blank or a quote in its path ($WORK); set another" ;; esac
chmod 755 "$WORK"

# ---------------------------------------------------------------- which mirror?
# One line for each address and suite: URI <tab> suite <tab> components <tab> signed-by (a path, or "-")
one_line_sources() { # FILE...
  awk '
    { sub(/\r$/, ""); sub(/#.*/, "") }
    $1 == "deb" {
      key = "-"; line = $0; sub(/^[ \t]*deb[ \t]+/, "", line)
      if (line ~ /^\[/) {
        options = line; sub(/\].*/, "", options); sub(/^\[[ \t]*/, "", options); sub(/^[^\]]*\][ \t]*/, "", line)
        count = split(options, pair, /[ \t]+/)
        for (i = 1; i <= count; i++) if (tolower(pair[i]) ~ /^signed-by=/) { key = pair[i]; sub(/^[^=]*=/, "", key) }
      }
      count = split(line, field, /[ \t]+/); components = ""
      for (i = 3; i <= count; i++) if (field[i] != "") components = components (components == "" ? "" : ",") field[i]
      if (count >= 2 && field[2] !~ /\/$/) print field[1] "\t" field[2] "\t" components "\t" (key ~ /^\// ? key : "-")
    }' "$@"
}
stanza_sources() { # FILE...
  awk '
    function flush(   i, j, uris, suites, u, s, components, key) {
      if (tolower(value["enabled"]) !~ /^(no|false|0|off|disable|without)$/ && (" " value["types"] " ") ~ /[ \t]deb[ \t]/) {
        uris = split(value["uris"], u, /[ \t]+/); suites = split(value["suites"], s, /[ \t]+/)
        components = value["components"]; gsub(/[ \t]+/, ",", components); key = value["signed-by"]
        if (key !~ /^\//) key = "-"                   # a key block inside the file: the default keyring is used instead
        gsub(/[ \t]+/, ",", key)
        for (i = 1; i <= uris; i++) for (j = 1; j <= suites; j++)
          if (u[i] != "" && s[j] != "" && s[j] !~ /\/$/) print u[i] "\t" s[j] "\t" components "\t" key
      }
      delete value; name = ""
    }
    { sub(/\r$/, "") }
    FNR == 1 && NR > 1 { flush() }
    /^#/ { next }                                     # a comment ends neither a stanza nor a field
    /^[ \t]*$/ { flush(); next }
    /^[ \t]/ { if (name != "") { x = $0; gsub(/^[ \t]+|[ \t]+$/, "", x); value[name] = value[name] (value[name] == "" ? "" : " ") x } next }
    { name = tolower($0); sub(/:.*/, "", name); x = $0; sub(/^[^:]*:[ \t]*/, "", x); sub(/[ \t]+$/, "", x); value[name] = x }
    END { flush() }' "$@"
}
list_sources() {
  local list='' parts='' file one=() stanzas=()
  eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
  [[ -f $list ]] && one+=("$list")
  if [[ -d $parts ]]; then
    for file in "$parts"/*.list; do [[ -f $file ]] && one+=("$file"); done
    for file in "$parts"/*.sources; do [[ -f $file ]] && stanzas+=("$file"); done
  fi
  ((${#stanzas[@]})) && stanza_sources "${stanzas[@]}"
  ((${#one[@]})) && one_line_sources "${one[@]}"
  # apt's own view comes last: it copes with anything that the two readers above do not.
  apt-get indextargets --no-release-info --format '$(REPO_URI)	$(RELEASE)	$(COMPONENT)	-' 'Created-By: Packages' 2>/dev/null || true
}
# Best first: the distribution's own main archive, then anything else with a "main" component.
candidates() {
  local codename; codename=$(. /etc/os-release 2>/dev/null; printf '%s' "${VERSION_CODENAME:-}")
  list_sources | awk -F'\t' -v codename="$codename" '
    $1 ~ /^(cdrom|copy):/ { next }
    $2 ~ /-security$|\/updates$|-backports/ || $1 ~ /security/ { next }
    ("," $3 ",") !~ /,main,/ { next }
    { uri = $1; sub(/\/+$/, "", uri); rank = 3
      if ($2 == codename || $2 ~ /^(sid|unstable|testing|stable|oldstable|bullseye|bookworm|trixie|forky)$/) rank = 1
      else if ($2 ~ /-updates$/) rank = 2
      print rank "\t" NR "\t" uri "\t" $4 }' | sort -t$'\t' -k1,1n -k2,2n | awk -F'\t' '!seen[$3]++ { print $3 "\t" $4 }'
}

# ---------------------------------------------------------------- which keys?
default_keyrings() {
  local file found=()
  for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do [[ -r $file ]] && found+=("$file"); done
  if ((!${#found[@]})); then
    for file in /usr/share/keyrings/debian-archive-*.{gpg,pgp} /etc/apt/trusted.gpg.d/debian-archive-*.{gpg,pgp,asc}; do
      [[ -r $file && $file != *removed* ]] && found+=("$file")
    done
  fi
  local IFS=,; printf '%s' "${found[*]}"
}
# A keyring newer than the installed one, from the machine's own suite, which is trusted: the chain of trust holds.
newer_keyring() {
  local folder=$WORK/keyring deb file found=()
  mkdir -p "$folder"; chmod 777 "$folder"
  (cd "$folder" && timeout --foreground 120 apt-get -q -o APT::Sandbox::User=root download debian-archive-keyring >"$WORK/keyring.log" 2>&1) || return 1
  for deb in "$folder"/*.deb; do [[ -f $deb ]] && dpkg-deb -x "$deb" "$folder/x" || return 1; done
  for file in "$folder"/x/usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do [[ -r $file ]] && found+=("$file"); done
  ((${#found[@]})) || return 1
  chmod -R a+rX "$folder"; local IFS=,; printf '%s' "${found[*]}"
}

# ---------------------------------------------------------------- private apt
APT=$WORK/apt
reachable_by_all() { local path=$1; while [[ $path != / ]]; do (( 0$(stat -c %a "$path") & 1 )) || return 1; path=$(dirname "$path"); done; }
prepare_apt() { # URI KEYRINGS
  local uri=$1 keys=$2 as_root=
  rm -rf "$APT"; mkdir -p "$APT"/{state/lists/partial,cache/archives/partial,log}
  : >"$APT/state/status"
  printf 'deb [arch=%s lang=none target=Packages pdiffs=no%s] %s %s main\n' "$ARCH" "${keys:+ signed-by=$keys}" "$uri" "$SUITE" >"$APT/sources.list"
  # apt's unprivileged user must be able to walk to the folder; where it cannot, root downloads.
  ((EUID)) || reachable_by_all "$APT" || as_root='APT::Sandbox::User "root";'
  # This file is read after the machine's own, whose proxies, credentials and date checks thus stay in force, while its
  # hooks (which would clean or refresh the SYSTEM's caches) and its pins do not.
  cat >"$APT/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Architectures;
#clear APT::Default-Release;
APT::Architecture "$ARCH";
APT::Architectures { "$ARCH"; };
Dir::Etc::sourcelist "$APT/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$APT/state";
Dir::State::lists "$APT/state/lists";
Dir::State::status "$APT/state/status";
Dir::State::extended_states "$APT/state/extended_states";
Dir::Cache "$APT/cache";
Dir::Cache::archives "$APT/cache/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "$APT/log";
APT::Get::List-Cleanup "false";
APT::Install-Recommends "false";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "60";
Acquire::https::Timeout "60";
$as_root
CONF
  chmod -R a+rX "$APT"
}
private_apt() { DEBIAN_FRONTEND=noninteractive timeout --foreground "$TIMEOUT" apt-get -c "$APT/apt.conf" "$@"; }
update() {
  private_apt -q update >"$WORK/update.log" 2>&1 && ! grep -qE '^(Err|E):' "$WORK/update.log" &&
    compgen -G "$APT/state/lists/*_Packages*" >/dev/null
}
key_trouble() {
  grep -qE 'NO_PUBKEY|EXPKEYSIG|KEYEXPIRED|not signed|invalid signature|public key is not available|Unsigned|signatures couldn.t be verified|certificate.*expired|Missing key' "$WORK/update.log"
}

# Tries every mirror with every set of keys until one index can be read.
choose_mirror() {
  local uri key keys attempts attempted=0 list
  list=$([[ -n ${WWDB_APT_URI:-} ]] && printf '%s\t-\n' "${WWDB_APT_URI%/}" || candidates)
  [[ -n $list ]] || die 4 "this machine's apt sources name no archive with a 'main' component; set WWDB_APT_URI"
  while IFS=$'\t' read -r uri key; do
    attempts=()
    if [[ -n ${WWDB_APT_KEYRING:-} ]]; then attempts+=("$WWDB_APT_KEYRING"); else
      [[ $key != - && -r ${key%%,*} ]] && attempts+=("$key")
      keys=$(default_keyrings); [[ -n $keys && $keys != "$key" ]] && attempts+=("$keys")
      attempts+=(NEWER)
    fi
    for keys in "${attempts[@]}"; do
      if [[ $keys == NEWER ]]; then
        ((attempted)) && ! key_trouble && break           # not a matter of keys: a newer keyring won't help
        keys=$(newer_keyring) || { log "no newer debian-archive-keyring can be had from this machine's own suite"; continue; }
      fi
      attempted=1
      prepare_apt "$uri" "$keys"
      if update; then return 0; fi
      key_trouble || break
    done
    log "suite $SUITE cannot be read from one of this machine's mirrors:"
    { grep -E '^(W|E|Err)' "$WORK/update.log" || true; } | head -4 | sed 's/^/  /' >&2
  done <<<"$list"
  if [[ -f $WORK/update.log ]] && key_trouble; then
    die 5 "the index of suite $SUITE is signed with a key this machine does not hold; update package debian-archive-keyring, or set WWDB_APT_KEYRING"
  fi
  die 5 "suite $SUITE cannot be read from any mirror in this machine's apt sources"
}

download() {
  local attempt
  for attempt in 1 2 3; do
    if private_apt -q -y --no-install-recommends --download-only install "${PACKAGES[@]}" >"$WORK/download.log" 2>&1; then return 0; fi
    if grep -qE 'Unable to locate package|has no installation candidate|unmet dependencies|not installable' "$WORK/download.log"; then
      grep -E '^(E:| )' "$WORK/download.log" | head -12 >&2
      die 6 "suite $SUITE offers no installable ${PACKAGES[*]} for $ARCH right now (unstable shifts; try again later, or set WWDB_APT_SUITE)"
    fi
    sleep $((attempt * 3)); update || true                # a mirror in mid-synchronisation: fresh indexes, then again
  done
  tail -5 "$WORK/download.log" >&2
  die 6 "could not download ${PACKAGES[*]} from suite $SUITE in 3 attempts"
}

# ---------------------------------------------------------------- unpack
unpack() { # DEB...
  local deb name version
  mkdir -p "$STAGE"; : >"$STAGE/.provisioned"
  for deb in "$@"; do
    name=$(dpkg-deb -f "$deb" Package); version=$(dpkg-deb -f "$deb" Version)
    printf 'package %s %s\n' "$name" "$version" >>"$STAGE/.provisioned"
    # perl is needed by one helper script only (mysqldumpslow); the server does not load it.
    case $name in perl|perl-base|perl-modules-*|libperl5*|libgdbm*|libdb5*) continue ;; esac
    dpkg-deb -x "$deb" "$STAGE" || die 6 "cannot unpack $name"
  done
  rm -rf "$STAGE"/usr/share/{doc,man,locale,lintian,bug,gdb} "$STAGE"/var "$STAGE"/usr/lib/udev
}
launcher() { # NAME PROGRAM LOADER LIBRARY_PATH
  {
    printf '%s\n' '#!/bin/sh' '# made by provision-mysql.sh; may be moved with its whole prefix' \
      'P=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")'
    if [[ $1 == mysqld ]]; then
      # What every run needs, and no my.cnf of this machine unless the caller names one.
      printf '%s\n' 'case ${1-} in --no-defaults|--defaults-file=*|--defaults-extra-file=*) D=$1; shift ;; *) D=--no-defaults ;; esac' \
        'set -- "$D" --basedir="$P/usr" --lc-messages-dir="$P/usr/share/mysql" --character-sets-dir="$P/usr/share/mysql/charsets" --plugin-dir="$P/usr/lib/mysql/plugin" --secure-file-priv= "$@"'
    fi
    printf 'exec "$P/%s" --library-path "%s" --argv0 "$P/%s" "$P/%s" "$@"\n' "$3" "$4" "$2" "$2"
  } >"$STAGE/bin/$1"
  chmod 755 "$STAGE/bin/$1"
}
make_launchers() {
  local loader libraries program name
  loader=$(cd "$STAGE" && ls -d usr/lib64/ld-linux*.so.* lib64/ld-linux*.so.* usr/lib/*/ld-linux*.so.* usr/lib/ld-linux*.so.* lib/ld-linux*.so.* 2>/dev/null | head -1 || true)
  [[ -n $loader ]] || die 7 'there is no dynamic loader among the unpacked packages'
  libraries=$(find "$STAGE" -name '*.so*' \( -type f -o -type l \) -printf '%h\n' | sort -u | sed "s#^$STAGE/##" |
    grep -E '(^|/)(lib|lib64)(/[a-z0-9_]+-linux-gnu[a-z0-9]*)?$|/mysql/private$|/mysql-router$' | sed 's#^#$P/#' | paste -sd:)
  mkdir -p "$STAGE/bin"
  # For whoever must run another program on these libraries.
  printf '%s\n' "$loader" >"$STAGE/.loader"
  printf '%s\n' "$libraries" | sed 's#\$P/##g' >"$STAGE/.libraries"
  for program in "$STAGE"/usr/sbin/mysqld "$STAGE"/usr/bin/mysql* "$STAGE"/usr/bin/{my_print_defaults,ibd2sdi,innochecksum,perror}; do
    [[ -f $program && -x $program && $(head -c4 "$program" | tail -c3) == ELF ]] || continue
    name=${program##*/}
    launcher "$name" "${program#"$STAGE"/}" "$loader" "$libraries"
  done
}

choose_mirror
log "fetching ${PACKAGES[*]} from Debian's suite $SUITE"
download
shopt -s nullglob
debs=("$APT"/cache/archives/*.deb)
((${#debs[@]})) || die 6 'apt reported success, but left no packages in its private cache (a Dir::Cache setting of this machine?)'
unpack "${debs[@]}"
make_launchers
works "$STAGE" || die 7 "unpacked, but the programs do not run: $("$STAGE/bin/mysqld" --version 2>&1 | head -2)"
old=
if [[ -e $PREFIX ]]; then old=$PREFIX.old.$$; mv -- "$PREFIX" "$old"; fi
mv -- "$STAGE" "$PREFIX"
[[ -z $old ]] || rm -rf -- "$old"
works "$PREFIX" || die 7 "it worked in staging, but not in $PREFIX"
finish
