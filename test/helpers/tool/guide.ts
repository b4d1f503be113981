import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { env } from 'node:process'
import type { Stage } from './stage.ts'
import type { ToolRun } from './tool.ts'

/** A fenced block of a page: its language, what stands behind that, and its text. */
export interface GuideBlock {
  readonly language: string
  readonly label: string
  readonly text: string
}

/** A command of a page: what it must end with, and the lines that it must print. */
export interface GuideCommand {
  readonly line: string
  readonly exitCode: number
  readonly says: readonly string[]
  readonly silent: boolean
}

/** Where the commands of a page run: its servers by the names that the page gives them. */
export interface GuideSetting {
  readonly stage: Stage
  readonly servers: Readonly<Record<string, string>>
  /** The folder with the programs of MySQL's client. */
  readonly clients: string
}

/** Flags whose value is the name of a schema, or begins one. */
const named = new Set(['--confirm', '--prefix'])

const root = resolve(import.meta.dirname, '../../..')

export function readBlocks(page: string): readonly GuideBlock[] {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)]
  if (blocks.length * 2 !== text.match(/^```/gm)?.length) throw new Error(`${page} has a block without a language`)
  return blocks.map(([, language = '', label = '', body = '']) => ({ language, label, text: body }))
}

/** The commands of a block: of `console` the lines behind `$ `, with what they print; of `sh` every line. */
export function readCommands({ language, text }: GuideBlock): readonly GuideCommand[] {
  if (language === 'sh') return joinLines(text).flatMap((line) => readCommand(line, []))
  return text.split(/^\$ /m).flatMap((part) => {
    const [line = '', ...says] = part.trimEnd().split('\n')
    return readCommand(line, says)
  })
}

function readCommand(typed: string, says: readonly string[]): readonly GuideCommand[] {
  const [, code = '0'] = /#.*\bends with (\d+)/.exec(typed) ?? []
  const line = typed.replace(/\s+#\s.*$|^#.*$/, '').trim()
  return line === ''
    ? []
    : [
        {
          line,
          exitCode: Number(code),
          says: says.filter((text) => text.trim() !== '...'),
          silent: /#.*\bprints nothing/.test(typed),
        },
      ]
}

/** A line that ends with a backslash is continued on the next one. */
function joinLines(text: string): readonly string[] {
  return text.replaceAll(/\\\n\s*/g, '').split('\n')
}

/** The words of a command of wwdb, with the file that its answer goes to. */
export function readWords(line: string): { readonly words: readonly string[]; readonly file: string | null } {
  const [, command = line, file = null] = /^(.*?)\s+> (\S+)$/.exec(line) ?? []
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, one, two, three]) => one ?? two ?? three ?? '',
  )
  return { words: words.filter((word) => word !== 'npx').slice(1), file }
}

/** What a test does between the commands of a page. */
interface GuideMeanwhile {
  readonly before: (line: string) => Promise<void>
}

/** Runs a page from its first block to its last; what is wrong is a list of sentences. */
export async function runGuide(
  page: string,
  setting: GuideSetting,
  meanwhile?: GuideMeanwhile,
): Promise<readonly string[]> {
  const faults: string[] = []
  writeClients(setting)
  for (const block of readBlocks(page)) {
    const [, file] = /^file=(\S+)$/.exec(block.label) ?? []
    if (file !== undefined) setting.stage.write(file, fitFile(file, block.text, setting))
    else if (block.language === 'sql') await runSql(block.text, setting)
    else if (['sh', 'console'].includes(block.language) && block.label !== 'elsewhere')
      for (const command of readCommands(block)) {
        await meanwhile?.before(command.line)
        faults.push(...(await runCommand(command, setting)))
      }
    if (faults.length > 0) return faults
  }
  return faults
}

async function runSql(text: string, { stage }: GuideSetting): Promise<void> {
  for (const statement of text.split(/;\n/).filter((part) => part.trim() !== '')) await stage.query(statement)
}

async function runCommand(command: GuideCommand, setting: GuideSetting): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runLine(command.line, setting)
  const printed = generalize(`${stdout}\n${stderr}`, setting)
  const lines = new Set(printed.split('\n').map((line) => line.trim()))
  const missing = command.says.filter((line) => !lines.has(generalize(line, setting).trim()))
  const asked = !command.silent || printed.trim() === ''
  if (exitCode === command.exitCode && missing.length === 0 && asked) return []
  const why = missing.length === 0 ? '' : `, and does not print\n${missing.join('\n')}`
  return [`${command.line}\nends with ${exitCode}${why}\nIt prints:\n${printed}`]
}

async function runLine(line: string, setting: GuideSetting): Promise<Omit<ToolRun, 'signal'>> {
  const { stage } = setting
  if (/^(npx )?wwdb /.test(line)) {
    const { words, file } = readWords(line)
    const run = await stage.run(
      words.map((word, index) => (named.has(words[index - 1] ?? '') ? stage.prefix + word : word)),
    )
    if (file !== null) writeFileSync(join(stage.folder, file), run.stdout)
    return run
  }
  const path = `${join(stage.folder, '.clients')}:${env['PATH'] ?? ''}`
  const run = spawnSync('sh', ['-c', line], { cwd: stage.folder, env: { ...env, PATH: path }, encoding: 'utf8' })
  return { exitCode: run.status, stdout: run.stdout, stderr: run.stderr }
}

/** The programs of MySQL's client under their own names: they find the servers and schemas of the page. */
function writeClients({ stage, servers, clients }: GuideSetting): void {
  const folder = join(stage.folder, '.clients')
  mkdirSync(folder, { recursive: true })
  const hosts = Object.entries(servers).map(([name, url]) => {
    const { hostname, port } = new URL(url)
    return `--host=${name.split(':')[0]}) set -- "$@" --host=${hostname} --port=${port} ;;`
  })
  for (const program of ['mysql', 'mysqldump']) {
    const text = `#!/bin/sh
for word in "$@"; do
  shift
  case $word in
    ${hosts.join('\n    ')}
    *_db|shop|*_shop) set -- "$@" ${stage.prefix}"$word" ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec '${join(clients, program)}' --no-defaults --user=root "$@"
