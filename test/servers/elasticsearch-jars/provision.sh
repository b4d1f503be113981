#!/usr/bin/env bash
# Lays out a real Elasticsearch from the jars that its makers publish with Maven, and installs nothing.
#
#   provision.sh FOLDER      makes FOLDER-<digest of these sources>, called PREFIX below
#
# The published jars are the server, its HTTP transport, x-pack-core and x-pack-security. A few endpoints and the Chinese token filters live in modules
# that are not published: the Java sources beside this script put them over the jars' own services and over Lucene. PREFIX/home is what the
# launcher gets as its home, PREFIX/home/plugins holds analysis-smartcn, PREFIX/home/no-plugins nothing. x-pack-security is in
# PREFIX/home/security, from which the launcher takes it where `xpack.security.enabled` is set; its SAML is left out, as Maven Central has not what it is made of. The last line on stdout is PREFIX.
#
# Environment: WWDB_MAVEN_ARGS (further arguments of mvn).
# Exit: 0 PREFIX is ready; 2 usage; 3 a tool is missing (JDK 17, Maven, unzip); 6 download failed; 7 the sources did not compile.
set -Eeuo pipefail
export LC_ALL=C.UTF-8
umask 022

log() { printf '%s\n' "$*" >&2; }
die() { local code=$1; shift; printf 'ERROR: %s\n' "$*" >&2; exit "$code"; }
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(($# == 1)) || die 2 'usage: provision.sh FOLDER'
for tool in java javac jar mvn unzip flock realpath; do
  command -v "$tool" >/dev/null 2>&1 || die 3 "'$tool' is missing"
done
major=$(javac -version 2>&1 | sed -E 's/^javac ([0-9]+).*/\1/')
((major >= 17)) || die 3 "javac is of Java $major, 17 is needed"

SOURCES=$(cd -- "$(dirname -- "$0")" && pwd)
# What the sources are: another version of this tool makes another folder, and nodes that run from this one are not disturbed.
STAMP=$(cd "$SOURCES" && cat pom.xml ./*/*.java provision.sh | sha256sum | cut -c1-8)
PREFIX=$(realpath -m -- "$1")-$STAMP

mkdir -p -- "$(dirname -- "$PREFIX")"
exec 9>"$PREFIX.lock"
if ! flock -n 9; then log 'another run is fetching it; waiting'; flock -w 900 9 || die 3 "waited 900 s for $PREFIX.lock"; fi
if [[ -f $PREFIX/home/version ]]; then printf '%s\n' "$PREFIX"; exit 0; fi

# ---------------------------------------------------------------- fetch
STAGE=$PREFIX.stage
rm -rf -- "$STAGE"
mkdir -p "$STAGE"/home/{lib,config,plugins,no-plugins,classes,modules/{transport-netty4,x-pack-core,endpoints,analysis-common},security/x-pack-security}
cp "$SOURCES/pom.xml" "$STAGE/"
cd "$STAGE"
# shellcheck disable=SC2086
mvn -q -B ${WWDB_MAVEN_ARGS:-} dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$STAGE/home/lib" >&2 ||
  die 6 'Maven could not fetch the jars'
VERSION=$(basename home/lib/elasticsearch-8.*.jar .jar); VERSION=${VERSION#elasticsearch-}

# ---------------------------------------------------------------- lay out
cd home
security=security/x-pack-security
mv lib/{x-pack-security,nimbus-jose-jwt,oauth2-oidc-sdk,lang-tag,content-type,json-smart,accessors-smart,asm,guava,failureaccess,httpclient-cache}-[0-9]*.jar $security/
rm lib/{listenablefuture,checker-qual,error_prone_annotations,j2objc-annotations,jcip-annotations,jsr305,jakarta}*.jar
rm -f lib/{xmlsec,woodstox-core,stax2-api,metrics-core,cryptacular,joda-time}-*.jar
mv lib/{transport-netty4,netty}-*.jar modules/transport-netty4/
mv lib/{x-pack,http,commons-,unboundid,log4j-1.2-api,slf4j,log4j-slf4j2}*.jar modules/x-pack-core/
cp modules/transport-netty4/*.jar $security/
cp lib/elasticsearch-ssl-config-*.jar modules/transport-netty4/
mv lib/elasticsearch-ssl-config-*.jar modules/x-pack-core/
for module in transport-netty4 x-pack-core; do # on the class path, not the module path: without modulename
  unzip -p "modules/$module/$module-"*.jar "META-INF/es-plugins/$module/plugin-descriptor.properties" |
    grep -v '^modulename' > "modules/$module/plugin-descriptor.properties"
done

# Two services of it must be made by exactly its own plugin, which is extended below.
mkdir "$STAGE/classes.security"
(cd "$STAGE/classes.security" && unzip -q "$STAGE/home/$security"/x-pack-security-*.jar && rm META-INF/services/*{SlowLogFieldProvider,ReservedClusterStateHandlerProvider})
jar cf $security/x-pack-security-*.jar -C "$STAGE/classes.security" .

compile() { # SOURCE_FOLDER CLASS_PATH JAR
  local out
  out=$(mktemp -d "$STAGE/classes.XXXXXX")
  javac -nowarn -encoding UTF-8 -cp "$2" -d "$out" "$SOURCES/$1"/*.java 2>"$STAGE/javac.log" || { cat "$STAGE/javac.log" >&2; die 7 "$1 does not compile"; }
  jar cf "$3" -C "$out" .
}
describe() { # FOLDER NAME CLASS DESCRIPTION [FURTHER LINE]
  printf '%s\n' "name=$2" "classname=$3" "description=$4" "version=$VERSION" "elasticsearch.version=$VERSION" java.version=17 \
    ${5:+"$5"} > "$1/plugin-descriptor.properties"
}

javac -nowarn -encoding UTF-8 -cp 'lib/*' -d classes "$SOURCES"/launcher/*.java 2>"$STAGE/javac.log" || { cat "$STAGE/javac.log" >&2; die 7 'launcher does not compile'; }
compile endpoints 'lib/*:modules/x-pack-core/*' modules/endpoints/endpoints.jar
describe modules/endpoints endpoints wwdb.endpoints.EndpointsPlugin 'Endpoints of modules that are not published' extended.plugins=x-pack-core
compile analysis-common 'lib/*' modules/analysis-common/analysis-common.jar
describe modules/analysis-common analysis-common wwdb.analysis.CommonAnalysisPlugin 'Token filters of analysis-common'
compile security "lib/*:modules/x-pack-core/*:$security/*" $security/security.jar
describe $security x-pack-security org.elasticsearch.xpack.security.SecurityWithoutSaml 'Security without SAML' extended.plugins=x-pack-core
mkdir plugins/analysis-smartcn
mv lib/lucene-analysis-smartcn-*.jar plugins/analysis-smartcn/
compile analysis-smartcn 'lib/*:plugins/analysis-smartcn/*' plugins/analysis-smartcn/analysis-smartcn.jar
describe plugins/analysis-smartcn analysis-smartcn wwdb.smartcn.SmartChinesePlugin 'Smart Chinese analysis'

# ---------------------------------------------------------------- put in place
printf '%s\n' "$VERSION" > version
rm -rf -- "$STAGE"/classes.* "$STAGE/javac.log" "$PREFIX"
mv "$STAGE" "$PREFIX"
printf '%s\n' "$PREFIX"
