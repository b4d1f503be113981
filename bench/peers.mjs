import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { environment, interleave, launcher, median, print, withServer } from './harness.mjs'
import { fetchPeers } from './peer-tools.mjs'
import { createEntries, createTable, insertRow, makeProject, migrations, resetSchemas } from './project.mjs'

/** @typedef {import('./project.mjs').Migration} Migration */
/** @typedef {{seconds: number, cpu: number}} Took */

const five = [1, 2, 3, 4, 5].map((number) => `peers_five_${number}`)

/**
 * Each is a column of docs/start/compare.md. `goal` is what wwdb may take beside mysql2 alone: a ratio, or seconds more where nothing is to be done (decision 0041).
 * @type {readonly {name: string, databases: Readonly<Record<string, readonly Migration[]>>, isIdle: boolean, goal: number}[]}
 */
const standards = [
  {
    name: '100 `CREATE TABLE` files',
    databases: { peers_tables: migrations(100, createTable) },
    isIdle: false,
    goal: 1.15,
  },
  {
    name: 'over five databases',
    databases: Object.fromEntries(five.map((one) => [one, migrations(20, createTable)])),
    isIdle: false,
    goal: 0.75,
  },
  {
    name: '1,000 one-row `INSERT` files',
    databases: { peers_rows: [createEntries, ...migrations(1000, insertRow)] },
    isIdle: false,
    goal: 1.25,
  },
  {
    name: 'nothing to do, five databases',
    databases: Object.fromEntries(five.map((one) => [one, migrations(20, createTable)])),
    isIdle: true,
    goal: 0.04,
  },
  {
    name: 'nothing to do, 1,000 applied',
    databases: { peers_rows: [createEntries, ...migrations(1000, insertRow)] },
    isIdle: true,
    goal: 0.06,
  },
]

/** Processor time of wwdb for the first standard, as a ratio to that of mysql2 alone. */
const cpuGoal = 1.75

const [client, alone, own, node] = ['mysql client', 'mysql2 alone', 'wwdb', 'node -e 0']

/**
 * Other tools beside wwdb, in the same rounds: the table of docs/start/compare.md, and below it what wwdb took each time beside the driver alone, with
 * its goals. In runs with nothing to do, the driver logs in once and asks one question.
 * `WWDB_BENCH_PASSES` (1) sets how often everything is measured; the first table has the medians of all. `WWDB_BENCH_TOOLS` names the others that run, with commas.
 */
export async function comparePeers() {
  const wanted = process.env['WWDB_BENCH_TOOLS']
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const { peers, missing } = await fetchPeers(wanted)
  const passes = Number(process.env['WWDB_BENCH_PASSES'] ?? 1)
  await withServer(async ({ server, rounds }) => {
    /** @type {(readonly ReadonlyMap<string, Took>[])[]} by pass, by standard */
    const took = []
    for (let pass = 1; pass <= passes; pass += 1) {
      const measured = []
      for (const standard of standards) {
        process.stderr.write(`measuring ${standard.name}, ${pass} of ${passes}\n`)
        measured.push(await measureStandard(server, rounds, standard, peers, pass))
      }
      took.push(measured)
    }
    const named = new Set(took.flatMap((measured) => measured.flatMap((one) => [...one.keys()])))
    const others = [...named].filter((tool) => ![client, alone, own, node].includes(tool))
    const tools = [client, alone, ...others, own].filter((tool) => named.has(tool))
    const all = standards.map((_, standard) => mergeTook(took.map((measured) => measured[standard] ?? new Map())))
    printMarkdown(
      ['tool', ...standards.map(({ name }) => name), 'CPU, 100 files'],
      tools.map((tool) => [
        tool,
        ...standards.map((standard, index) => describe(standard, tool, all[index] ?? new Map())),
        inPlaces(all[0]?.get(tool)?.cpu, 2),
      ]),
    )
    print('\n')
    printMarkdown(
      [`${own} beside ${alone}`, 'goal', ...took.map((_, pass) => `${pass + 1}`)],
      [
        ...standards.map((standard, index) => [
          standard.name,
          standard.isIdle ? `+${standard.goal} s` : `${standard.goal}`,
          ...took.map((measured) => compareWithGoal(standard, measured[index] ?? new Map())),
        ]),
        [
          'CPU, 100 files',
          `${cpuGoal}`,
          ...took.map((measured) => describeRatio(measured[0]?.get(own)?.cpu, measured[0]?.get(alone)?.cpu)),
        ],
      ],
    )
    for (const one of missing) print(`left out: ${one}\n`)
  })
}