`
    writeFileSync(join(folder, program), text)
    chmodSync(join(folder, program), 0o755)
  }
}

/** A configuration gets the servers of the test, and its prefix before every prefix. */
function fitFile(file: string, text: string, { stage, servers }: GuideSetting): string {
  const fitted = Object.entries(servers).reduce((all, [name, url]) => all.replaceAll(name, new URL(url).host), text)
  if (file !== 'wwdb.config.json') return fitted
  const config = JSON.parse(fitted) as Configuration
  const environments = Object.entries(config.environments ?? {}).map(([name, values]) => [
    name,
    values.prefix === undefined ? values : { ...values, prefix: stage.prefix + values.prefix },
  ])
  return JSON.stringify({
    ...config,
    prefix: stage.prefix + (config.prefix ?? ''),
    ...(config.environments === undefined ? {} : { environments: Object.fromEntries(environments) }),
  })
}

interface Configuration {
  readonly prefix?: string
  readonly environments?: Readonly<Record<string, { readonly prefix?: string }>>
}

/** What differs from run to run: servers, the prefix, times, and how long a thing took. */
function generalize(text: string, { stage, servers }: GuideSetting): string {
  const named = Object.entries(servers).reduce((all, [name, url]) => all.replaceAll(new URL(url).host, name), text)
  return named
    .replaceAll(stage.prefix, '')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')
    .replaceAll(/\b\d{14}\b/g, 'VERSION')
    .replaceAll(/\b[\d.]+ m?s\b/g, 'DURATION')
    .replaceAll(/ {2,}/g, '  ')
}
