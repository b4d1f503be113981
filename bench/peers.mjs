import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environment, interleave, launcher, median, print, withServer } from './harness.mjs'
import { fetchPeers } from './peer-tools.mjs'
import { createEntries, createTable, insertRow, makeProject, migrations, resetSchemas } from './project.mjs'

/** @typedef {import('./project.mjs').Migration} Migration */
/** @typedef {{seconds: number, cpu: number}} Took */

const five = [1, 2, 3, 4, 5].map((number) => `peers_five_${number}`)

/** @type {readonly {name: string, databases: Readonly<Record<string, readonly Migration[]>>, isIdle: boolean}[]} */
const standards = [
  { name: '100 tables', databases: { peers_tables: migrations(100, createTable) }, isIdle: false },
  {
    name: 'over five databases',
    databases: Object.fromEntries(five.map((one) => [one, migrations(20, createTable)])),
    isIdle: false,
  },
  { name: '1,000 rows', databases: { peers_rows: [createEntries, ...migrations(1000, insertRow)] }, isIdle: false },
  {
    name: 'nothing to do, five',
    databases: Object.fromEntries(five.map((one) => [one, migrations(20, createTable)])),
    isIdle: true,
  },
  {
    name: 'nothing to do, 1,000',
    databases: { peers_rows: [createEntries, ...migrations(1000, insertRow)] },
    isIdle: true,
  },
]

/** Other tools beside wwdb, in the same rounds: one table with seconds, the ratio to the `mysql` client, and CPU seconds of the tool's own processes. */
export async function comparePeers() {
  const { peers, missing } = await fetchPeers()
  await withServer(async ({ server, rounds }) => {
    /** @type {ReadonlyMap<string, Took>[]} */
    const took = []
    for (const standard of standards) {
      process.stderr.write(`measuring ${standard.name}\n`)
      took.push(await measureStandard(server, rounds, standard, peers))
    }
    const tools = [...(took[0]?.keys() ?? [])]
    printMarkdown(
      ['tool', ...standards.map(({ name }) => name)],
      tools.map((tool) => [tool, ...took.map((one) => describe(one.get(tool), one.get('mysql client')))]),
    )
    for (const one of missing) print(`left out: ${one}\n`)
  })
}

/** @param {Took | undefined} own @param {Took | undefined} client */
function describe(own, client) {
  if (own === undefined) return ''
  const ratio = client === undefined ? '' : ` (${(own.seconds / client.seconds).toFixed(2)})`
  return `${own.seconds.toFixed(3)}${ratio}, CPU ${own.cpu.toFixed(2)}`
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {number} rounds
 * @param {(typeof standards)[number]} standard
 * @param {readonly import('./peer-tools.mjs').Peer[]} peers
 * @returns {Promise<ReadonlyMap<string, Took>>}
 */
async function measureStandard(server, rounds, { name, databases, isIdle }, peers) {
  const place = name.replaceAll(/\W+/g, '-')
  const project = await makeProject(server, `peers-${place}`, databases)
  const schemas = Object.keys(databases)
  /** @type {Map<string, number[]>} */
  const cpu = new Map()
  /** @param {string} tool @param {readonly (readonly string[])[]} commands @param {string} [input] */
  const contestant = (tool, commands, input) => {
    const run = async () => {
      let total = 0
      for (const command of commands) total += await runCounted(command, input)
      cpu.set(tool, [...(cpu.get(tool) ?? []), total])
    }
    return { name: tool, ...(!isIdle && { prepare: () => resetSchemas(server, schemas) }), run }
  }
  const wwdb = contestant('wwdb', [[process.execPath, launcher, 'migrate', '--config', project.config]])
  const others = []
  for (const { name: tool, layout, command } of peers) {
    const folders = await writeLayout(join(server.directory, `${layout}-${place}`), layout, databases)
    others.push(
      contestant(
        tool,
        folders.map(({ schema, folder }) => command({ port: server.port, schema, folder })),
      ),
    )
  }
  const client = contestant('mysql client', [[server.client, ...server.login]], project.script)
  if (!isIdle) {
    const seconds = await interleave(rounds, [client, wwdb, ...others])
    return summarize(seconds, cpu)
  }
  // Each has a history of its own: its schemas are made before its own rounds.
  /** @type {Map<string, Took>} */
  const took = new Map()
  for (const one of [wwdb, ...others.filter((other) => other.name !== 'mysql2 alone')]) {
    await resetSchemas(server, schemas)
    await one.run()
    cpu.delete(one.name)
    const seconds = await interleave(rounds, [one])
    for (const [tool, figures] of summarize(seconds, cpu)) took.set(tool, figures)
    cpu.clear()
  }
  return took
}

/** @param {(name: string) => number} seconds @param {ReadonlyMap<string, readonly number[]>} cpu */
function summarize(seconds, cpu) {
  // The first round does not count.
  return new Map([...cpu].map(([tool, all]) => [tool, { seconds: seconds(tool), cpu: median(all.slice(1)) }]))
}

/**
 * The same files in the layout of a tool; one folder a schema.
 * @param {string} root
 * @param {import('./peer-tools.mjs').Peer['layout']} layout
 * @param {Readonly<Record<string, readonly Migration[]>>} databases
 */
async function writeLayout(root, layout, databases) {
  const folders = []
  for (const [schema, list] of Object.entries(databases)) {
    const folder = join(root, schema)
    await mkdir(folder, { recursive: true })
    for (const [index, { name, up, down }] of list.entries()) {
      const file = join(folder, `${String(index + 1).padStart(4, '0')}_${name}`)
      if (layout === 'ours') await writeFile(`${file}.sql`, `-- migrate:up\n${up}\n-- migrate:down\n${down}`)
      else if (layout === 'goose') await writeFile(`${file}.sql`, `-- +goose Up\n${up}\n-- +goose Down\n${down}`)
      else {
        await writeFile(`${file}.up.sql`, up)
        await writeFile(`${file}.down.sql`, down)
      }
    }
    folders.push({ schema, folder })
  }
  return folders
}

/**
 * Runs a command to its end; returns the CPU seconds of it and its children, which a shell's `times` reports behind it.
 * @param {readonly string[]} command
 * @param {string} [input] a file for its standard input
 * @returns {Promise<number>}
 */
function runCounted(command, input = '/dev/null') {
  const shell = 'input=$1; shift; "$@" <"$input" >/dev/null; code=$?; times >&3; exit $code'
  return new Promise((settle, fail) => {
    const child = spawn('sh', ['-c', shell, 'sh', input, ...command], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: environment(),
    })
    let said = ''
    let times = ''
    child.stderr?.on('data', (data) => {
      said = (said + String(data)).slice(-2000)
    })
    child.stdio[3]?.on('data', (data) => {
      times += String(data)
    })
    child.once('error', fail)
    child.once('close', (code) => {
      if (code !== 0) fail(new Error(`${command.join(' ')} ended with ${code}:\n${said}`))
      else settle(readTimes(times))
    })
  })
}

/** The second line is of the shell's children: `0m0.120000s 0m0.030000s`. @param {string} times */
function readTimes(times) {
  const spent = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return spent.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function printMarkdown(head, rows) {
  print(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n`)
  for (const row of rows) print(`| ${row.join(' | ')} |\n`)
}
