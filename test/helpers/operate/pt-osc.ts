import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pid } from 'node:process'
import { fetchPackages, findOnPath } from '../../../src/sandbox/programs.ts'

const name = 'pt-online-schema-change'
const packages = ['percona-toolkit', 'libdbi-perl', 'libdbd-mysql-perl', 'libterm-readkey-perl'] as const
const question = { words: ['--version'], pattern: /(\d+\.\d+\.\d+)/ }

/**
 * The folder of a pt-online-schema-change that runs: Debian's packages unpacked into the cache, else what is on PATH. Its modules are made for the perl of their
 * suite, so they come from the machine's own.
 */
export async function findPtOsc(): Promise<string> {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1]
  const prefix = suite === undefined ? null : await fetchPackages('pt-osc', packages, undefined, suite)
  if (prefix !== null) return makeLauncher(prefix)
  const found = await findOnPath(name, question, () => true)
  if (found !== null) return join(found.command[0], '..')
  throw new Error(`no ${name} can be had: this machine has no packages of Debian, and none on PATH`)
}

/** A folder with the program alone, which finds its modules and the library that one of them loads. */
async function makeLauncher(prefix: string): Promise<string> {
  const [programs, libraries] = [join(prefix, 'launch'), join(prefix, 'launch-lib')]
  await mkdir(programs, { recursive: true })
  await mkdir(libraries, { recursive: true })
  const paths = (await readFile(join(prefix, '.libraries'), 'utf8')).trim().split(':')
  // Not the folder itself: it has a libc as well.
  const library = paths.map((folder) => join(prefix, folder, 'libmariadb.so.3')).find((path) => existsSync(path))
  if (library === undefined) throw new Error(`there is no libmariadb.so.3 in ${prefix}`)
  // Another worker may make it at the same time.
  await symlink(library, join(libraries, 'libmariadb.so.3')).catch(() => undefined)
  const perl = 'perl -MConfig -e \'print $Config{archname}, " ", $Config{version} =~ /^(\\d+[.]\\d+)/\''
  const text = `#!/bin/sh
set -- $(${perl}) "$@"
arch=$1; version=$2; shift 2
arch=\${arch%-thread-multi}
export PERL5LIB="${prefix}/usr/lib/$arch/perl5/$version:${prefix}/usr/share/perl5"
export LD_LIBRARY_PATH="${libraries}" MARIADB_PLUGIN_DIR="${dirname(library)}/libmariadb3/plugin"
exec perl "${prefix}/usr/bin/${name}" "$@"
`
  const file = join(programs, name)
  await writeFile(`${file}.${pid}`, text)
  await chmod(`${file}.${pid}`, 0o755)
  await rename(`${file}.${pid}`, file)
  return programs
}

/** A copy that a test holds. */
interface HeldCopy {
  /** For the run of wwdb: its PATH has the tool that is held. */
  readonly environment: Readonly<Record<string, string>>
  /** Lets the tool copy. */
  readonly release: () => Promise<void>
}

/**
 * A pt-online-schema-change that creates its triggers and then waits until it is released: what a test does meanwhile comes before the copy, however slow the machine is.
 * @param folder one of the test's own
 */
export async function holdCopy(folder: string): Promise<HeldCopy> {
  const place = await mkdtemp(join(folder, 'held-'))
  const [gate, plugin, launcher] = [join(place, 'gate'), join(place, 'plugin.pm'), join(place, name)]
  await writeFile(gate, '')
  await writeFile(plugin, `${waiting(gate)}\n`)
  const real = join(await findPtOsc(), name)
  await writeFile(
    launcher,
    `#!/bin/sh\n[ "$1" = --version ] && exec "${real}" --version\nexec "${real}" "$@" --plugin="${plugin}"\n`,
  )
  await chmod(launcher, 0o755)
  return { environment: { PATH: `${place}:${process.env['PATH']}` }, release: () => rm(gate) }
}

const waiting = (gate: string): string => `package pt_online_schema_change_plugin;
sub new { my ($class, %rest) = @_; return bless {%rest}, $class; }
sub before_copy_rows { select(undef, undef, undef, 0.02) while -e '${gate}'; }
1;`