/** @param {number | undefined} value @param {number} places */
const inPlaces = (value, places) => (value === undefined ? '' : value.toFixed(places))

/** The medians of several passes. @param {readonly ReadonlyMap<string, Took>[]} passes @returns {ReadonlyMap<string, Took>} */
function mergeTook(passes) {
  const tools = new Set(passes.flatMap((one) => [...one.keys()]))
  return new Map(
    [...tools].map((tool) => {
      const took = passes.flatMap((one) => one.get(tool) ?? [])
      return [tool, { seconds: median(took.map((one) => one.seconds)), cpu: median(took.map((one) => one.cpu)) }]
    }),
  )
}

/** The client in seconds, the others as ratio to it; without work, all in seconds. @param {(typeof standards)[number]} standard @param {string} tool @param {ReadonlyMap<string, Took>} took */
function describe({ isIdle }, tool, took) {
  const [mine, reference] = [took.get(tool)?.seconds, took.get(client)?.seconds]
  if (mine === undefined) return ''
  if (isIdle || reference === undefined) return inPlaces(mine, 3)
  return tool === client ? `${mine.toFixed(2)} s` : (mine / reference).toFixed(2)
}

/** @param {(typeof standards)[number]} standard @param {ReadonlyMap<string, Took>} took */
function compareWithGoal({ isIdle }, took) {
  const [mine, reference] = [took.get(own)?.seconds, took.get(alone)?.seconds]
  if (!isIdle) return describeRatio(mine, reference)
  return mine === undefined || reference === undefined ? '' : `+${(mine - reference).toFixed(3)}`
}

/** @param {number | undefined} mine @param {number | undefined} reference */
const describeRatio = (mine, reference) =>
  mine === undefined || reference === undefined ? '' : (mine / reference).toFixed(2)

/**
 * @param {import('./server.mjs').Server} server
 * @param {number} rounds
 * @param {(typeof standards)[number]} standard
 * @param {readonly import('./peer-tools.mjs').Peer[]} peers
 * @param {number} pass
 * @returns {Promise<ReadonlyMap<string, Took>>}
 */
async function measureStandard(server, rounds, { name, databases, isIdle }, peers, pass) {
  const place = `${pass}-${name.replaceAll(/\W+/g, '-')}`
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
  const wwdb = contestant(own, [[process.execPath, launcher, 'migrate', '--config', project.config]])
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
  const reference = contestant(client, [[server.client, ...server.login]], project.script)
  if (!isIdle) {
    const seconds = await interleave(rounds, [reference, wwdb, ...others])
    return summarize(seconds, cpu)
  }
  // Each tool has a history of its own: its schemas are made before its own rounds. What wwdb is judged by runs in its rounds, which are short, so that there are more of them.
  /** @type {Map<string, Took>} */
  const took = new Map()
  const start = contestant(node, [[process.execPath, '-e', '0']])
  const floor = contestant(alone, [[process.execPath, join(import.meta.dirname, 'peer-mysql2-asks.mjs'), server.url]])
  const groups = [[wwdb, floor, start], ...others.filter((other) => other.name !== alone).map((other) => [other])]
  for (const group of groups) {
    await resetSchemas(server, schemas)
    for (const one of group) await one.run()
    cpu.clear()
    const seconds = await interleave(group.length * rounds, group)
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
