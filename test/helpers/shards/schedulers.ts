import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { fetchPackages } from '../../../src/sandbox/programs.ts'

/** How a scheduled command ended. */
export interface ScheduledRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the last entry of a crontab as cron does (crontab(5)): with nothing in the environment but HOME, LOGNAME and what the crontab sets, by
 * its SHELL, in HOME; an unescaped `%` ends the command, and what follows is its stdin.
 */
export function runAsCron(crontab: string): ScheduledRun {
  const lines = crontab.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const variables: Record<string, string> = { HOME: '/', LOGNAME: 'root', SHELL: '/bin/sh' }
  for (const line of lines) {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined) variables[name] = value
  }
  const entry = lines.at(-1) ?? ''
  const text = entry.split(' ').slice(5).join(' ')
  const [command = '', ...input] = text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  const options = { env: variables, cwd: '/', input: input.join('\n'), encoding: 'utf8' } as const
  return spawnSync(variables['SHELL'] ?? '', ['-c', command], options)
}

/**
 * Runs a service of `Type=oneshot` as systemd does (systemd.service(5), systemd.exec(5)): its EnvironmentFile and a PATH are all
 * the environment, each Exec line is split into words without a shell, and the first that fails ends it.
 */
export function runAsService(unit: string): ScheduledRun {
  const valuesOf = (key: string): readonly string[] =>
    unit.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
  const files = valuesOf('EnvironmentFile').map((path) => readFileSync(path.replaceAll('%%', '%'), 'utf8'))
  const variables = Object.fromEntries(files.flatMap(readEnvironmentFile))
  const options = {
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', ...variables },
    cwd: (valuesOf('WorkingDirectory')[0] ?? '/').replaceAll('%%', '%'),
    encoding: 'utf8',
  } as const
  let run: ScheduledRun = { status: null, stdout: '', stderr: '' }
  for (const line of [...valuesOf('ExecStartPre'), ...valuesOf('ExecStart')]) {
    const [program = '', ...words] = wordsOf(line)
    run = spawnSync(program, words, options)
    if (run.status !== 0) return run
  }
  return run
}

/** Lines NAME="value": inside double quotes a backslash stands before `"`, `\`, `$` and the backtick (parse_env_file of systemd). */
function readEnvironmentFile(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/^(\w+)="((?:[^"\\]|\\.)*)"$/gms)].map(([, name = '', value = '']) => [
    name,
    value.replaceAll(/\\(["\\$`])/g, '$1'),
  ])
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll(/\\(["\\])/g, '$1') ?? plain ?? '').replaceAll('%%', '%').replaceAll('$$', '$'),
  )
}

/** Real schedulers of Debian's packages, unpacked into the cache. */
export interface Schedulers {
  /** A cron daemon with this crontab alone, in file systems of its own; null where that needs rights that this process lacks. */
  readonly startCron: ((crontab: string) => ChildProcess) | null
  /** What `systemd-analyze verify` says about these files, and nothing about those of the machine. */
  readonly verifyUnits: (paths: readonly string[]) => string
}

/** Null on a machine without Debian's packages. */
export async function findSchedulers(): Promise<Schedulers | null> {
  const prefix = await fetchPackages('schedulers', ['cron', 'systemd'])
  if (prefix === null) return null
  const read = (file: string): string => readFileSync(join(prefix, file), 'utf8').trim()
  const libraries = read('.libraries')
    .split(':')
    .flatMap((folder) => [join(prefix, folder), join(prefix, folder, 'systemd')])
  const launch = [join(prefix, read('.loader')), '--library-path', libraries.join(':')]
  const [loader = '', ...words] = launch
  return {
    startCron: mayMount() ? (crontab) => startCron([...launch, join(prefix, 'usr/sbin/cron')], crontab) : null,
    verifyUnits: (paths) => {
      const program = join(prefix, 'usr/bin/systemd-analyze')
      const { stdout, stderr } = spawnSync(loader, [...words, program, 'verify', ...paths], { encoding: 'utf8' })
      const lines = `${stdout}${stderr}`.split('\n')
      return lines.filter((line) => paths.some((path) => line.includes(path)) || line.includes('loader')).join('\n')
    },
  }
}

function mayMount(): boolean {
  return geteuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
}

/** The daemon knows its folders by fixed paths: it gets empty ones over those of the machine, which see nothing of it. */
function startCron(command: readonly string[], crontab: string): ChildProcess {
  const script = [
    'set -e',
    'mount --make-rprivate /',
    'mount -t tmpfs none /var/spool && mkdir -p /var/spool/cron/crontabs && chmod 1730 /var/spool/cron/crontabs',
    'cat > /var/spool/cron/crontabs/root && chmod 600 /var/spool/cron/crontabs/root',
    'mount -t tmpfs none /run',
    'if [ -d /etc/cron.d ]; then mount -t tmpfs none /etc/cron.d; fi',
    'if [ -e /etc/crontab ]; then mount --bind /dev/null /etc/crontab; fi',
    'exec "$@" -f',
  ]
  const child = spawn('unshare', ['-m', 'sh', '-c', script.join('\n'), 'sh', ...command], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin?.end(crontab)
  return child
}
